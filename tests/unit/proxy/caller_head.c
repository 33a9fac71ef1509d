/* SPDX-License-Identifier: Apache-2.0 */
/* What targets are told of a caller, in both versions of HTTP, and that tags cannot say more. */
#include "proxy/caller_head.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct principal_tag tags[] = {
	{ { "a", 1 }, { "x;y", 3 } },
	{ { "b\r\nc", 4 }, { "1\n", 2 } },
};
static const struct str paths[] = { { "o-1/r/", 6 }, { "o-1/s/", 6 } };
static const struct principal web = { .type = PRINCIPAL_ASSUMED_ROLE,
				      .arn = { "arn:w", 5 },
				      .org_id = { "o-1", 3 },
				      .session = { "s", 1 },
				      .org_paths = paths,
				      .org_path_count = 2,
				      .tags = tags,
				      .tag_count = 2 };

#define IDENTITY                                                                                \
	"Principal=arn:w; PrincipalOrgID=o-1; PrincipalOrgPaths=o-1/r/,o-1/s/; SessionName=s; " \
	"Type=AWS_IAM"
#define TAGS "principal=arn:w;principalorgid=o-1;principalorgpath=o-1/r/;a=x\\;y;b??c=1?"

static void a_caller_is_told_in_text(void **state)
{
	struct head_out to = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	to.text = &b;
	caller_head_fields(NULL, &to);
	caller_head_fields(&principal_anonymous, &to);
	assert_int_equal(buf_len(&b), 0);
	caller_head_fields(&web, &to);
	assert_true(str_eq(buf_str(&b), STR("x-amzn-lattice-identity: " IDENTITY "\r\n"
					    "x-amzn-lattice-identity-tags: " TAGS "\r\n")));
	buf_fini(&b);
}

/* A list is used later: its values must still be there. */
static void a_caller_is_told_in_a_list(void **state)
{
	struct arena arena;
	struct head_list list = { .arena = &arena };
	struct head_out to = { .list = &list };

	(void)state;
	arena_init(&arena, 1 << 16);
	caller_head_fields(&web, &to);
	assert_int_equal(list.count, 2);
	assert_false(list.failed);
	assert_true(str_eq(list.at[0].value, STR(IDENTITY)));
	assert_true(str_eq(list.at[1].name, STR("x-amzn-lattice-identity-tags")));
	assert_true(str_eq(list.at[1].value, STR(TAGS)));
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_caller_is_told_in_text),
		cmocka_unit_test(a_caller_is_told_in_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
