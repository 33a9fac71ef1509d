/* SPDX-License-Identifier: Apache-2.0 */
/* The usage of services in the SQLite store: a row a service and day. */
#ifndef LATTICE_STORE_STORE_USAGE_H
#define LATTICE_STORE_STORE_USAGE_H

#include "store/statements.h"
#include "store/store.h"

int store_usage_add(struct statements *s, const struct store_usage *u, uint64_t hour,
		    struct fault *fault);
int store_usage_forget(struct statements *s, uint32_t oldest_day, size_t *rows,
		       struct fault *fault);
int store_usage_list(struct statements *s, const struct store_days *days, struct arena *a,
		     struct store_usage **ret, struct fault *fault);

#endif
