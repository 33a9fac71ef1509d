/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage that recognises a caller who did not sign, by what the kernel knows of its process. A
 * worker keeps the paths of the cgroups that it met: an id stands for one path for ever.
 */
#ifndef LATTICE_PROXY_ATTEST_H
#define LATTICE_PROXY_ATTEST_H

#include "proxy/request.h"

enum { ATTEST_BUCKETS = 64, ATTEST_CGROUPS_MAX = 1024 };

struct attest_cgroup {
	struct list link;    /* in its bucket */
	struct list by_age;  /* the oldest first */
	struct list waiters; /* requests */
	uint64_t id;
	char *path; /* NULL: it was asked for */
};

/* owner: worker */
struct attest {
	struct list buckets[ATTEST_BUCKETS];
	struct list by_age;
	size_t count;
};

enum step stage_attest(struct request *r);
void attest_init(struct attest *a);
void attest_fini(struct attest *a);
void attest_answer(struct attest *a, uint64_t cgroup, char *path);

#endif
