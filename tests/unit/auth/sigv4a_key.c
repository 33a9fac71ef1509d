/* SPDX-License-Identifier: Apache-2.0 */
/* The key that SigV4A derives, against the suite's, and what is no signature by it. */
#include "auth/sigv4a_key.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_is_the_suites),
		cmocka_unit_test(candidates_are_below_the_order),
		cmocka_unit_test(longer_names_than_any_have_no_key),
		cmocka_unit_test(anything_else_is_no_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
