/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request says about itself, by condition key. A policy names its keys once, when it is
 * compiled (context_keys_add()); an evaluation begins with context_init() and asks for values by
 * the key's number. A value is looked up once, however many conditions ask for it.
 */
#ifndef LATTICE_AUTH_CONTEXT_H
#define LATTICE_AUTH_CONTEXT_H

#include "auth/principal.h"
#include "base/arena.h"
#include "http/message.h"
#include "io/sock.h"

#include <stdint.h>

/*
 * What a caller may do: to a service a request, or a connection that passes through unread; to the
 * control API a call, whose action has a name of its own.
 */
enum auth_action { AUTH_INVOKE, AUTH_CONNECT, AUTH_CALL, AUTH_ACTIONS };

/* The keys of calls alone. */
enum call_key {
#define X(kind, name, form) CALL_##kind,
#include "auth/call_keys.def"
#undef X
	CALL_KEYS
};

/* The values of a key; none: the key is missing. */
struct context_values {
	const struct str *at; /* several; else one is it */
	struct str one;
	size_t count;
};

/* What a call says of itself. */
struct auth_call {
	struct str action;		  /* "vpc-lattice:CreateService" */
	struct str region;		  /* that was called */
	const struct principal_tag *tags; /* to be put on a resource */
	size_t tag_count;
	struct context_values tag_keys; /* to be put on a resource, or taken off */
	struct context_values values[CALL_KEYS];
};

/* All that policies are asked about. Strings are borrowed; what does not apply is empty. */
struct auth_request {
	enum auth_action action;
	const struct principal *principal;
	struct str resource; /* the service's ARN and, of a request, its path; of a call its own */
	struct str service_arn, network_arn;
	struct str source_vpc, source_vpc_account;
	const struct sock_addr *source;
	uint16_t port; /* of the listener */
	bool is_secure;
	uint64_t now_ms; /* wall clock */
	const struct principal_tag *resource_tags;
	size_t resource_tag_count;

	/* of a request only */
	struct str method, path, query, authority;
	const struct http_headers *headers;

	const struct auth_call *call; /* of a call only */
};

enum context_key_kind {
	CONTEXT_NONE,
#define X(kind, name, form) CONTEXT_##kind,
#include "auth/context_keys.def"
#undef X
	CONTEXT_CALL, /* no key; after it those of enum call_key, in that order */
#define X(kind, name, form) CONTEXT_CALL_##kind,
#include "auth/call_keys.def"
#undef X
};

struct context_key {
	enum context_key_kind kind;
	struct str name; /* behind the slash of RequestHeader/, PrincipalTag/ and so on */
	struct str text; /* as the policy wrote it */
};

/* Different keys that one policy may name. */
enum { CONTEXT_KEYS_MAX = 128 };

struct context_keys {
	bool without_calls; /* set first: those of calls are refused */
	struct context_key at[CONTEXT_KEYS_MAX];
	size_t count;
};

struct context {
	const struct auth_request *request;
	const struct context_keys *keys;
	struct arena *scratch; /* for values that must be put together */
	bool failed;	       /* scratch is spent: what was decided is not to be trusted */
	uint64_t known[CONTEXT_KEYS_MAX / 64];
	struct context_values values[CONTEXT_KEYS_MAX];
};

int context_keys_add(struct context_keys *k, struct str text, uint16_t *ret, const char **ret_why);
void context_init(struct context *c, const struct context_keys *keys, const struct auth_request *q,
		  struct arena *scratch);
const struct context_values *context_get(struct context *c, size_t key);
struct str context_value(const struct context_values *v, size_t i);
bool context_key_is_multivalued(const struct context_key *k);
bool context_number(const struct auth_request *q, const struct context_key *k, double *ret);
struct str auth_action_name(const struct auth_request *q);

#endif
