/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VPC's life in the broker. The order fails closed: the guard and the refusing table are in
 * place before the route that brings packets to them, and go after it.
 */
#include "steer/vpc.h"

#include "base/log.h"
#include "steer/handoff.h"
#include "steer/keep.h"
#include "steer/unsent.h"

#include <errno.h>
#include <fcntl.h>
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
static void open_resolver(struct vpc *v, struct kept_set *kept)
{
	int err = resolver_open(&v->resolver, v->handoff.port6, kept);

	if (err)
		log_warn("no name server on 169.254.169.253: %s; names are not answered vpc=%u "
			 "path=%s",
			 strerror(-err), v->number, v->path);
}

/* What a broker that died left must not bring packets before they are refused. 0 or -errno. */
static int renew_guard(struct vpc *v)
{
	route_remove(&v->route);
	return route_guard(&v->route);
}

/* Steer anew. 0 or -errno, and then nothing of it is left. */
static int attach(struct vpc *v)
{
	const struct vpc_site *s = v->site;
	int err;

	err = s->steer->attach(&s->pool, &v->handoff, &v->steering);
	if (err)
		return err;
	err = s->steer->publish(v->steering, &v->table, NULL);
	if (err)
		s->steer->detach(v->steering);
	return err;
}

/*
 * Go on steering as a broker before did, to the listeners that were kept, or anew where that cannot
 * be. 0 or -errno, and then nothing of it is left.
 */
static int resume(struct vpc *v, struct kept_set *kept)
{
	const struct vpc_site *s = v->site;
	int err;

	v->handoff.module = kept_set_take(kept, KEPT_MODULE, AF_NETLINK, SOCK_RAW);
	err = s->steer->resume(&s->pool, &v->handoff, &v->steering);
	log_info("sockets were kept: steering %s vpc=%u path=%s", err ? "begins anew" : "goes on",
		 v->number, v->path);
	if (err) {
		err = renew_guard(v);
		return err ? err : attach(v);
	}
	/* Without a table yet the one in force stays until the plane says the next. */
	if (v->table.generation)
		err = s->steer->publish(v->steering, &v->table, NULL);
	if (err) {
		route_remove(&v->route);
		s->steer->detach(v->steering);
	}
	return err;
}

/* Have the manager keep all that a next broker needs. */
static void store(struct vpc *v, bool is_news)
{
	int fds[KEEP_SET_MAX];
	unsigned n = v->handoff.count;

	memcpy(fds, v->handoff.fds, n * sizeof(fds[0]));
	memcpy(fds + n, v->resolver.fds, v->resolver.count * sizeof(fds[0]));
	n += v->resolver.count;
	if (v->handoff.module >= 0)
		fds[n++] = v->handoff.module;
	/* What it has besides goes first. */
	if (is_news)
		keep_forget(&v->site->keep, v->netns.ino, 0);
	v->kept = keep_store(&v->site->keep, v->netns.ino, fds, n) ? n : 0;
}

/*
 * Put everything into the namespace entered, with those of @kept that fit. 0 or -errno, and then
 * nothing is left there.
 */
static int furnish_with(struct vpc *v, struct kept_set *kept)
{
	const struct vpc_site *s = v->site;
	unsigned had = kept->count;
	int err;

	err = route_open(&v->route, &s->pool);
	if (err)
		return err;
	err = had ? route_guard(&v->route) : renew_guard(v);
	if (err)
		goto err_route;
	err = handoff_open(&v->handoff, s->workers, kept);
	if (err)
		goto err_guard;
	v->handoff.tells_ends = s->tells_ends;
	err = had ? resume(v, kept) : attach(v);
	if (err)
		goto err_handoff;
	err = route_apply(&v->route, v->handoff.port6);
	if (err)
		goto err_steer;
	v->route_events = (struct watch){ route_events_fd(&v->route), follow_addresses };
	err = loop_add(s->loop, &v->route_events, EPOLLIN);
	if (err)
		goto err_steer;
	open_resolver(v, kept);
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

/* As furnish_with() whatever was kept of this namespace. */
static int furnish(struct vpc *v)
{
	struct kept_set kept;
	unsigned left;
	bool had;
	int err;

	keep_take(&v->site->keep, v->netns.ino, &kept);
	had = kept.count > 0;
	err = furnish_with(v, &kept);
	left = kept_set_close(&kept);
	if (left)
		log_warn("sockets that were kept are of no more use count=%u vpc=%u path=%s", left,
			 v->number, v->path);
	if (!err)
		store(v, left > 0);
	else if (had)
		keep_forget(&v->site->keep, v->netns.ino, 0);
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
	v->kept = 0;
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
	keep_forget(&v->site->keep, v->netns.ino, v->kept);
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
	keep_forget(&v->site->keep, v->netns.ino, v->kept);
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

/* Forget the VPC, but leave what the service manager keeps to the next broker, as it is. */
void vpc_leave(struct vpc *v)
{
	if (!v->error && v->kept) {
		v->site->steer->forget(v->steering);
		let_go(v);
		v->error = -ENOENT;
	}
	vpc_free(v);
}

/* Take out of namespace @n, which is no VPC's any more, what an earlier broker left in it. */
void vpc_clear(struct vpc_site *site, const struct netns *n)
{
	struct vpc *v = vpc_new(site, LATTICE_HOST_VPC, "kept");

	if (!v)
		return;
	v->netns = *n;
	v->netns.fd = fcntl(n->fd, F_DUPFD_CLOEXEC, 3);
	v->error = v->netns.fd < 0 ? -errno : netns_enter(&v->netns);
	if (!v->error) {
		v->error = furnish(v);
		netns_leave(&site->home);
	}
	if (v->error)
		netns_close(&v->netns);
	vpc_free(v);
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

/* Into the namespace, if it is there; then netns_leave(). 0 or -errno. */
static int enter(const struct vpc *v)
{
	return v->error ? v->error : netns_enter(&v->netns);
}

/* Sockets of this namespace, as handoff_make_upstreams(). 0 or -errno. */
int vpc_make_upstreams(struct vpc *v, unsigned family, unsigned count, struct link_fds *ret)
{
	int err = enter(v);

	ret->count = 0;
	if (err)
		return err;
	err = handoff_make_upstreams(family, SOCK_STREAM, count, ret);
	netns_leave(&v->site->home);
	return err;
}

/* What the kernel counted in this namespace. 0 or -errno. */
int vpc_count(struct vpc *v, struct steer_counters *ret)
{
	int err = enter(v);

	*ret = (struct steer_counters){ 0 };
	if (err)
		return err;
	err = v->site->steer->count(v->steering, ret);
	netns_leave(&v->site->home);
	return err;
}

/* Refuse whoever wants to connect from now on. Connections go on. */
void vpc_refuse(struct vpc *v)
{
	handoff_close(&v->handoff);
}

/*
 * What the kernel still has to send in this namespace (steer/unsent.h); 0 as well where that cannot
 * be known.
 */
uint64_t vpc_count_unsent(const struct vpc *v)
{
	uint64_t bytes = 0;

	if (enter(v))
		return 0;
	if (unsent_count(&v->site->pool, &bytes))
		bytes = 0;
	netns_leave(&v->site->home);
	return bytes;
}
