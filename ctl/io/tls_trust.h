/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose certificates are believed: tls_trust_system() or tls_trust_new(), borrowed by
 * tls_connect(). Connections keep what they need of it. Any number of threads may use one.
 */
#ifndef LATTICE_IO_TLS_TRUST_H
#define LATTICE_IO_TLS_TRUST_H

#include "base/str.h"

#include <openssl/types.h>
#include <stdint.h>

struct tls_trust {
	X509_STORE *store;
	uint64_t serial; /* random: unlike that of any other */
};

enum { TLS_TRUST_CERTIFICATES_MAX = 256 };

struct tls_trust *tls_trust_system(void) __attribute__((warn_unused_result));
struct tls_trust *tls_trust_new(struct str pem) __attribute__((warn_unused_result));
void tls_trust_free(void *trust);

#endif
