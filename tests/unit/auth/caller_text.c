/* SPDX-License-Identifier: Apache-2.0 */
/* What targets are told of a caller, and that tags cannot say more. */
#include "auth/caller_text.c"

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

static void is_written(void (*write)(const struct principal *p, struct buf *to),
		       const struct principal *p, struct str want)
{
	struct buf b;

	buf_init(&b, CALLER_TEXT_BYTES_MAX);
	write(p, &b);
	assert_false(b.failed);
	assert_true(str_eq(buf_str(&b), want));
	buf_fini(&b);
}

static void an_identity_has_all_its_parts(void **state)
{
	(void)state;
	is_written(caller_text_identity, &web,
		   STR("Principal=arn:w; PrincipalOrgID=o-1; PrincipalOrgPaths=o-1/r/,o-1/s/; "
		       "SessionName=s; Type=AWS_IAM"));
}

static void tags_end_no_field_and_no_header(void **state)
{
	(void)state;
	is_written(
		caller_text_tags, &web,
		STR("principal=arn:w;principalorgid=o-1;principalorgpath=o-1/r/;a=x\\;y;b??c=1?"));
}

static void what_a_user_does_not_have_is_empty(void **state)
{
	static const struct principal user = { .type = PRINCIPAL_USER, .arn = { "arn:u", 5 } };

	(void)state;
	is_written(caller_text_identity, &user,
		   STR("Principal=arn:u; PrincipalOrgID=; PrincipalOrgPaths=; SessionName=; "
		       "Type=AWS_IAM"));
	is_written(caller_text_tags, &user,
		   STR("principal=arn:u;principalorgid=;principalorgpath="));
}

/* All that the control API takes fits: fifty tags, each byte of them escaped. */
static void the_longest_tags_fit(void **state)
{
	struct principal_tag many[50];
	struct principal p = { .type = PRINCIPAL_USER, .tags = many, .tag_count = 50 };
	char text[256];
	struct buf b;
	size_t i;

	(void)state;
	memset(text, ';', sizeof(text));
	for (i = 0; i < 50; i++)
		many[i] = (struct principal_tag){ { text, 128 }, { text, 256 } };
	buf_init(&b, CALLER_TEXT_BYTES_MAX);
	caller_text_tags(&p, &b);
	assert_false(b.failed);
	buf_fini(&b);

	buf_init(&b, 1000);
	caller_text_tags(&p, &b);
	assert_true(b.failed);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_identity_has_all_its_parts),
		cmocka_unit_test(tags_end_no_field_and_no_header),
		cmocka_unit_test(what_a_user_does_not_have_is_empty),
		cmocka_unit_test(the_longest_tags_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
