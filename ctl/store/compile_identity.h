/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities, access keys and attestation rules as the data path reads them. The bodies of their
 * records hold
 *   IDENTITY     arn, userId, tags {}, organizationId, organizationPaths [], policy (JSON text)
 *   ACCESS_KEY   status, sealed, and of temporary keys sessionName, tokenHash, expiresMs
 *   ATTESTATION  vpcId and either cgroup or uid
 * The latter two are children of the identity; an access key's record id is the access key id.
 */
#ifndef LATTICE_STORE_COMPILE_IDENTITY_H
#define LATTICE_STORE_COMPILE_IDENTITY_H

#include "store/build.h"

int compile_identities(struct build *b);

#endif
