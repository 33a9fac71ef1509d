/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets of the host's namespace for a thread of the plane, which may make none: socket_wish()
 * asks, and whoever speaks to the broker brings one with socket_desk_give() later.
 */
#ifndef LATTICE_TELEMETRY_SOCKET_DESK_H
#define LATTICE_TELEMETRY_SOCKET_DESK_H

#include "base/list.h"
#include "io/tls.h"
#include "model/hosts.h"

#include <stdint.h>

struct socket_desk {
	/* Bring an unconnected, nonblocking socket with @tag, which is not 0. */
	void (*ask)(void *ctx, uint16_t family, int type, uint64_t tag);
	void *ctx;

	/* What their users need beside; set after init, if at all. */
	struct hosts *hosts;	       /* where names lead; a reference. NULL: nowhere */
	SSL_CTX *client;	       /* NULL: TLS is not spoken */
	const struct tls_trust *trust; /* whom the system trusts */

	struct list wishes;
	uint64_t last_tag;
};

/* All-zero: nothing is wished for. */
struct socket_wish {
	struct list link;
	uint64_t tag;
	/* Owns @fd; below 0: there is none to be had. */
	void (*come)(struct socket_wish *w, int fd);
};

void socket_desk_init(struct socket_desk *d, void (*ask)(void *, uint16_t, int, uint64_t),
		      void *ctx);
void socket_wish(struct socket_desk *d, struct socket_wish *w, uint16_t family, int type);
void socket_wish_cancel(struct socket_wish *w);
void socket_desk_give(struct socket_desk *d, uint64_t tag, int fd);

#endif
