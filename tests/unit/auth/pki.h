/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of every kind for tests, as PEM. */
#ifndef LATTICE_TESTS_PKI_H
#define LATTICE_TESTS_PKI_H

#include "auth/certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

struct pki {
	X509 *x;
	EVP_PKEY *key;
};

/* How a certificate is to be; all-zero but for the name is a good one, signed by itself. */
struct pki_wish {
	const char *common_name, *alt_names;
	const struct pki *issuer;
	long from, to;	  /* seconds from now; 0 and 0: an hour each way */
	EVP_PKEY *key;	  /* NULL: a new one on P-256 */
	const EVP_MD *md; /* NULL: SHA-256 */
	bool is_ca;
};

static inline void pki_extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *e;

	X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static inline struct pki pki_make(const struct pki_wish *w)
{
	static long serial = 1;
	struct pki p = { X509_new(), w->key ? w->key : EVP_EC_gen("P-256") };
	const struct pki *issuer = w->issuer ? w->issuer : &p;

	X509_set_version(p.x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(p.x), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(p.x), w->from || w->to ? w->from : -3600);
	X509_gmtime_adj(X509_getm_notAfter(p.x), w->from || w->to ? w->to : 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(p.x), "CN", MBSTRING_ASC,
				   (const unsigned char *)w->common_name, -1, -1, 0);
	X509_set_issuer_name(p.x, X509_get_subject_name(issuer->x));
	X509_set_pubkey(p.x, p.key);
	if (w->is_ca)
		pki_extend(p.x, issuer->x, NID_basic_constraints, "critical,CA:TRUE");
	if (w->alt_names)
		pki_extend(p.x, issuer->x, NID_subject_alt_name, w->alt_names);
	assert_true(X509_sign(p.x, issuer->key, w->md ? w->md : EVP_sha256()) > 0);
	return p;
}

static inline void pki_fini(struct pki *p)
{
	X509_free(p->x);
	EVP_PKEY_free(p->key);
}

static inline struct str pki_text(struct arena *a, BIO *b)
{
	char *p;
	long n = BIO_get_mem_data(b, &p);
	struct str s = arena_copy(a, (struct str){ p, (size_t)n });

	BIO_free(b);
	return s;
}

static inline struct str pki_pem(struct arena *a, const struct pki *p)
{
	BIO *b = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(b, p->x);
	return pki_text(a, b);
}

/* NULL @password: not encrypted. */
static inline struct str pki_key_pem(struct arena *a, EVP_PKEY *key, const char *password)
{
	BIO *b = BIO_new(BIO_s_mem());

	PEM_write_bio_PKCS8PrivateKey(b, key, password ? EVP_aes_128_cbc() : NULL, password,
				      password ? (int)strlen(password) : 0, NULL, NULL);
	return pki_text(a, b);
}

#endif
