/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/steer/nft.c: the text that is handed to nf_tables. */
#include "steer/nft.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void one_transaction_replaces_all_elements(void **state)
{
	struct link_binding at[] = {
		{ .addr = { AF_INET, 80, { { htonl(0xa9feab09) } } } },
		{ .addr = { .family = AF_INET6, .port = 81 } },
		{ .addr = { AF_INET, 65535, { { htonl(0xa9feab0a) } } } },
	};
	struct table t = { .count = 3, .bindings = at };
	struct buf b;

	(void)state;
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	write_set(&b, &half4, &t);
	assert_true(str_eq(buf_str(&b), STR("flush set inet lattice bindings_ip\n"
					    "add element inet lattice bindings_ip { "
					    "169.254.171.9 . 80,169.254.171.10 . 65535 }\n")));
	buf_clear(&b);
	write_set(&b, &half6, &t);
	assert_true(str_eq(buf_str(&b), STR("flush set inet lattice bindings_ip6\n"
					    "add element inet lattice bindings_ip6 { "
					    ":: . 81 }\n")));
	buf_fini(&b);
}

static void a_change_names_what_goes_and_what_comes(void **state)
{
	struct link_binding at[] = {
		{ { AF_INET, 80, { { htonl(0xa9feab09) } } }, LINK_SERVICE_NONE },
		{ { AF_INET, 81, { { htonl(0xa9feab09) } } }, 3 },
	};
	struct table change = { .count = 2, .bindings = at };
	struct buf b;

	(void)state;
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	write_change(&b, &half4, &change);
	assert_true(str_eq(buf_str(&b),
			   STR("delete element inet lattice bindings_ip { 169.254.171.9 . 80 }\n"
			       "add element inet lattice bindings_ip { 169.254.171.9 . 81 }\n")));
	buf_clear(&b);
	write_change(&b, &half6, &change);
	assert_int_equal(buf_len(&b), 0);
	buf_fini(&b);
}

static void rules_let_return_and_the_rest_is_refused(void **state)
{
	struct ingress rules[] = {
		{ { { .family = AF_INET, .v4 = { htonl(0x0a000000) } }, 8 }, 80, 80 },
		{ { { .family = AF_INET6 }, 0 }, 1, 65535 },
	};
	struct table t = { .has_filter = true, .rule_count = 2, .rules = rules };
	struct buf b;

	(void)state;
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	write_rules(&b, &half4, &t);
	assert_true(str_eq(
		buf_str(&b),
		STR("flush chain inet lattice admit_ip\n"
		    "add rule inet lattice admit_ip ip saddr 10.0.0.0/8 tcp dport 80 return\n"
		    "add rule inet lattice admit_ip counter name filtered reject with tcp "
		    "reset\n")));
	buf_clear(&b);
	write_rules(&b, &half6, &t);
	assert_true(str_eq(
		buf_str(&b),
		STR("flush chain inet lattice admit_ip6\n"
		    "add rule inet lattice admit_ip6 ip6 saddr ::/0 tcp dport 1-65535 return\n"
		    "add rule inet lattice admit_ip6 counter name filtered reject with tcp "
		    "reset\n")));
	buf_clear(&b);
	t.has_filter = false;
	t.rule_count = 0;
	write_rules(&b, &half4, &t);
	assert_true(str_eq(buf_str(&b), STR("flush chain inet lattice admit_ip\n")));
	buf_fini(&b);
}

static void an_empty_table_only_flushes(void **state)
{
	struct table t = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	write_set(&b, &half6, &t);
	assert_true(str_eq(buf_str(&b), STR("flush set inet lattice bindings_ip6\n")));
	buf_fini(&b);
}

static void the_largest_table_fits(void **state)
{
	struct table t = { .count = LATTICE_BINDINGS_MAX,
			   .has_filter = true,
			   .rule_count = LATTICE_FILTER_RULES_MAX };
	struct sock_addr address = { .family = AF_INET6, .port = 65535 };
	struct buf b;
	uint32_t i;

	(void)state;
	memset(&address.v6, 0xff, sizeof(address.v6));
	t.bindings = calloc(t.count, sizeof(*t.bindings));
	t.rules = calloc(t.rule_count, sizeof(*t.rules));
	assert_true(t.bindings && t.rules);
	for (i = 0; i < t.rule_count; i++)
		t.rules[i] = (struct ingress){ { address, 128 }, 60000, 65535 };
	for (i = 0; i < t.count; i++)
		t.bindings[i].addr = address;
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	write_set(&b, &half4, &t);
	write_set(&b, &half6, &t);
	write_rules(&b, &half4, &t);
	write_rules(&b, &half6, &t);
	buf_add_char(&b, 0);
	assert_false(b.failed);
	buf_fini(&b);
	free(t.bindings);
	free(t.rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_transaction_replaces_all_elements),
		cmocka_unit_test(a_change_names_what_goes_and_what_comes),
		cmocka_unit_test(rules_let_return_and_the_rest_is_refused),
		cmocka_unit_test(an_empty_table_only_flushes),
		cmocka_unit_test(the_largest_table_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
