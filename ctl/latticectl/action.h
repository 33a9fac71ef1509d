/* SPDX-License-Identifier: Apache-2.0 */
/* What a listener or a rule does, from --forward GROUP[:WEIGHT] and --fixed-response STATUS. */
#ifndef LATTICE_LATTICECTL_ACTION_H
#define LATTICE_LATTICECTL_ACTION_H

#include "latticectl/session.h"

enum exit_status action_into(struct session *s, const struct args *a, const char *label,
			     struct cJSON *members);

#endif
