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

enum { HOUR_MS = 3600 * 1000, HOURS_A_DAY = 24, METERS_AT_ONCE = 64 };

/* What is paid for. */
static const enum meter_count paid[] = { METER_REQUESTS, METER_RECEIVED_BYTES, METER_SENT_BYTES };

/* What one service did, taken from the pending. */
struct taken {
	char id[ID_BYTES_MAX];
	size_t id_n;
	uint64_t counts[ARRAY_SIZE(paid)];
};

/* One turn; a transaction is open as soon as something is written. */
struct turn {
	struct plane_usage *p;
	bool is_open;
	size_t rows_left;
	size_t count;
	struct taken taken[PLANE_USAGE_ROWS];
	struct fault fault;
};

/* Where a service is and what is stored of it, as a number in a map. */
static uint64_t pack(size_t place, uint64_t hour)
{
	return hour << 32 | place;
}

static uint64_t hour_of(uint64_t packed)
{
	return packed >> 32;
}

static size_t place_of(uint64_t packed)
{
	return packed & UINT32_MAX;
}

/* What workers counted: of services, what is paid for. */
void plane_usage_take(struct plane_usage *p, const struct meter *at, size_t count)
{
	struct str prefix = str_of(kind_names(KIND_SERVICE)->prefix);
	size_t i, k;

	for (i = 0; i < count; i++) {
		struct str id = { at[i].key.id, strnlen(at[i].key.id, sizeof(at[i].key.id)) };
		struct meter *m;

		if (!str_eq(str_first(id, prefix.n), prefix))
			continue;
		m = meters_of(&p->pending, id);
		for (k = 0; k < ARRAY_SIZE(paid); k++)
			meter_count(m, paid[k], at[i].counts[paid[k]]);
	}
}

/* The service @to is there in place of @from; either may be NULL. 0, or -1 without memory. */
static int know(struct plane_usage *p, size_t place, const struct snap_service *from,
		const struct snap_service *to)
{
	bool is_other = !from || !to || !str_eq(from->id, to->id);

	if (from && is_other)
		map_remove(&p->services, from->id);
	if (!to || !is_other)
		return 0;
	if (place < p->next)
		p->next = place;
	return map_set(&p->services, to->id, pack(place, 0));
}

/* Know what the snapshot has. 0, or -1 with the fault. */
static int learn(struct turn *t)
{
	struct plane_usage *p = t->p;
	const struct shelf *now = &(*p->snapshot)->services;
	size_t place = 0;
	int err = 0;

	for (; !err && shelf_differ(&p->known, now, &place); place++)
		err = know(p, place, shelf_at(&p->known, place), shelf_at(now, place));
	if (!err) {
		shelf_fini(&p->known);
		err = shelf_copy(&p->known, now);
	}
	return err ? fault_set(&t->fault, FAULT_INTERNAL, "out of memory") : 0;
}

/* 0, or -1 with the fault. */
static int begin(struct turn *t)
{
	if (!t->is_open && store_begin(t->p->store, true, &t->fault) < 0)
		return -1;
	t->is_open = true;
	return 0;
}

/* Write what @id did, which may be nothing; it is at @place, or gone: NULL. */
static int add(struct turn *t, struct str id, const struct snap_service *s, size_t place,
	       const struct taken *did)
{
	struct plane_usage *p = t->p;
	struct store_usage u = { .service = id };

	if (s) {
		u.account = arn_account(s->arn);
		u.name = s->name;
	}
	if (did) {
		u.requests = did->counts[0];
		u.received_bytes = did->counts[1];
		u.sent_bytes = did->counts[2];
	}
	if (begin(t) < 0)
		return -1;
	t->rows_left--;
	if (s && map_set(&p->services, id, pack(place, p->hour)))
		return fault_set(&t->fault, FAULT_INTERNAL, "out of memory");
	return store_add_usage(p->store, &u, p->hour, &t->fault);
}

static void take_counts(struct turn *t)
{
	struct plane_usage *p = t->p;
	struct meter some[METERS_AT_ONCE];
	size_t room = p->counts_left, i, k;

	if (room > t->rows_left - t->count)
		room = t->rows_left - t->count;
	room = meters_take(&p->pending, some, room < METERS_AT_ONCE ? room : METERS_AT_ONCE);
	p->counts_left = room ? p->counts_left - room : 0;
	for (i = 0; i < room; i++) {
		struct taken *to = &t->taken[t->count++];

		to->id_n = strnlen(some[i].key.id, sizeof(some[i].key.id));
		memcpy(to->id, some[i].key.id, to->id_n);
		for (k = 0; k < ARRAY_SIZE(paid); k++)
			to->counts[k] = some[i].counts[paid[k]];
	}
}

