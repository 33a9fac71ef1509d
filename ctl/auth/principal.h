/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks. A principal is plain data: snapshots hold one for each identity, access key and
 * attestation rule (model/identities.h), a request points to the one that was found for it, and
 * policies, logs and heads towards targets read it. Strings live as long as the snapshot.
 */
#ifndef LATTICE_AUTH_PRINCIPAL_H
#define LATTICE_AUTH_PRINCIPAL_H

#include "base/str.h"

#include <stdint.h>

struct policy;

enum principal_type {
	PRINCIPAL_ANONYMOUS,
	PRINCIPAL_ACCOUNT, /* the root of an account */
	PRINCIPAL_USER,
	PRINCIPAL_FEDERATED_USER,
	PRINCIPAL_ASSUMED_ROLE,
};

/* A principal's tag: aws:PrincipalTag/key. */
struct principal_tag {
	struct str key, value;
};

/* All-zero is the anonymous caller. What does not apply is empty. */
struct principal {
	enum principal_type type;
	struct str arn;		     /* as shown to others, with the session */
	struct str iam_arn;	     /* aws:PrincipalArn: of a session its role; else arn */
	struct str account;	     /* aws:PrincipalAccount */
	struct str user_id;	     /* aws:userid */
	struct str name;	     /* of the user (aws:username) or the role, without its path */
	struct str session;	     /* the name of a role's session */
	struct str org_id;	     /* aws:PrincipalOrgID */
	const struct str *org_paths; /* aws:PrincipalOrgPaths */
	size_t org_path_count;
	const struct principal_tag *tags; /* by key; unlike each other but for case */
	size_t tag_count;

	/* what the identity itself may do: text as it was given, empty: nothing */
	struct str policy_text;
	const struct policy *policy; /* compiled; NULL: allows nothing */

	/* what targets are told of it (auth/caller_text.h) */
	struct str identity_text, tags_text;

	/* how it was recognised */
	struct str access_key_id; /* of the signature; empty: there was none */
	uint64_t issued_ms;	  /* aws:TokenIssueTime, of temporary keys; 0: none */
	bool is_attested;	  /* by the kernel, without a signature */
};

extern const struct principal principal_anonymous;

/*
 * What an ARN says of a principal; all within the ARN. Type ANONYMOUS: it is no principal's.
 * "arn:aws:sts::A:assumed-role/R/S" names a session of the role "arn:aws:iam::A:role/R".
 */
struct principal_arn {
	enum principal_type type;
	struct str partition, account;
	struct str name;    /* user or role, without its path; empty for root */
	struct str session; /* of assumed roles and federated users; a bare role has none */
};

struct principal_arn principal_parse_arn(struct str arn);
struct str principal_type_name(enum principal_type type);
const struct principal_tag *principal_find_tag(const struct principal *p, struct str key);

#endif
