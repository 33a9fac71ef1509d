/* SPDX-License-Identifier: Apache-2.0 */
/* The control thread keeps the book for the API, and gives workers and the scribe references. */
#include "latticed/plane_hosts.h"

#include "base/log.h"
#include "latticed/plane_state.h"

#include <stdlib.h>

struct hosts_letter {
	struct letter letter;
	struct hosts *hosts;
};

/* Called in the name server's thread, with a reference that moves. */
void plane_hosts_changed(void *ctx, struct hosts *h)
{
	struct plane *p = ctx;
	struct hosts_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->letter.kind = PLANE_HOSTS;
	l->hosts = h;
	inbox_send(&p->inbox, &l->letter);
}

/* Say what an administrator would want to know: that a name leads nowhere, and that it does again.
 */
static void say_changes(const struct hosts *before, const struct hosts *after)
{
	size_t i;

	for (i = 0; i < after->count; i++) {
		const struct host *h = &after->at[i], *old = hosts_find(before, str_of(h->name));

		if (old && old->state == h->state)
			continue;
		if (h->state == HOST_UNRESOLVED)
			log_warn("name %s: %s; it cannot be called", h->name, h->reason);
		else if (h->state == HOST_STALE)
			log_warn("name %s: %s; its last addresses are used", h->name, h->reason);
		else if (h->state == HOST_RESOLVED)
			log_info("name %s leads somewhere addresses=%u", h->name, h->count);
	}
}

/* Take a letter of plane_hosts_changed(). */
void plane_hosts_open(struct plane *p, struct letter *letter)
{
	struct hosts_letter *l = container_of(letter, struct hosts_letter, letter);
	unsigned i;

	say_changes(p->hosts, l->hosts);
	hosts_put(p->hosts);
	p->hosts = l->hosts;
	for (i = 0; i < p->worker_count; i++) {
		struct worker_letter *to = plane_letter_new(WORKER_HOSTS, 0);

		to->hosts = hosts_get(p->hosts);
		worker_send(&p->workers[i], to);
	}
	scribe_use_hosts(p->logs.scribe, hosts_get(p->hosts));
	free(l);
}

/* For the API; borrowed until the next letter. */
const struct hosts *plane_hosts_get(void *ctx)
{
	return ((const struct plane *)ctx)->hosts;
}
