/* SPDX-License-Identifier: Apache-2.0 */
/* A map from keys to meters that also remembers which changed, so that few are looked at. */
#include "telemetry/meter.h"

#include "base/array.h"

#include <stdlib.h>

/* clang-format off */
const uint32_t meter_bounds_us[METER_BUCKETS - 1] = {
	100, 250, 500, 1000, 1600, 2500, 4000, 6300,
	10000, 16000, 25000, 40000, 63000,
	100000, 160000, 250000, 400000, 630000,
	1000000, 2500000, 5000000,
	10000000, 30000000, 60000000,
};
/* clang-format on */

static uint64_t hash(const struct meter_key *k)
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15), word;
	const char *p = (const char *)k;
	size_t i;

	for (i = 0; i + sizeof(word) <= sizeof(*k); i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	return h;
}

static struct meter **slot_of(struct meters *m, const struct meter_key *k)
{
	return &m->slots[hash(k) % METER_SLOTS];
}

static struct meter *find(struct meters *m, const struct meter_key *k)
{
	struct meter *at = *slot_of(m, k);

	while (at && memcmp(&at->key, k, sizeof(*k)) != 0)
		at = at->next;
	return at;
}

/* The meter of @k, made when it is new; the shared one when there are too many. */
static struct meter *get(struct meters *m, const struct meter_key *k)
{
	struct meter *at = find(m, k), **slot = slot_of(m, k);

	if (at)
		return at;
	at = m->count < METERS_MAX ? calloc(1, sizeof(*at)) : NULL;
	if (!at)
		return &m->other;
	at->key = *k;
	at->next = *slot;
	*slot = at;
	m->count++;
	return at;
}

static struct meter *change(struct meters *m, struct meter *at)
{
	if (at->is_changed)
		return at;
	at->is_changed = true;
	if (m->changed)
		m->changed_last->next_changed = at;
	else
		m->changed = at;
	m->changed_last = at;
	m->changed_count++;
	return at;
}

static const struct meter *see(struct meters *m, const struct meter_key *k)
{
	struct meter *at = find(m, k);

	if (at)
		at->is_seen = true;
	return at;
}

static struct meter_key key_of(struct str id)
{
	struct meter_key k;

	memset(&k, 0, sizeof(k));
	if (id.n)
		memcpy(k.id, id.p, id.n < sizeof(k.id) ? id.n : sizeof(k.id));
	return k;
}

static struct meter_key key_of_target(uint32_t vpc, const struct sock_addr *addr)
{
	struct meter_key k;

	memset(&k, 0, sizeof(k));
	k.vpc = vpc;
	k.addr.family = addr->family;
	k.addr.port = addr->port;
	if (addr->family == AF_INET6)
		k.addr.v6 = addr->v6;
	else
		k.addr.v4 = addr->v4;
	return k;
}

static bool is_of(const struct meter *at, struct str id)
{
	const struct meter_key *k = &at->key;

	return id.n < sizeof(k->id) && id.n && memcmp(k->id, id.p, id.n) == 0 && !k->id[id.n];
}

static bool is_of_target(const struct meter *at, uint32_t vpc, const struct sock_addr *addr)
{
	return !at->key.id[0] && at->key.vpc == vpc && sock_addr_eq(&at->key.addr, addr);
}

/*
 * The meter of the resource @id, to be counted into; not kept beyond the next meters_take(). A
 * request is counted at five: ids lie where they lay, so that is where it was is looked first.
 */
struct meter *meters_of(struct meters *m, struct str id)
{
	struct meter **recent = &m->recent[(uintptr_t)id.p / 8 % METERS_RECENT];
	struct meter_key k;

	if (!*recent || !is_of(*recent, id)) {
		k = key_of(id);
		*recent = get(m, &k);
	}
	return change(m, *recent);
}

struct meter *meters_of_target(struct meters *m, uint32_t vpc, const struct sock_addr *addr)
{
	struct meter **recent = &m->recent[(vpc * 31 + addr->port) % METERS_RECENT];
	struct meter_key k;

	if (!*recent || !is_of_target(*recent, vpc, addr)) {
		k = key_of_target(vpc, addr);
		*recent = get(m, &k);
	}
	return change(m, *recent);
}

/* To be read; NULL: nothing was counted. */
const struct meter *meters_find(struct meters *m, struct str id)
{
	struct meter_key k = key_of(id);

	return see(m, &k);
}

const struct meter *meters_find_target(struct meters *m, uint32_t vpc, const struct sock_addr *addr)
{
	struct meter_key k = key_of_target(vpc, addr);

	return see(m, &k);
}

void meter_count(struct meter *m, enum meter_count which, uint64_t n)
{
	m->counts[which] += n;
}

/* Which bucket a request of @us is counted in. */
size_t meter_bucket(uint64_t us)
{
	size_t low = 0, high = ARRAY_SIZE(meter_bounds_us);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (us <= meter_bounds_us[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* A request took @us, which is @bucket's. */
void meter_time(struct meter *m, uint64_t us, size_t bucket)
{
	m->buckets[bucket]++;
	m->counts[METER_REQUEST_US] += us;
}

static void clear(struct meter *at)
{
	memset(at->counts, 0, sizeof(at->counts));
	memset(at->gauges, 0, sizeof(at->gauges));
	memset(at->buckets, 0, sizeof(at->buckets));
	at->is_changed = false;
	at->next_changed = NULL;
	at->is_seen = true;
}

/* Move up to @room meters that changed to @to, the first that did first, and set them to zero.
 * Returns how many. */
size_t meters_take(struct meters *m, struct meter *to, size_t room)
{
	size_t n;

	for (n = 0; n < room && m->changed; n++) {
		struct meter *at = m->changed;

		m->changed = at->next_changed;
		m->changed_count--;
		to[n] = *at;
		clear(at);
	}
	return n;
}

/* Add what meters_take() took elsewhere. */
void meters_add(struct meters *m, const struct meter *from, size_t count)
{
	size_t i, k;

	for (i = 0; i < count; i++) {
		struct meter *to = get(m, &from[i].key);

		for (k = 0; k < METER_COUNTS; k++)
			to->counts[k] += from[i].counts[k];
		for (k = 0; k < METER_GAUGES; k++)
			to->gauges[k] += from[i].gauges[k];
		for (k = 0; k < METER_BUCKETS; k++)
			to->buckets[k] += from[i].buckets[k];
		to->is_seen = true;
	}
}

/*
 * Forget those that were neither added to nor found since the last sweep. In a worker's map they
 * are all zero; in the book nobody asked for them, since what they are of is gone.
 */
void meters_sweep(struct meters *m)
{
	size_t i;

	memset(m->recent, 0, sizeof(m->recent));
	for (i = 0; i < METER_SLOTS; i++) {
		struct meter **at = &m->slots[i];

		while (*at) {
			struct meter *old = *at;

			if (!old->is_seen && !old->is_changed) {
				*at = old->next;
				free(old);
				m->count--;
				continue;
			}
			old->is_seen = false;
			at = &old->next;
		}
	}
}

/* Free all meters; @m is empty and may be used again. */
void meters_fini(struct meters *m)
{
	size_t i;

	for (i = 0; i < METER_SLOTS; i++) {
		while (m->slots[i]) {
			struct meter *old = m->slots[i];

			m->slots[i] = old->next;
			free(old);
		}
	}
	*m = (struct meters){ 0 };
}
