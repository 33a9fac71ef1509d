/* SPDX-License-Identifier: Apache-2.0 */
/* Each new book of names wakes all, and so does the end of somebody's patience: they look again. */
#include "proxy/name_waits.h"

#include "proxy/request.h"
#include "proxy/worker.h"

static void due_expired(struct timer *t)
{
	requests_wake(&container_of(t, struct name_waits, due)->requests);
}

/* Nobody waits. The worker disarms the timer in the end. */
void name_waits_init(struct name_waits *n)
{
	list_init(&n->requests);
	n->due.expired = due_expired;
}

/* Let @r wait until somebody has answered for @name. False: so it is, or @r has waited enough. */
bool name_waits_hold(struct request *r, struct str name)
{
	struct worker *w = r->conn->worker;
	struct timer *due = &w->name_waits.due;
	const struct host *h = hosts_find(w->hosts, name);

	if (h && h->state != HOST_PENDING)
		return false;
	if (!r->name_due_ms)
		r->name_due_ms = w->loop.now_ms + NAME_WAIT_MS_MAX;
	if (w->loop.now_ms >= r->name_due_ms)
		return false;
	request_wait(r, &w->name_waits.requests);
	if (!timer_is_armed(due) || due->due_ms > r->name_due_ms)
		timer_arm(&w->loop, due, r->name_due_ms - w->loop.now_ms);
	return true;
}
