/* SPDX-License-Identifier: Apache-2.0 */
/* Finding identities, for what belongs to them. */
#ifndef LATTICE_API_IDENTITIES_H
#define LATTICE_API_IDENTITIES_H

#include "api/call.h"

int identity_find(struct call *c, const char *field, struct str identifier, struct record **ret);

#endif
