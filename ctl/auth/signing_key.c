/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of HMACs from a secret access key to a signing key; nothing of it stays behind. */
#include "auth/signing_key.h"

#include "auth/access_key.h"

/* One step of the chain: @to = HMAC(@key, @text). */
static void step(const void *key, size_t n, struct str text, unsigned char to[SHA256_BYTES])
{
	struct hmac_key k;

	hmac_key_init(&k, key, n);
	hmac(&k, text, to);
	explicit_bzero(&k, sizeof(k));
}

/*
 * The chain "AWS4" @secret, date, region, service, "aws4_request". The caller wipes @to. False,
 * and @to untouched, when the secret is longer than any.
 */
bool signing_key_derive(struct str secret, const struct signing_scope *s, struct hmac_key *to)
{
	unsigned char a[SHA256_BYTES], b[SHA256_BYTES];
	char first[4 + ACCESS_KEY_SECRET_BYTES_MAX];

	if (secret.n > ACCESS_KEY_SECRET_BYTES_MAX)
		return false;
	memcpy(first, "AWS4", 4);
	memcpy(first + 4, secret.p, secret.n);
	step(first, 4 + secret.n, s->date, a);
	step(a, sizeof(a), s->region, b);
	step(b, sizeof(b), s->service, a);
	step(a, sizeof(a), STR("aws4_request"), b);
	hmac_key_init(to, b, sizeof(b));
	explicit_bzero(first, sizeof(first));
	explicit_bzero(a, sizeof(a));
	explicit_bzero(b, sizeof(b));
	return true;
}
