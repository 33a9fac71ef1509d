/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/dns/addresses.c and dns_name_expand(): which addresses of an answer are taken. */
#include "dns/addresses.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct dns_query asked;
static uint8_t bytes[1024];
static struct dns_writer m;

/* An answer to a.b for @type, with so many records to follow. */
static void begin(uint16_t type, uint16_t flags, uint16_t answers)
{
	m = (struct dns_writer){ .p = bytes, .max = sizeof(bytes) };
	asked = (struct dns_query){ .type = type, .class = DNS_CLASS_IN };
	assert_true(dns_name_parse(STR("a.b"), &asked.name));
	dns_put_question(&m, &asked, flags | DNS_QR);
	dns_set_u16(bytes, ANCOUNT, answers);
}

static void record(struct str owner, uint16_t type, uint32_t ttl, struct str data)
{
	dns_put(&m, owner.p, owner.n);
	dns_put_u16(&m, type);
	dns_put_u16(&m, DNS_CLASS_IN);
	dns_put_u32(&m, ttl);
	dns_put_u16(&m, (uint16_t)data.n);
	dns_put(&m, data.p, data.n);
}

static enum addresses_outcome read_it(struct addresses *ret)
{
	return addresses_read((struct str){ (char *)bytes, m.n }, &asked, ret);
}

static const struct str self = { "\xc0\x0c", 2 }, other = { "\1c\1d", 5 };

static void takes_what_the_name_has(void **state)
{
	struct addresses a;

	(void)state;
	begin(DNS_A, 0, 4);
	record(self, DNS_A, 300, STR("\x0a\0\0\2"));
	record(other, DNS_A, 1, STR("\x0a\0\0\3"));
	record(self, DNS_A, 30, STR("\x0a\0\0\1"));
	record(self, DNS_A, 5, STR("12345"));
	assert_int_equal(read_it(&a), ADDRESSES_FOUND);
	assert_int_equal(a.count, 2);
	assert_int_equal(a.ttl, 30);
	assert_int_equal(ntohl(a.at[0].v4.s_addr), 0x0a000001);
	assert_int_equal(a.at[1].family, AF_INET);
	begin(DNS_AAAA, 0, 1);
	record(self, DNS_AAAA, 7, STR("0123456789abcdef"));
	assert_int_equal(read_it(&a), ADDRESSES_FOUND);
	assert_int_equal(a.at[0].family, AF_INET6);
	assert_memory_equal(&a.at[0].v6, "0123456789abcdef", 16);
}

static void follows_aliases_in_any_order(void **state)
{
	struct addresses a;

	(void)state;
	begin(DNS_A, 0, 3);
	record(STR("\1e\1f\0"), DNS_A, 300, STR("1234"));
	record(STR("\1C\1D\0"), DNS_CNAME, 200, STR("\1e\1f\0"));
	record(self, DNS_CNAME, 100, STR("\1c\1d\0"));
	assert_int_equal(read_it(&a), ADDRESSES_FOUND);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.ttl, 100);
	/* To a name that is not there, and in a circle. */
	begin(DNS_A, 0, 2);
	record(self, DNS_CNAME, 1, STR("\1c\1d\0"));
	record(self, DNS_A, 1, STR("1234"));
	assert_int_equal(read_it(&a), ADDRESSES_NONE);
	begin(DNS_A, 0, 1);
	record(self, DNS_CNAME, 1, self);
	assert_int_equal(read_it(&a), ADDRESSES_FAILED);
}

static void tells_none_from_no_name_from_no_answer(void **state)
{
	struct addresses a;

	(void)state;
	begin(DNS_A, 0, 0);
	assert_int_equal(read_it(&a), ADDRESSES_NONE);
	begin(DNS_A, DNS_NXDOMAIN, 0);
	assert_int_equal(read_it(&a), ADDRESSES_NO_NAME);
	begin(DNS_A, DNS_SERVFAIL, 0);
	assert_int_equal(read_it(&a), ADDRESSES_FAILED);
	assert_int_equal(addresses_read(STR(""), &asked, &a), ADDRESSES_FAILED);
}

static void takes_no_more_than_there_is_room_for(void **state)
{
	struct addresses a;
	char data[4] = { 10, 0, 0, 0 };
	int i;

	(void)state;
	begin(DNS_A, 0, HOST_ADDRESSES_MAX + 1);
	for (i = HOST_ADDRESSES_MAX; i >= 0; i--) {
		data[3] = (char)i;
		record(self, DNS_A, 9, (struct str){ data, 4 });
	}
	assert_int_equal(read_it(&a), ADDRESSES_FOUND);
	assert_int_equal(a.count, HOST_ADDRESSES_MAX);
	assert_int_equal(ntohl(a.at[0].v4.s_addr), 0x0a000001);
}

static void a_name_is_expanded_backwards_only(void **state)
{
	static const struct {
		struct str message;
		size_t at;
		bool is_good;
	} cases[] = {
		{ { "\1a\0", 3 }, 0, true },
		{ { "\1a\0\1b\xc0\0", 7 }, 3, true },
		{ { "\1a\0\1b\xc0\3", 7 }, 3, false },
		{ { "\xc0\0", 2 }, 0, false },
		{ { "\1a\xc0\4\1b\xc0\0", 8 }, 4, false },
		{ { "\1a", 2 }, 0, false },
		{ { "\5a", 2 }, 0, false },
		{ { "\x40\0", 2 }, 0, false },
		{ { "\xc0", 1 }, 0, false },
		{ { "", 0 }, 0, false },
	};
	char longest[300];
	struct dns_name n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (dns_name_expand(cases[i].message, cases[i].at, &n) != cases[i].is_good)
			fail_msg("case %zu", i);
	for (i = 0; i < sizeof(longest); i++)
		longest[i] = i % 2 ? 'a' : 1;
	longest[254] = 0;
	assert_true(dns_name_expand((struct str){ longest, 255 }, 0, &n));
	assert_int_equal(n.n, DNS_NAME_BYTES_MAX);
	longest[254] = 1;
	longest[256] = 0;
	assert_false(dns_name_expand((struct str){ longest, 257 }, 0, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_the_name_has),
		cmocka_unit_test(follows_aliases_in_any_order),
		cmocka_unit_test(tells_none_from_no_name_from_no_answer),
		cmocka_unit_test(takes_no_more_than_there_is_room_for),
		cmocka_unit_test(a_name_is_expanded_backwards_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
