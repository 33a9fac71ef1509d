/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers of the access log: whoever connects to the log socket gets every line from then on. A
 * reader that does not keep up loses lines, is told how many, and never slows a request.
 * Belongs to the control thread but for log_hub_write_now().
 */
#ifndef LATTICE_PROXY_LOG_HUB_H
#define LATTICE_PROXY_LOG_HUB_H

#include "io/loop.h"
#include "telemetry/log_batch.h"

#include <pthread.h>

struct log_hub {
	struct loop *loop;
	struct watch listener;
	void (*has_changed)(struct log_hub *h); /* there are readers now, or none; may be NULL */

	/* lock; the count is changed by the control thread alone */
	pthread_mutex_t lock;
	struct list readers;
	unsigned reader_count;
};

int log_hub_init(struct log_hub *h, struct loop *l, int listen_fd);
void log_hub_fini(struct log_hub *h);
void log_hub_write(struct log_hub *h, struct log_batch *b);
bool log_hub_write_now(struct log_hub *h, struct log_batch *b);

#endif
