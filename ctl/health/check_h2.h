/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP/2 half of a health check: one request, and the status of its final response. */
#ifndef LATTICE_HEALTH_CHECK_H2_H
#define LATTICE_HEALTH_CHECK_H2_H

#include "io/stream.h"

struct check_h2;

/* What to ask for; borrowed for the call. */
struct check_h2_question {
	struct str scheme, authority, path, user_agent;
};

struct check_h2 *check_h2_new(const struct check_h2_question *q);
void check_h2_free(struct check_h2 *h);
bool check_h2_run(struct check_h2 *h, struct stream *s, unsigned *ret_status, const char **ret_why);

#endif
