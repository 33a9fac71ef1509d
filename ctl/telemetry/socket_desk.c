/* SPDX-License-Identifier: Apache-2.0 */
/* A wish that was given up leaves its tag behind; the socket that comes for it is closed. */
#include "telemetry/socket_desk.h"

#include <unistd.h>

void socket_desk_init(struct socket_desk *d, void (*ask)(void *, uint16_t, int, uint64_t),
		      void *ctx)
{
	*d = (struct socket_desk){ .ask = ask, .ctx = ctx };
	list_init(&d->wishes);
}

/* Wish for a socket; @w->come is set, and called once unless the wish is cancelled. */
void socket_wish(struct socket_desk *d, struct socket_wish *w, uint16_t family, int type)
{
	socket_wish_cancel(w);
	w->tag = ++d->last_tag;
	list_add_tail(&d->wishes, &w->link);
	d->ask(d->ctx, family, type, w->tag);
}

/* Nothing is wished for any more, if it was. */
void socket_wish_cancel(struct socket_wish *w)
{
	if (w->tag)
		list_remove(&w->link);
	w->tag = 0;
}

/* Here is what was asked for with @tag; @fd below 0: there is none. */
void socket_desk_give(struct socket_desk *d, uint64_t tag, int fd)
{
	struct list *pos;

	list_each (pos, &d->wishes) {
		struct socket_wish *w = list_entry(pos, struct socket_wish, link);

		if (w->tag != tag)
			continue;
		socket_wish_cancel(w);
		w->come(w, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
}
