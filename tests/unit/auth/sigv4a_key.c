/* SPDX-License-Identifier: Apache-2.0 */
/* The key that SigV4A derives, against the suite's, and what is no signature by it. */
#include "auth/sigv4a_key.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "../faults.h"

/* One candidate in 2^32 is too great, so nobody knows one: as many as are wanted. */
static unsigned too_great;

static void be_too_great(unsigned char to[SHA256_BYTES])
{
	memset(to, 0xff, SHA256_BYTES);
	if (--too_great)
		faults_left = 1;
}

FAULT(hmac, void, be_too_great(to),
      (const struct hmac_key *k, struct str text, unsigned char to[SHA256_BYTES]), (k, text, to))
FAULT(EC_GROUP_new_by_curve_name, EC_GROUP *, NULL, (int nid), (nid))
FAULT(EC_POINT_new, EC_POINT *, NULL, (const EC_GROUP *g), (g))
FAULT(BN_bin2bn, BIGNUM *, NULL, (const unsigned char *s, int n, BIGNUM *to), (s, n, to))
FAULT(BN_add_word, int, 0, (BIGNUM * n, BN_ULONG w), (n, w))
FAULT(EC_POINT_mul, int, 0,
      (const EC_GROUP *g, EC_POINT *r, const BIGNUM *n, const EC_POINT *q, const BIGNUM *m,
       BN_CTX *c),
      (g, r, n, q, m, c))
FAULT(EC_POINT_point2oct, size_t, 0,
      (const EC_GROUP *g, const EC_POINT *p, point_conversion_form_t form, unsigned char *to,
       size_t n, BN_CTX *c),
      (g, p, form, to, n, c))
FAULT(EVP_PKEY_CTX_new_from_name, EVP_PKEY_CTX *, NULL,
      (OSSL_LIB_CTX * l, const char *name, const char *q), (l, name, q))
FAULT(EVP_PKEY_fromdata_init, int, 0, (EVP_PKEY_CTX * c), (c))
FAULT(EVP_PKEY_fromdata, int, 0,
      (EVP_PKEY_CTX * c, EVP_PKEY **to, int selection, OSSL_PARAM params[]),
      (c, to, selection, params))
FAULT(EVP_PKEY_CTX_new, EVP_PKEY_CTX *, NULL, (EVP_PKEY * k, ENGINE *e), (k, e))
FAULT(EVP_PKEY_verify_init, int, 0, (EVP_PKEY_CTX * c), (c))

#define SECRET STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

static void the_key_is_the_suites(void **state)
{
	static const unsigned char wanted[POINT_BYTES] =
		"\x04\xb6\x61\x8f\x6a\x65\x74\x0a\x99\xe6\x50\xb3\x3b\x6b\x4b\x5b\xd0"
		"\xd4\x3b\x17\x6d\x72\x1a\x3e\xdf\xea\x7e\x7d\x2d\x56\xd9\x36\xb1"
		"\x86\x5e\xd2\x2a\x7e\xad\xc9\xc5\xcb\x9d\x2c\xba\xca\x1b\x36\x99"
		"\x13\x9f\xed\xc5\x04\x3d\xc6\x66\x18\x64\x21\x83\x30\xc8\xe5\x18";
	EVP_PKEY *key = sigv4a_public_key(STR("AKIDEXAMPLE"), SECRET);
	unsigned char point[POINT_BYTES];
	size_t n;

	(void)state;
	assert_non_null(key);
	assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
							 sizeof(point), &n),
			 1);
	assert_int_equal(n, sizeof(point));
	assert_memory_equal(point, wanted, sizeof(point));
	EVP_PKEY_free(key);
}

static void candidates_are_below_the_order(void **state)
{
	unsigned char k[SHA256_BYTES] = {
		0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
		0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
	};

	(void)state;
	assert_true(is_candidate(k));
	k[31]++;
	assert_false(is_candidate(k));
	k[4] = 1;
	k[31] = 0;
	assert_false(is_candidate(k));
	memset(k, 0, sizeof(k));
	assert_true(is_candidate(k));
}

