/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system's authorities are looked up where OpenSSL looks (SSL_CERT_FILE and SSL_CERT_DIR
 * included), each when it is first needed, so that one that is installed later counts, too.
 */
#include "io/tls_trust.h"

#include "base/rand.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

static struct tls_trust *new_trust(void)
{
	struct tls_trust *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->store = X509_STORE_new();
	if (!t->store) {
		free(t);
		return NULL;
	}
	t->serial = rand_u64();
	return t;
}

/* NULL is fine. */
void tls_trust_free(void *trust)
{
	struct tls_trust *t = trust;

	if (!t)
		return;
	X509_STORE_free(t->store);
	free(t);
}

/* Those whom the system trusts; NULL without memory. */
struct tls_trust *tls_trust_system(void)
{
	struct tls_trust *t = new_trust();

	if (t && X509_STORE_set_default_paths(t->store) != 1) {
		tls_trust_free(t);
		return NULL;
	}
	return t;
}

/* Add all certificates in @pem to @to. Returns their number, -1 when one is none of use. */
static int add_all(BIO *pem, X509_STORE *to)
{
	int count = 0;

	for (;;) {
		X509 *x = PEM_read_bio_X509(pem, NULL, NULL, NULL);
		bool is_added = x && X509_STORE_add_cert(to, x) == 1;
		unsigned long why = ERR_peek_last_error();

		X509_free(x);
		ERR_clear_error();
		/* The end of the text looks like this. */
		if (!x && ERR_GET_LIB(why) == ERR_LIB_PEM &&
		    ERR_GET_REASON(why) == PEM_R_NO_START_LINE)
			return count;
		if (!is_added || ++count > TLS_TRUST_CERTIFICATES_MAX)
			return -1;
	}
}

/*
 * Those whose certificates are in @pem, or what has such a certificate itself. NULL: there is none
 * in it, one cannot be read, they are too many, or without memory.
 */
struct tls_trust *tls_trust_new(struct str pem)
{
	struct tls_trust *t = new_trust();
	BIO *in = pem.n && pem.n < INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	int count = t && in ? add_all(in, t->store) : -1;

	BIO_free(in);
	if (count > 0 && X509_STORE_set_flags(t->store, X509_V_FLAG_PARTIAL_CHAIN) == 1)
		return t;
	tls_trust_free(t);
	return NULL;
}
