/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What accounts let each other use: the semantics of AWS RAM. A share names resources and whom they
 * are shared with (shares.c), a resource policy says so of one resource (resource_policies.c); the
 * functions here ask both, and stand in for call_find() and call_list() where others' resources may
 * be used. Whoever may not use a resource is told that there is none.
 */
#ifndef LATTICE_API_SHARING_H
#define LATTICE_API_SHARING_H

#include "api/call.h"

enum { SHARING_PRINCIPALS_MAX = 50 };

bool sharing_is_principal(struct str s);
bool sharing_conveys(enum kind kind, struct str action);
bool sharing_read_principal(const struct cJSON *item, struct str *ret);
int sharing_find(struct call *c, const char *field, enum kind kind, struct str identifier,
		 const char *action, struct record **ret);
int sharing_find_association(struct call *c, enum kind kind, struct record **ret);
int sharing_delete_association(struct call *c, enum kind kind);
int sharing_list(struct call *c, enum kind kind, const struct call_list_view *view);
int sharing_scope(struct call *c, struct str network_id, struct str service_id,
		  struct store_query *q);

#endif
