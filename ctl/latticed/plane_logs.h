/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines between workers, the readers of the log socket and the scribe. Belongs to the control
 * thread but for plane_logs_take().
 */
#ifndef LATTICE_LATTICED_PLANE_LOGS_H
#define LATTICE_LATTICED_PLANE_LOGS_H

#include "io/inbox.h"
#include "proxy/log_hub.h"
#include "steer/link.h"
#include "telemetry/scribe.h"

struct cJSON;

/* In the place of a worker, in messages to the broker; see PLANE_DNS. */
enum { PLANE_SCRIBE = LATTICE_WORKERS_MAX + 1 };

struct plane_logs {
	/* set once */
	struct inbox *inbox; /* the control thread's */
	int letter_kind;     /* of a letter for plane_logs_open() */
	struct scribe *scribe;

	struct log_hub hub;

	/* any thread */
	atomic_bool has_readers;
	atomic_size_t waiting;
	atomic_ullong dropped;
};

void plane_logs_take(struct plane_logs *p, struct log_batch *b);
void plane_logs_open(struct plane_logs *p, struct letter *l);
struct link_msg plane_logs_need_socket(uint16_t family, int type, uint64_t tag);
void plane_logs_give_socket(struct plane_logs *p, const struct link_msg *m, struct link_fds *fds);
void plane_logs_status(struct plane_logs *p, struct cJSON *into);

#endif
