/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An hour in which a service was there is paid for, with requests or without: each has a row from
 * its first hour on. The rest of the work is of those to which something happened.
 */
#include "latticed/plane_usage.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/id.h"

enum { HOUR_MS = 3600 * 1000, HOURS_A_DAY = 24, METERS_A_TURN = 64 };

/* One flush; a transaction is open as soon as something is written. */
struct flushing {
	struct plane_usage *p;
	uint64_t hour;
	bool is_open;
	size_t changed; /* services in the snapshot to which something happened */
	struct fault fault;
};

/* What workers counted: of services, what is paid for. */
void plane_usage_take(struct plane_usage *p, const struct meter *at, size_t count)
{
	static const enum meter_count counted[] = { METER_REQUESTS, METER_RECEIVED_BYTES,
						    METER_SENT_BYTES };
	struct str prefix = str_of(kind_names(KIND_SERVICE)->prefix);
	size_t i, k;

	for (i = 0; i < count; i++) {
		struct str id = { at[i].key.id, strnlen(at[i].key.id, sizeof(at[i].key.id)) };
		struct meter *m;

		if (!str_eq(str_first(id, prefix.n), prefix))
			continue;
		m = meters_of(&p->pending, id);
		for (k = 0; k < ARRAY_SIZE(counted); k++)
			meter_count(m, counted[k], at[i].counts[counted[k]]);
	}
}

/* 0, or -1 with the fault. */
static int add(struct flushing *f, struct store_usage *u, const struct meter *m)
{
	struct store *s = f->p->store;

	if (!f->is_open && store_begin(s, true, &f->fault) < 0)
		return -1;
	f->is_open = true;
	if (m) {
		u->requests = m->counts[METER_REQUESTS];
		u->received_bytes = m->counts[METER_RECEIVED_BYTES];
		u->sent_bytes = m->counts[METER_SENT_BYTES];
	}
	return store_add_usage(s, u, f->hour, &f->fault);
}

static int add_service(struct flushing *f, const struct snap_service *s)
{
	struct plane_usage *p = f->p;
	const struct meter *m = meters_find(&p->pending, s->id);
	struct store_usage u = { .service = s->id,
				 .account = arn_account(s->arn),
				 .name = s->name };
	uint64_t hour;
	bool is_new = !map_find(&p->hours, s->id, &hour) || hour != f->hour;

	if (m && !m->is_changed)
		m = NULL;
	f->changed += m != NULL;
	if (!m && !is_new)
		return 0;
	if (is_new && map_set(&p->hours, s->id, f->hour))
		return fault_set(&f->fault, FAULT_INTERNAL, "out of memory");
	return add(f, &u, m);
}

static bool is_there(const struct snapshot *s, struct str id)
{
	size_t i;

	for (i = 0; i < shelf_end(&s->services); i++) {
		const struct snap_service *service = shelf_at(&s->services, i);

		if (service && str_eq(service->id, id))
			return true;
	}
	return false;
}

/* Services that were deleted since. */
static int add_gone(struct flushing *f)
{
	const struct meter *m;
	size_t count = 0;

	for (m = f->p->pending.changed; m; m = m->next_changed)
		count++;
	if (count == f->changed)
		return 0;
	for (m = f->p->pending.changed; m; m = m->next_changed) {
		struct store_usage u = { .service = { m->key.id,
						      strnlen(m->key.id, sizeof(m->key.id)) } };

		if (!is_there(*f->p->snapshot, u.service) && add(f, &u, m) < 0)
			return -1;
	}
	return 0;
}

static int write_all(struct flushing *f)
{
	const struct snapshot *s = *f->p->snapshot;
	size_t i;

	for (i = 0; i < shelf_end(&s->services); i++) {
		const struct snap_service *service = shelf_at(&s->services, i);

		if (service && add_service(f, service) < 0)
			return -1;
	}
	if (add_gone(f) < 0)
		return -1;
	if (f->is_open && f->hour != f->p->hour)
		return store_forget_usage(f->p->store,
					  (uint32_t)(f->hour / HOURS_A_DAY) - PLANE_USAGE_DAYS,
					  &f->fault);
	return 0;
}

/* What was pending is in the store. */
static void forget_pending(struct plane_usage *p)
{
	struct meter some[METERS_A_TURN];

	while (meters_take(&p->pending, some, METERS_A_TURN))
		;
}

/* Bring what is pending into the store; what cannot be stays pending. */
void plane_usage_flush(struct plane_usage *p, uint64_t now_ms)
{
	struct flushing f = { .p = p, .hour = now_ms / HOUR_MS };
	int err;

	if (!*p->snapshot)
		return;
	if (f.hour != p->hour) {
		map_fini(&p->hours);
		meters_sweep(&p->pending);
	}
	err = write_all(&f);
	if (f.is_open && store_end(p->store, err == 0, &f.fault) < 0)
		err = -1;
	if (err) {
		map_fini(&p->hours);
		if (!p->has_failed)
			log_error("usage is not stored, and is tried again: %s", f.fault.message);
	} else {
		forget_pending(p);
		p->hour = f.hour;
	}
	p->has_failed = err != 0;
}

static void flush_expired(struct timer *t)
{
	struct plane_usage *p = container_of(t, struct plane_usage, flush);

	plane_usage_flush(p, clock_wall_ms());
	store_rest(p->store);
	timer_arm(p->loop, t, PLANE_USAGE_MS);
}

/* Begin; the store is open and the first snapshot in force. */
void plane_usage_start(struct plane_usage *p)
{
	p->flush.expired = flush_expired;
	flush_expired(&p->flush);
}

/* Bring the last of it into the store, which is still open. */
void plane_usage_stop(struct plane_usage *p)
{
	timer_disarm(p->loop, &p->flush);
	plane_usage_flush(p, clock_wall_ms());
	map_fini(&p->hours);
	meters_fini(&p->pending);
}
