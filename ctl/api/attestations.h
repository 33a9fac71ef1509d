/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation rules, for those who remove what they are about. */
#ifndef LATTICE_API_ATTESTATIONS_H
#define LATTICE_API_ATTESTATIONS_H

#include "api/call.h"

int attestation_forget_vpc(struct call *c, struct str id);

#endif
