/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/base64.c: RFC 4648's examples, and what is refused. */
#include "base/base64.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void agrees_with_the_rfc_both_ways(void **state)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfd", "//79" },
		{ "\xfb", "+w==" },
	};
	char bytes[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;

		buf_init(&b, 64);
		base64_write(&b, str_of(cases[i].bytes));
		assert_true(str_eq(buf_str(&b), str_of(cases[i].text)));
		assert_int_equal(base64_read(str_of(cases[i].text), bytes, &n), 0);
		assert_true(str_eq((struct str){ bytes, n }, str_of(cases[i].bytes)));
		buf_fini(&b);
	}
}

static void refuses_what_could_be_read_in_two_ways(void **state)
{
	static const char *const texts[] = { "Z",    "Zg",   "Zg=",	"Zg===", "Zh==",
					     "Zm9=", "Z===", "====",	"Zm 9v", "Zm9v\n",
					     "Zm-_", "=Zm9", "Zg==Zg==" };
	char bytes[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(base64_read(str_of(texts[i]), bytes, &n), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_rfc_both_ways),
		cmocka_unit_test(refuses_what_could_be_read_in_two_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
