/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to the API while it is answered: what it asks, inside one store transaction, and
 * the answer that its handler builds. Handlers return 0, or -1 with the call's fault set; then
 * nothing of what they did to the store stays.
 */
#ifndef LATTICE_API_CALL_H
#define LATTICE_API_CALL_H

#include "api/api.h"
#include "api/field.h"
#include "api/quota.h"
#include "base/buf.h"
#include "model/id.h"
#include "store/store.h"

struct cJSON;

enum { CALL_PARAMS_MAX = 3 };

struct call {
	/* set once */
	struct store *store;
	struct str region, account;
	const struct api_hooks *hooks; /* may be NULL */
	const struct quotas *quotas;   /* NULL: the defaults */
	const struct pool *pool;
	const struct vault *vault;	    /* NULL: no secret is kept */
	const struct local_ca *ca;	    /* may be NULL */
	uint64_t now_ms;		    /* wall clock */
	struct str params[CALL_PARAMS_MAX]; /* from the path, decoded */
	const struct cJSON *body, *query;   /* objects, checked against the operation's tables */

	/* the handler's */
	struct arena arena;
	struct cJSON *answer; /* an object */
	struct cJSON *kept;   /* a list of bodies that end with the call */
	bool changed;	      /* the data path is to be told */
	bool discard;	      /* answer, but keep nothing of what was done */
	bool failed;	      /* out of memory somewhere */
	struct buf text;      /* an answer that is not JSON, of the type text_type */
	struct str text_type; /* empty: the answer is JSON */
	struct fault fault;
};

/* How a list shows a record: its members, and what @more, unless NULL, adds. */
struct call_list_view {
	const char *const *members;
	int (*more)(struct call *c, const struct record *r, struct cJSON *item);
};

int call_find(struct call *c, const char *field, enum kind kind, struct str identifier,
	      struct record **ret);
int call_find_foreign(struct call *c, enum kind kind, struct str identifier, struct record **ret);
int call_find_param(struct call *c, size_t param, enum kind kind, struct record **ret);
int call_find_named(struct call *c, enum kind kind, struct record **ret);
int call_find_child(struct call *c, size_t param, enum kind kind, const struct record *parent,
		    struct record **ret);
int call_find_listener(struct call *c, struct record **ret);
const struct cJSON *call_body(struct call *c, const struct record *r);
struct record *call_new_record(struct call *c, enum kind kind, struct str name);
struct record *call_new_in_vpc(struct call *c, enum kind kind, struct cJSON *body);
int call_insert(struct call *c, struct record *r, const struct cJSON *body,
		const uint32_t number_range[2]);
int call_update(struct call *c, struct record *r, const struct cJSON *body);
int call_link(struct call *c, struct str from, struct str to);
int call_unlink(struct call *c, struct str from);
int call_delete(struct call *c, struct str id);
int call_delete_param(struct call *c, enum kind kind);
struct str call_arn(struct call *c, const struct record *r);
struct cJSON *call_new_object(struct call *c);
struct cJSON *call_add_item(struct call *c, struct cJSON *list);
struct cJSON *call_edit(struct call *c, const struct record *r);

void call_put_str(struct call *c, struct cJSON *to, const char *name, struct str value);
void call_put_number(struct call *c, struct cJSON *to, const char *name, double value);
void call_put_copy(struct call *c, struct cJSON *to, const char *name, const struct cJSON *from);
void call_replace(struct call *c, struct cJSON *in, const char *name, const struct cJSON *from);
void call_merge(struct call *c, struct cJSON *into, const struct cJSON *from);
void call_put(struct call *c, struct cJSON *to, const char *name, struct cJSON *value);
void call_view(struct call *c, const struct record *r, const char *const *members,
	       struct cJSON *into);
int call_show_param(struct call *c, enum kind kind, const char *const *members);
int call_list(struct call *c, struct store_query *q, const struct call_list_view *view);
int call_list_with(struct call *c, struct store_query *q, const struct call_list_view *view,
		   struct record *more);
int call_list_all(struct call *c, struct store_query *q, const struct call_list_view *view);
int call_list_in_vpc(struct call *c, enum kind kind, const struct call_list_view *view);

#endif