static void longer_names_than_any_have_no_key(void **state)
{
	char text[ACCESS_KEY_SECRET_BYTES_MAX + 1];
	EVP_PKEY *key;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_null(sigv4a_public_key((struct str){ text, ID_BYTES_MAX + 1 }, SECRET));
	assert_null(sigv4a_public_key(STR("A"), (struct str){ text, sizeof(text) }));
	key = sigv4a_public_key((struct str){ text, ID_BYTES_MAX },
				(struct str){ text, ACCESS_KEY_SECRET_BYTES_MAX });
	assert_non_null(key);
	EVP_PKEY_free(key);
}

static void anything_else_is_no_signature(void **state)
{
	static const char *const cases[] = { "", "3", "30", "zz", "3z", "300602010102010130" };
	EVP_PKEY *key = sigv4a_public_key(STR("AKIDEXAMPLE"), SECRET);
	char longer[2 * SIGNATURE_BYTES_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(sigv4a_verify(key, STR("text"), str_of(cases[i])));
	memset(longer, '0', sizeof(longer));
	assert_false(sigv4a_verify(key, STR("text"), (struct str){ longer, sizeof(longer) }));
	EVP_PKEY_free(key);
}

static void a_candidate_that_is_too_great_is_passed_over(void **state)
{
	char message[64 + ID_BYTES_MAX], secret[] = "AWS4AwJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
	unsigned char k[SHA256_BYTES], point[POINT_BYTES], got[POINT_BYTES];
	struct hmac_key second;
	EVP_PKEY *key;
	size_t n;

	(void)state;
	hmac_key_init(&second, secret, strlen(secret));
	hmac(&second, write_message(STR("AKIDEXAMPLE"), 2, message), k);
	assert_true(make_point(k, point));
	faults_left = too_great = 1;
	key = sigv4a_public_key(STR("AKIDEXAMPLE"), SECRET);
	assert_non_null(key);
	EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, got, sizeof(got), &n);
	assert_memory_equal(got, point, sizeof(point));
	EVP_PKEY_free(key);
	faults_left = 1;
	too_great = CANDIDATES_MAX;
	assert_null(sigv4a_public_key(STR("AKIDEXAMPLE"), SECRET));
	assert_int_equal(too_great, 0);
}

static bool derives(void *ctx)
{
	EVP_PKEY *key;

	(void)ctx;
	too_great = CANDIDATES_MAX; /* for the one call of hmac() that fails */
	key = sigv4a_public_key(STR("AKIDEXAMPLE"), SECRET);
	EVP_PKEY_free(key);
	return key;
}

struct signature {
	EVP_PKEY *key;
	char hex[2 * SIGNATURE_BYTES_MAX];
	size_t n;
};

static struct signature sign_text(void)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA256_BYTES], der[SIGNATURE_BYTES_MAX];
	struct signature s = { .key = EVP_EC_gen("P-256") };
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(s.key, NULL);
	size_t i, n = sizeof(der);

	sha256(STR("text"), digest);
	assert_int_equal(EVP_PKEY_sign_init(c), 1);
	assert_int_equal(EVP_PKEY_sign(c, der, &n, digest, sizeof(digest)), 1);
	EVP_PKEY_CTX_free(c);
	for (i = 0; i < n; i++) {
		s.hex[s.n++] = digits[der[i] >> 4];
		s.hex[s.n++] = digits[der[i] & 15];
	}
	return s;
}

static bool verifies(void *ctx)
{
	struct signature *s = ctx;

	return sigv4a_verify(s->key, STR("text"), (struct str){ s->hex, s->n });
}

static void no_key_and_no_verdict_when_a_call_fails(void **state)
{
	struct signature s = sign_text();

	(void)state;
	assert_false(sigv4a_verify(s.key, STR("other"), (struct str){ s.hex, s.n }));
	faults_each(derives, NULL);
	faults_each(verifies, &s);
	EVP_PKEY_free(s.key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_is_the_suites),
		cmocka_unit_test(candidates_are_below_the_order),
		cmocka_unit_test(longer_names_than_any_have_no_key),
		cmocka_unit_test(anything_else_is_no_signature),
		cmocka_unit_test(a_candidate_that_is_too_great_is_passed_over),
		cmocka_unit_test(no_key_and_no_verdict_when_a_call_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
