/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VPC's life in the broker. The order fails closed: the guard and the refusing table are in
 * place before the route that brings packets to them, and go after it.
 */
#include "steer/vpc.h"

#include "base/log.h"
#include "steer/handoff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static void follow_addresses(struct watch *w, uint32_t events)
{
	struct vpc *v = container_of(w, struct vpc, route_events);
	int err;

	(void)events;
	if (!route_needs_apply(&v->route))
		return;
	err = route_apply(&v->route, v->handoff.port6);
	if (err)
		log_warn("route not set: %s; the pool stays unreachable vpc=%u path=%s",
			 strerror(-err), v->number, v->path);
}

/* A namespace that answers names itself is served without ours. */
static void open_resolver(struct vpc *v)
{
	int err = resolver_open(&v->resolver, v->handoff.port6);

	if (err)
		log_warn("no name server on 169.254.169.253: %s; names are not answered vpc=%u "
			 "path=%s",
			 strerror(-err), v->number, v->path);
}

/* Put everything into the namespace entered. 0 or -errno, and then nothing is left there. */
static int furnish(struct vpc *v)
{
	const struct vpc_site *s = v->site;
	int err;

	err = route_open(&v->route, &s->pool);
	if (err)
		return err;
	/* What a broker that died left must not bring packets before they are refused. */
	route_remove(&v->route);
	err = route_guard(&v->route);
	if (err)
		goto err_route;
	err = handoff_open(&v->handoff, s->workers);
	if (err)
		goto err_guard;
	v->handoff.tells_ends = s->tells_ends;
	err = s->steer->attach(&s->pool, &v->handoff, &v->steering);
	if (err)
		goto err_handoff;
	err = s->steer->publish(v->steering, &v->table, NULL);
	if (!err)
		err = route_apply(&v->route, v->handoff.port6);
	if (err)
		goto err_steer;
	v->route_events = (struct watch){ route_events_fd(&v->route), follow_addresses };
	err = loop_add(s->loop, &v->route_events, EPOLLIN);
	if (err)
		goto err_steer;
	open_resolver(v);
	return 0;

err_steer:
	/* Before the table: without it a wildcard listener there would get the packets. */
	route_remove(&v->route);
	s->steer->detach(v->steering);
err_handoff:
	handoff_close(&v->handoff);
err_guard:
	route_remove(&v->route);
err_route:
	route_close(&v->route);
	return err;
}

/* Is this VPC's namespace another's too? One namespace has one table and one set of listeners. */
static bool is_taken(const struct vpc *v)
{
	const struct list *pos;

	list_each (pos, &v->site->present) {
		const struct vpc *other = list_entry(pos, struct vpc, link);

		if (other->netns.dev == v->netns.dev && other->netns.ino == v->netns.ino)
			return true;
	}
	return false;
}

/*
 * Find the namespace and furnish it. 0 or -errno, and then it is not held; -EBUSY when another
 * VPC has it.
 */
static int move_in(struct vpc *v)
{
	int err;

	err = place_open(&v->place, &v->site->processes, v->site->loop->now_ms, &v->netns);
	if (err)
		return err;
	err = is_taken(v) ? -EBUSY : netns_enter(&v->netns);
	if (!err) {
		err = furnish(v);
		netns_leave(&v->site->home);
	}
	if (err)
		netns_close(&v->netns);
	else
		list_add_tail(&v->site->present, &v->link);
	return err;
}

static void let_go(struct vpc *v)
{
	list_remove(&v->link);
	loop_remove(v->site->loop, &v->route_events);
	route_close(&v->route);
	resolver_close(&v->resolver);
	handoff_close(&v->handoff);
	netns_close(&v->netns);
}

/*
 * Nothing leads to the namespace any more: let it die. Somebody may still live in it, so what
 * refuses stays; only the sockets go.
 */
static void move_away(struct vpc *v)
{
	v->site->steer->forget(v->steering);
	let_go(v);
}

