/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting without sharing: each worker counts into meters of its own, one for each service,
 * target group, target, network and VPC that it meets, and now and then sends what was added
 * since (meters_take()) to the control thread, which adds it to its book (meters_add()).
 */
#ifndef LATTICE_TELEMETRY_METER_H
#define LATTICE_TELEMETRY_METER_H

#include "io/sock.h"

enum meter_count {
	METER_REQUESTS,
	METER_1XX, /* and switched protocols; a class of status codes each */
	METER_2XX,
	METER_3XX,
	METER_4XX,
	METER_5XX,
	METER_NO_ANSWER, /* the client left before there was a status */
	METER_REQUEST_TIMEOUTS,
	METER_RECEIVED_BYTES, /* heads and bodies, as in the access log */
	METER_SENT_BYTES,
	METER_REQUEST_US, /* the sum of what the buckets count */
	METER_CONNECTIONS,
	METER_CONNECTION_ERRORS,
	METER_CONNECTION_TIMEOUTS,
	METER_HTTP1_CONNECTIONS,
	METER_HTTP2_CONNECTIONS,
	METER_TLS_HANDSHAKES,
	METER_TLS_ERRORS,
	METER_TLS_RESUMPTIONS, /* of the handshakes */
	METER_COUNTS,
};

enum meter_gauge { METER_ACTIVE_REQUESTS, METER_ACTIVE_CONNECTIONS, METER_GAUGES };

/* Request times: each bucket's bound is about 1.6 times the one before; the last has none. */
enum { METER_BUCKETS = 25 };
extern const uint32_t meter_bounds_us[METER_BUCKETS - 1];

/* Whose: a resource by its id, or a target by its VPC's number and its address. */
struct meter_key {
	char id[32]; /* filled up with zeros */
	struct sock_addr addr;
	uint32_t vpc;
};

struct meter {
	struct meter_key key;
	uint64_t counts[METER_COUNTS];
	int64_t gauges[METER_GAUGES];
	uint32_t buckets[METER_BUCKETS];

	/* the map's */
	struct meter *next, *next_changed;
	bool is_changed;
	bool is_seen; /* since the last meters_sweep() */
};

/* Meters that a map holds; beyond that all share one, which nobody asks for. */
enum { METERS_MAX = 1 << 17, METER_SLOTS = 1 << 12, METERS_RECENT = 64 };

struct meters {
	struct meter *slots[METER_SLOTS];
	struct meter *recent[METERS_RECENT];  /* where they are looked for first */
	struct meter *changed, *changed_last; /* in the order in which they did */
	struct meter other;
	size_t count, changed_count;
};

void meters_fini(struct meters *m);
struct meter *meters_of(struct meters *m, struct str id);
struct meter *meters_of_target(struct meters *m, uint32_t vpc, const struct sock_addr *addr);
const struct meter *meters_find(struct meters *m, struct str id);
const struct meter *meters_find_target(struct meters *m, uint32_t vpc,
				       const struct sock_addr *addr);
void meter_count(struct meter *m, enum meter_count which, uint64_t n);
size_t meter_bucket(uint64_t us);
void meter_time(struct meter *m, uint64_t us, size_t bucket);

size_t meters_take(struct meters *m, struct meter *to, size_t room);
void meters_add(struct meters *m, const struct meter *from, size_t count);
void meters_sweep(struct meters *m);

#endif
