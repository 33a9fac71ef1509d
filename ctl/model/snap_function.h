/* SPDX-License-Identifier: Apache-2.0 */
/* A Lambda function in a snapshot: what a target of a group of functions is. */
#ifndef LATTICE_MODEL_SNAP_FUNCTION_H
#define LATTICE_MODEL_SNAP_FUNCTION_H

#include "base/str.h"

struct tls_trust;

/* Whose signature calls of a function carry; secrets are sealed (auth/vault.h). */
struct snap_signing {
	struct str key_id, region;
	struct str secret, secret_label;
	struct str token, token_label; /* of temporary keys; empty: none */
};

/* A Lambda function, invoked over HTTP at an endpoint in the host's namespace. */
struct snap_function {
	struct str host;	/* as Host says it */
	struct str name;	/* the host alone: a name, or the target's address */
	struct str path_prefix; /* of what is called there, "" or "/x" */
	bool is_whole_path;	/* the prefix is all of the path */
	bool is_tls;
	const struct tls_trust *trust;	    /* over TLS; NULL: what the system trusts */
	const struct snap_signing *signing; /* NULL: calls are not signed */
};

#endif
