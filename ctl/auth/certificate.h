/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that the data path shows: imported ones, checked by certificate_read(), and ones
 * that the local CA signs when they are first asked for, and again before they expire. Counted;
 * any thread may use them.
 */
#ifndef LATTICE_AUTH_CERTIFICATE_H
#define LATTICE_AUTH_CERTIFICATE_H

#include "base/arena.h"
#include "io/tls.h"

#include <stdint.h>

struct certificate;
struct local_ca;

enum {
	CERTIFICATE_PEM_BYTES_MAX = 64 * 1024, /* leaf or chain */
	CERTIFICATE_KEY_BYTES_MAX = 16 * 1024,
	CERTIFICATE_CHAIN_MAX = 8,
	CERTIFICATE_NAMES_MAX = 100, /* ACM's limit, too */
};

/* As it was given. An empty @chain: what follows the first certificate in @leaf is the chain. */
struct certificate_pem {
	struct str leaf, chain, key;
};

enum certificate_part { CERTIFICATE_IS_GOOD, CERTIFICATE_LEAF, CERTIFICATE_CHAIN, CERTIFICATE_KEY };

/* Which part is wrong, and why; static. */
struct certificate_verdict {
	enum certificate_part part;
	const char *reason;
};

/* What there is to say of one, in an arena. */
struct certificate_facts {
	struct str names[CERTIFICATE_NAMES_MAX]; /* of DNS, as in the certificate */
	size_t name_count;
	struct str issuer, serial, key_algorithm;
	int64_t not_before, not_after; /* seconds since 1970 */
};

struct certificate_verdict certificate_read(const struct certificate_pem *pem,
					    struct certificate **ret)
	__attribute__((warn_unused_result));
struct certificate_verdict certificate_check(const struct certificate *c, int64_t now);
struct certificate *certificate_promise(const struct local_ca *ca, struct str name);
struct certificate *certificate_get(struct certificate *c);
void certificate_put(struct certificate *c);

const struct tls_credential *certificate_credential(struct certificate *c, int64_t now);
bool certificate_is_shared(const struct certificate *c);
bool certificate_name_covers(struct str pattern, struct str name);
int certificate_facts(const struct certificate *c, struct arena *a, struct certificate_facts *ret);

#endif
