/* SPDX-License-Identifier: Apache-2.0 */
/* A key and a certificate that it signed itself, for tests that need some. */
#ifndef LATTICE_TESTS_CREDENTIAL_H
#define LATTICE_TESTS_CREDENTIAL_H

#include "io/tls.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static inline void credential_init(struct tls_credential *c, const char *name)
{
	X509_NAME *subject;

	*c = (struct tls_credential){ .leaf = X509_new(), .key = EVP_EC_gen("P-256") };
	subject = X509_get_subject_name(c->leaf);
	X509_set_version(c->leaf, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(c->leaf), 1);
	X509_gmtime_adj(X509_getm_notBefore(c->leaf), 0);
	X509_gmtime_adj(X509_getm_notAfter(c->leaf), 3600);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1,
				   0);
	X509_set_issuer_name(c->leaf, subject);
	X509_set_pubkey(c->leaf, c->key);
	X509_sign(c->leaf, c->key, EVP_sha256());
}

static inline void credential_fini(struct tls_credential *c)
{
	X509_free(c->leaf);
	EVP_PKEY_free(c->key);
}

#endif
