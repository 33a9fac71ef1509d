/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identities of a snapshot, and the ways to recognise one: by access key id, when a request
 * is signed, and by what the kernel says of the connecting process, when it is not. Compiled by
 * store/compile_identity.h; every string lives in the snapshot.
 */
#ifndef LATTICE_MODEL_IDENTITIES_H
#define LATTICE_MODEL_IDENTITIES_H

#include "auth/access_key.h"

struct snap_identity {
	struct str id;
	struct principal principal; /* without what a key or an attestation adds */
};

/* Processes of a VPC that are taken for a principal: those of a user, or below a cgroup. */
struct snap_attestation {
	uint32_t vpc; /* its number */
	bool by_uid;
	uint32_t uid;
	struct str cgroup; /* "/", or "/a/b" without a slash at its end: itself and all below */
	struct principal principal;
};

struct snap_identities {
	struct snap_identity *at; /* by ARN */
	size_t count;
	struct access_key *keys; /* by id */
	size_t key_count;
	struct snap_attestation *attestations; /* by snap_attestation_cmp() */
	size_t attestation_count;
};

const struct snap_identity *identities_find(const struct snap_identities *s, struct str arn);
const struct access_key *identities_find_key(const struct snap_identities *s, struct str id);
const struct principal *identities_attest_uid(const struct snap_identities *s, uint32_t vpc,
					      uint32_t uid);
const struct principal *identities_attest_cgroup(const struct snap_identities *s, uint32_t vpc,
						 struct str path);
bool identities_attests(const struct snap_identities *s, uint32_t vpc, bool by_uid);
bool identities_is_cgroup(struct str path);
int snap_attestation_cmp(const void *a, const void *b);

#endif
