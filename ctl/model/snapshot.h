/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as the data path reads it: immutable once published but for the standing of
 * targets, which the control thread alone writes (health/prober.h). Compiled from the store by the
 * control thread (store/compile.h). It is made of parts, which a later snapshot shares where
 * nothing changed; parts name each other by their places on the shelves, never by pointers. What
 * hangs on a part lives in its arena.
 */
#ifndef LATTICE_MODEL_SNAPSHOT_H
#define LATTICE_MODEL_SNAPSHOT_H

#include "auth/decision.h"
#include "base/arena.h"
#include "model/address.h"
#include "model/hosts.h"
#include "model/identities.h"
#include "model/log_place.h"
#include "model/part.h"
#include "model/prefix.h"
#include "model/status_codes.h"

#include <lattice/limits.h>
#include <stdatomic.h>

/* Longest path or name by which a namespace is found. */
enum { SNAPSHOT_NETNS_BYTES_MAX = 255 };

struct snap_function;

struct snap_target {
	struct sock_addr addr; /* with its port; a function's may be that alone: see its name */
	uint32_t vpc;	       /* number of the VPC whose namespace the address is in */
	atomic_bool is_out;    /* gets no requests while others of its group can */
	const struct snap_function *function; /* NULL: it is none */
	struct str function_arn;	      /* with the qualifier that it was registered with */
};

struct snap_health_check {
	bool enabled, is_tls, is_h2;
	uint16_t port; /* 0: the target's own */
	struct str path;
	unsigned interval_ms, timeout_ms;
	unsigned healthy_threshold, unhealthy_threshold;
	struct status_codes codes; /* of a target that is well */
};

enum snap_version { SNAP_HTTP1, SNAP_HTTP2, SNAP_GRPC };
enum snap_algorithm { SNAP_ROUND_ROBIN, SNAP_LEAST_REQUEST };

/* The structure of the events that functions get. */
enum snap_lambda { SNAP_LAMBDA_NONE, SNAP_LAMBDA_V1, SNAP_LAMBDA_V2 };

struct snap_target_group {
	struct part part;
	uint32_t index;	 /* on the shelf, for the group's life */
	uint64_t serial; /* unlike that of any other version of any group */
	struct str id, arn, vpc_id;
	enum snap_version version; /* of HTTP that its targets speak */
	enum snap_algorithm algorithm;
	enum snap_lambda lambda; /* NONE: the targets are no functions */
	struct snap_target *targets;
	size_t target_count;
	bool is_used; /* some action forwards to it */
	bool is_tls;  /* its targets are spoken to over TLS */
	struct snap_health_check check;
	atomic_uint changes; /* of any target's is_out */
};

struct snap_forward {
	uint32_t group; /* its index */
	uint32_t weight;
};

enum snap_action_kind { SNAP_ACTION_FIXED_RESPONSE, SNAP_ACTION_FORWARD };

struct snap_action {
	enum snap_action_kind kind;
	unsigned status;	      /* fixed response */
	struct snap_forward *forward; /* forward: with the sum of their weights */
	size_t forward_count;
	uint64_t weight_sum;
	uint32_t cycle, unit, stride; /* by snap_action_settle() */
	uint32_t index;		      /* unlike that of another action of the service */
};

/* How a text is compared; ANY asks for nothing. */
enum snap_match_kind { SNAP_MATCH_ANY, SNAP_MATCH_EXACT, SNAP_MATCH_PREFIX, SNAP_MATCH_CONTAINS };

struct snap_match {
	enum snap_match_kind kind;
	bool case_sensitive;
	struct str value; /* as it was given */
};

struct snap_header_match {
	struct str name; /* lower case */
	struct snap_match match;
};

/* What a request must be, all of it, to be treated by the action. */
struct snap_rule {
	struct str id;
	uint32_t priority;	/* unlike any other of the listener */
	struct str method;	/* empty: any */
	struct snap_match path; /* of the path without its query; never CONTAINS */
	struct snap_header_match *headers;
	size_t header_count;
	struct snap_action action;
};

struct certificate;
struct route_table;

enum snap_listener_kind { SNAP_LISTENER_HTTP, SNAP_LISTENER_HTTPS, SNAP_LISTENER_PASSTHROUGH };

struct snap_listener {
	struct str id, protocol; /* "HTTP" and so on */
	enum snap_listener_kind kind;
	uint16_t port;
	struct snap_rule *rules; /* by ascending priority */
	size_t rule_count;
	const struct route_table *routes;  /* the rules compiled; NULL: none */
	struct snap_action default_action; /* when no rule matches */
};

struct snap_service {
	struct part part;
	struct str id, arn, name, dns_name;
	struct str domain; /* custom; empty: none */

	struct certificate *certificate;     /* shown for @domain; may be NULL */
	struct certificate *own_certificate; /* for any other name; NULL: no HTTPS */

	struct sock_addr addr4, addr6; /* port 0 */
	struct snap_listener *listeners;
	size_t listener_count;
	unsigned idle_ms; /* a connection without a byte for so long is closed; 0: the default */
	uint32_t index;	  /* its number: on the shelf, and in the kernel's tables */

	uint32_t action_count;

	struct auth_gate auth;
	const struct principal_tag *tags;
	size_t tag_count;
};

/* A service network, with its services. */
struct snap_network {
	struct part part;
	struct str id;
	struct auth_gate auth;
	uint64_t *members; /* a bit for each service's number */
	size_t word_count;
};

struct snap_vpc {
	struct part part;
	uint32_t number; /* stable for the VPC's life, below LATTICE_VPCS_MAX */
	struct str id, arn, name, account;
	struct str netns;		    /* "/run/netns/NAME" or another path */
	uint32_t network;		    /* its index; 0: associated with no service network */
	struct str network_id, network_arn; /* empty then */
	bool has_filter; /* without it every client is admitted, without rules none */
	const struct ingress *rules;
	size_t rule_count;
};

/* What is compiled all at once when some of it changed. */
enum snapshot_list { SNAPSHOT_IDENTITIES, SNAPSHOT_LOGS, SNAPSHOT_HOSTS, SNAPSHOT_LISTS };

struct snapshot {
	atomic_uint refs;
	uint64_t generation;
	const struct pool *pool; /* outlives all snapshots */
	struct shelf services;	 /* by number */
	struct shelf groups;	 /* by index */
	struct shelf networks;	 /* by index, from 1 on */
	struct shelf vpcs;	 /* by number */
	struct shelf names;	 /* of services: model/name.h */
	struct snap_identities identities;
	struct log_subscriptions logs;
	struct host_names hosts;	    /* outside, that are called */
	struct part *lists[SNAPSHOT_LISTS]; /* whose memory those are in */
};

struct snapshot *snapshot_new(uint64_t generation, const struct pool *pool);
struct snapshot *snapshot_get(struct snapshot *s);
void snapshot_put(struct snapshot *s);
const struct snap_vpc *snapshot_find_vpc(const struct snapshot *s, uint32_t number);
struct snap_target_group *snapshot_find_group(const struct snapshot *s, uint32_t index);
const struct snap_service *snapshot_find_service(const struct snapshot *s, uint32_t number);
const struct snap_network *snapshot_find_network(const struct snapshot *s, uint32_t index);
bool snap_network_has(const struct snap_network *n, uint32_t number);
void snap_action_settle(struct snap_action *a);
bool snap_service_has_name(const struct snap_service *s, struct str host);

#endif
