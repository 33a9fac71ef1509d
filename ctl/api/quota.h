/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas: quotas_init(), quotas_set() for each that the operator changes, quotas_wrong() once.
 * Handlers insert first and then ask quota_check(), so that a double is reported as one.
 */
#ifndef LATTICE_API_QUOTA_H
#define LATTICE_API_QUOTA_H

#include "base/str.h"

#include <stdint.h>

struct call;
struct record;

enum quota {
#define X(name, word, max, code, kind, words) QUOTA_##name,
#include "api/quota.def"
#undef X
	QUOTA_COUNT
};

struct quotas {
	uint32_t max[QUOTA_COUNT];
};

void quotas_init(struct quotas *q);
const char *quotas_set(struct quotas *q, struct str text);
const char *quotas_wrong(const struct quotas *q);

uint32_t quota_max(const struct call *c, enum quota which);
int quota_check(struct call *c, enum quota which, const struct record *holder);

#endif
