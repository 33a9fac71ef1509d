/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a request, as a list. */
#ifndef LATTICE_PROXY_STAGES_H
#define LATTICE_PROXY_STAGES_H

#include "proxy/request.h"

struct stage {
	const char *name;
	enum step (*run)(struct request *r);
};

extern const struct stage stages[];
extern const size_t stage_count;

#endif
