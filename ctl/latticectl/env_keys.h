/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that AWS's own tools take from the environment: AWS_ACCESS_KEY_ID,
 * AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION or AWS_DEFAULT_REGION.
 */
#ifndef LATTICE_LATTICECTL_ENV_KEYS_H
#define LATTICE_LATTICECTL_ENV_KEYS_H

#include "auth/sign.h"

bool env_keys_read(struct str service, struct signer *ret);

#endif
