/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as the data path reads it: immutable once published but for the standing of
 * targets, which the control thread alone writes (health/prober.h); counted, freed whole by the
 * last snapshot_put(). Compiled from the store by the control thread (store/compile.h).
 * Every string and array lives in the snapshot's own arena.
 */
#ifndef LATTICE_MODEL_SNAPSHOT_H
#define LATTICE_MODEL_SNAPSHOT_H

#include "auth/decision.h"
#include "base/arena.h"
#include "model/identities.h"
#include "model/log_place.h"
#include "model/prefix.h"
#include "model/status_codes.h"

#include <lattice/limits.h>
#include <stdatomic.h>

/* Longest path or name by which a namespace is found. */
enum { SNAPSHOT_NETNS_BYTES_MAX = 255 };

struct snap_target {
	struct sock_addr addr; /* with its port */
	uint32_t vpc;	       /* number of the VPC whose namespace the address is in */
	atomic_bool is_out;    /* gets no requests while others of its group can */
};

struct snap_health_check {
	bool enabled;
	uint16_t port; /* 0: the target's own */
	struct str path;
	unsigned interval_ms, timeout_ms;
	unsigned healthy_threshold, unhealthy_threshold;
	struct status_codes codes; /* of a target that is well */
};

struct snap_target_group {
	uint32_t index; /* below snapshot.group_count, unlike any other group's */
	struct str id, arn, vpc_id;
	struct snap_target *targets;
	size_t target_count;
	bool is_used; /* some action forwards to it */
	struct snap_health_check check;
	atomic_uint changes; /* of any target's is_out */
};

struct snap_forward {
	const struct snap_target_group *group;
	uint32_t weight;
};

enum snap_action_kind { SNAP_ACTION_FIXED_RESPONSE, SNAP_ACTION_FORWARD };

struct snap_action {
	enum snap_action_kind kind;
	unsigned status;	      /* fixed response */
	struct snap_forward *forward; /* forward: with the sum of their weights */
	size_t forward_count;
	uint64_t weight_sum;
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
	struct str id, arn, name, dns_name, domain; /* domain: custom, or empty */
	struct certificate *certificate;	    /* shown for @domain; may be NULL */
	struct certificate *own_certificate;	    /* for any other name; NULL: no HTTPS */
	struct sock_addr addr4, addr6; /* port 0; family AF_UNSPEC where there is none */
	struct snap_listener *listeners;
	size_t listener_count;
	unsigned idle_ms; /* a connection without a byte for so long is closed; 0: the default */
	uint32_t index;	  /* position in snapshot.services: the kernel's service index */
	struct auth_gate auth;
	const struct principal_tag *tags;
	size_t tag_count;
};

/*
 * One address and port that a VPC's clients may connect to, and a service there: one of several
 * when they share the address. Sorted by snap_binding_cmp(), those of an address together.
 */
struct snap_binding {
	struct sock_addr addr;
	const struct snap_service *service;
	const struct snap_listener *listener;
};

/* A name that a VPC's clients may know; lower case. Sorted by snap_name_cmp(). */
struct snap_name {
	struct str name;
	const struct snap_service *service;
	bool is_alias; /* custom, and stands for the generated one */
};

struct snap_vpc {
	uint32_t number; /* stable for the VPC's life, below LATTICE_VPCS_MAX */
	struct str id, arn, name, account;
	struct str netns;		    /* "/run/netns/NAME" or another path */
	struct str network_id, network_arn; /* empty: associated with no service network */
	struct auth_gate network_auth;
	struct snap_binding *bindings;
	size_t binding_count;
	bool has_filter; /* without it every client is admitted, without rules none */
	const struct ingress *rules;
	size_t rule_count;
	struct snap_name *names;
	size_t name_count;
};

struct snapshot {
	atomic_uint refs;
	uint64_t generation;
	struct arena arena;
	struct snap_service *services;
	size_t service_count;
	struct snap_target_group *groups; /* sorted by id */
	size_t group_count;
	struct snap_vpc *vpcs; /* sorted by number */
	size_t vpc_count;
	struct snap_identities identities;
	struct log_subscriptions logs;
	struct policy **policies; /* references of the snapshot's own */
	size_t policy_count;
};

struct snapshot *snapshot_new(uint64_t generation, size_t limit_bytes);
struct snapshot *snapshot_get(struct snapshot *s);
void snapshot_put(struct snapshot *s);
const struct snap_vpc *snapshot_find_vpc(const struct snapshot *s, uint32_t number);
int snap_binding_cmp(const void *a, const void *b);
bool snap_service_has_name(const struct snap_service *s, struct str host);
int snap_name_cmp(const void *a, const void *b);
const struct snap_name *snap_vpc_find_name(const struct snap_vpc *v, struct str name);
const struct snap_binding *snap_vpc_find_binding(const struct snap_vpc *v,
						 const struct sock_addr *addr, struct str host);

#endif