/* What was counted, of services that are gone too. */
static int write_counts(struct turn *t)
{
	struct plane_usage *p = t->p;
	size_t i;

	while (p->counts_left && t->count < t->rows_left)
		take_counts(t);
	for (i = 0; i < t->count; i++) {
		struct str id = { t->taken[i].id, t->taken[i].id_n };
		const struct snap_service *s = NULL;
		uint64_t packed = 0;

		if (map_find(&p->services, id, &packed))
			s = shelf_at(&p->known, place_of(packed));
		if (add(t, id, s, place_of(packed), &t->taken[i]) < 0)
			return -1;
	}
	return 0;
}

/* An hour of each service that has no row of it yet. */
static int write_hours(struct turn *t)
{
	struct plane_usage *p = t->p;
	size_t looks = PLANE_USAGE_LOOKS;

	for (; p->next < shelf_end(&p->known) && t->rows_left && looks; p->next++, looks--) {
		const struct snap_service *s = shelf_at(&p->known, p->next);
		uint64_t packed = 0;

		if (!s || (map_find(&p->services, s->id, &packed) && hour_of(packed) == p->hour))
			continue;
		if (add(t, s->id, s, p->next, NULL) < 0)
			return -1;
	}
	return 0;
}

static int forget_old(struct turn *t)
{
	struct plane_usage *p = t->p;
	size_t rows = t->rows_left;

	if (!p->forgets || !rows)
		return 0;
	if (begin(t) < 0 ||
	    store_forget_usage(p->store, (uint32_t)(p->hour / HOURS_A_DAY) - PLANE_USAGE_DAYS,
			       &rows, &t->fault) < 0)
		return -1;
	p->forgets = rows == t->rows_left;
	return 0;
}

/* Nothing of @t is in the store: what was taken is pending again, and all is looked at anew. */
static void take_back(struct turn *t)
{
	struct plane_usage *p = t->p;
	size_t i, k;

	for (i = 0; i < t->count; i++) {
		struct str id = { t->taken[i].id, t->taken[i].id_n };
		struct meter *m = meters_of(&p->pending, id);

		for (k = 0; k < ARRAY_SIZE(paid); k++)
			meter_count(m, paid[k], t->taken[i].counts[k]);
	}
	map_fini(&p->services);
	shelf_fini(&p->known);
	p->next = 0;
	p->counts_left = 0;
	if (!p->has_failed)
		log_error("usage is not stored, and is tried again: %s", t->fault.message);
}

static void begin_pass(struct plane_usage *p, uint64_t now_ms)
{
	uint64_t hour = now_ms / HOUR_MS;

	p->counts_left = p->pending.changed_count;
	if (hour == p->hour)
		return;
	p->hour = hour;
	p->next = 0;
	p->forgets = true;
	meters_sweep(&p->pending);
}

/* One turn of the pass that has begun. True: there is more to do. */
static bool run_turn(struct plane_usage *p)
{
	struct turn t = { .p = p, .rows_left = PLANE_USAGE_ROWS };
	int err;

	if (!*p->snapshot)
		return false;
	err = learn(&t);
	if (!err)
		err = write_counts(&t);
	if (!err)
		err = write_hours(&t);
	if (!err)
		err = forget_old(&t);
	if (t.is_open && store_end(p->store, err == 0, &t.fault) < 0)
		err = -1;
	if (err)
		take_back(&t);
	p->has_failed = err != 0;
	return !err && (p->counts_left || p->next < shelf_end(&p->known) || p->forgets);
}

/* Bring all that is pending into the store; what cannot be stays pending. */
void plane_usage_flush(struct plane_usage *p, uint64_t now_ms)
{
	begin_pass(p, now_ms);
	while (run_turn(p))
		;
}

static void flush_expired(struct timer *t)
{
	struct plane_usage *p = container_of(t, struct plane_usage, flush);
	uint64_t now_ms = clock_mono_ms(), next_ms = p->began_ms + PLANE_USAGE_MS;

	if (!p->is_passing) {
		begin_pass(p, clock_wall_ms());
		p->began_ms = now_ms;
		next_ms = now_ms + PLANE_USAGE_MS;
	}
	p->is_passing = run_turn(p);
	if (!p->is_passing)
		store_rest(p->store);
	now_ms = clock_mono_ms();
	if (p->is_passing || next_ms < now_ms + PLANE_USAGE_TURN_MS)
		next_ms = now_ms + PLANE_USAGE_TURN_MS;
	timer_arm(p->loop, t, next_ms - now_ms);
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
	map_fini(&p->services);
	shelf_fini(&p->known);
	meters_fini(&p->pending);
}