static void undo(struct vpc *v)
{
	route_remove(&v->route);
	if (netns_enter(&v->netns) == 0) {
		v->site->steer->detach(v->steering);
		netns_leave(&v->site->home);
	} else {
		log_warn("cannot enter the namespace to clean up vpc=%u path=%s", v->number,
			 v->path);
		v->site->steer->forget(v->steering);
	}
	let_go(v);
}

/* A VPC that is not looked for yet, its error -ENOENT; NULL without memory. */
struct vpc *vpc_new(struct vpc_site *site, uint32_t number, const char *path)
{
	struct vpc *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->site = site;
	v->number = number;
	v->netns.fd = -1;
	list_init(&v->link);
	v->error = -ENOENT;
	snprintf(v->path, sizeof(v->path), "%s", path);
	v->place.how = v->path;
	return v;
}

/* Take everything out of the namespace again and forget the VPC. */
void vpc_free(struct vpc *v)
{
	if (!v)
		return;
	if (!v->error)
		undo(v);
	table_fini(&v->pending);
	table_fini(&v->table);
	free(v);
}

/* Look whether the namespace is (still) there and act on it; true when v->error changed. */
bool vpc_refresh(struct vpc *v)
{
	bool was_there = !v->error;
	int before = v->error;

	if (was_there &&
	    place_holds(&v->place, &v->site->processes, v->site->loop->now_ms, &v->netns))
		return false;
	if (was_there)
		move_away(v);
	v->error = move_in(v);
	if (!v->error)
		log_info("namespace is in vpc=%u path=%s steer=%s%s", v->number, v->path,
			 v->site->steer->name, v->handoff.port6 ? "" : " (no IPv6 there)");
	else if (was_there || v->error != before)
		log_warn("namespace is out: %s; waiting for it vpc=%u path=%s", strerror(-v->error),
			 v->number, v->path);
	/* A new namespace at the old path has new listeners, so that is news too. */
	return was_there || v->error != before;
}

/* Bring @next into force, which differs by @change, or is all new when that is NULL. 0 or -errno.
 */
static int bring(struct vpc *v, const struct table *next, const struct table *change)
{
	int err;

	err = netns_enter(&v->netns);
	if (err)
		return err;
	err = v->site->steer->publish(v->steering, next, change);
	netns_leave(&v->site->home);
	return err;
}

/*
 * Bring the pending table, or what it changes, into force, at once or when the namespace comes. 0
 * or -errno; -ESTALE when it changes another table than that in force.
 */
int vpc_publish(struct vpc *v)
{
	struct table next = { 0 };
	bool is_change = v->pending.base != 0;
	int err = 0;

	table_sort(&v->pending);
	if (is_change)
		err = table_change(&v->pending, &v->table, &next);
	if (err)
		return err;
	if (!v->error)
		err = bring(v, is_change ? &next : &v->pending, is_change ? &v->pending : NULL);
	if (err)
		table_fini(&next);
	else
		table_move(&v->table, is_change ? &next : &v->pending);
	return err ? err : v->error;
}

/* Sockets of this namespace, as handoff_make_upstreams(). 0 or -errno. */
int vpc_make_upstreams(struct vpc *v, unsigned family, unsigned count, struct link_fds *ret)
{
	int err;

	ret->count = 0;
	if (v->error)
		return v->error;
	err = netns_enter(&v->netns);
	if (err)
		return err;
	err = handoff_make_upstreams(family, SOCK_STREAM, count, ret);
	netns_leave(&v->site->home);
	return err;
}

/* What the kernel counted in this namespace. 0 or -errno. */
int vpc_count(struct vpc *v, struct steer_counters *ret)
{
	int err;

	*ret = (struct steer_counters){ 0 };
	if (v->error)
		return v->error;
	err = netns_enter(&v->netns);
	if (err)
		return err;
	err = v->site->steer->count(v->steering, ret);
	netns_leave(&v->site->home);
	return err;
}
