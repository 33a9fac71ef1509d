/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC by the cases of RFC 4231, and without a key. */
#include "auth/sha256.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void codes_are_those_of_the_rfc(void **state)
{
	static const char eleven[] = "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
				     "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b";
	char longer[131];
	const struct {
		struct str key, text;
		const char *code;
	} cases[] = {
		{ STR(eleven), STR("Hi There"),
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ STR("Jefe"), STR("what do ya want for nothing?"),
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ { longer, sizeof(longer) },
		  STR("Test Using Larger Than Block-Size Key - Hash Key First"),
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ { NULL, 0 },
		  { NULL, 0 },
		  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
	};
	size_t i;

	(void)state;
	memset(longer, 0xaa, sizeof(longer));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char code[SHA256_BYTES];
		char hex[SHA256_HEX];
		struct hmac_key k;

		hmac_key_init(&k, cases[i].key.p, cases[i].key.n);
		hmac(&k, cases[i].text, code);
		sha256_write_hex(code, hex);
		assert_memory_equal(hex, cases[i].code, SHA256_HEX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
