/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One health check over HTTP/1 or HTTP/2, plain or over TLS: check_start(), check_connect() when
 * there is a socket, then @done is called once with what the target answered, unless check_cancel()
 * came before.
 */
#ifndef LATTICE_HEALTH_CHECK_H
#define LATTICE_HEALTH_CHECK_H

#include "io/sock.h"
#include "io/stream.h"

#include <openssl/types.h>

struct check_h2;

/* All-zero but for @loop and @done is a check that does not run. */
struct check {
	struct loop *loop;
	/* The final response's @status, or 0 and @why there is none. */
	void (*done)(struct check *c, unsigned status, const char *why);

	bool is_h2;	  /* for the next check_connect(), as is */
	bool is_tls;	  /* this, with */
	SSL_CTX *context; /* NULL: it fails */

	struct stream s;
	struct check_h2 *h2;
	struct timer timeout;
	size_t scanned;
	bool is_running, has_socket, is_connected;
};

void check_start(struct check *c, uint64_t timeout_ms);
void check_connect(struct check *c, int fd, const struct sock_addr *addr, struct str path);
void check_cancel(struct check *c);

#endif
