/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/dns/response.c: what of a resolver's answer is believed, kept and passed on. */
#include "dns/response.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct dns_query asked;
static uint8_t bytes[512];
static struct dns_writer m;

static void record(uint16_t type, uint16_t class, uint32_t ttl, struct str data)
{
	dns_put(&m, "\xc0\x0c", 2);
	dns_put_u16(&m, type);
	dns_put_u16(&m, class);
	dns_put_u32(&m, ttl);
	dns_put_u16(&m, (uint16_t)data.n);
	dns_put(&m, data.p, data.n);
}

/* An answer to a.b with so many records, which are to follow. */
static void begin(uint16_t flags, uint16_t answers, uint16_t authorities, uint16_t extras)
{
	m = (struct dns_writer){ .p = bytes, .max = sizeof(bytes) };
	asked = (struct dns_query){ .id = 77, .type = DNS_A, .class = DNS_CLASS_IN };
	assert_true(dns_name_parse(STR("a.b"), &asked.name));
	dns_put_question(&m, &asked, flags | DNS_QR);
	dns_set_u16(bytes, ANCOUNT, answers);
	dns_set_u16(bytes, NSCOUNT, authorities);
	dns_set_u16(bytes, ARCOUNT, extras);
}

static const struct str soa = { "\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\x14", 22 };

static void keeps_an_answer_as_long_as_its_briefest_record(void **state)
{
	struct response r;

	(void)state;
	begin(0, 2, 0, 0);
	record(DNS_A, 1, 300, STR("1234"));
	record(DNS_A, 1, 30, STR("1234"));
	assert_true(response_take(bytes, m.n, &asked, &r));
	assert_int_equal(r.keep_seconds, 30);
	assert_int_equal(r.n, m.n);
	begin(0, 1, 0, 0);
	record(DNS_A, 1, 1000000, STR("1234"));
	assert_true(response_take(bytes, m.n, &asked, &r));
	assert_int_equal(r.keep_seconds, RESPONSE_SECONDS_MAX);
}

static void keeps_that_there_is_none_as_long_as_the_soa_says(void **state)
{
	struct response r;

	(void)state;
	begin(DNS_NXDOMAIN, 0, 1, 0);
	record(DNS_SOA, 1, 900, soa);
	assert_true(response_take(bytes, m.n, &asked, &r));
	assert_int_equal(r.keep_seconds, 20);
	begin(0, 0, 0, 0);
	assert_true(response_take(bytes, m.n, &asked, &r));
	assert_int_equal(r.keep_seconds, 0);
}

static void keeps_no_failure_and_nothing_cut(void **state)
{
	struct response r;

	(void)state;
	begin(DNS_SERVFAIL, 1, 0, 0);
	record(DNS_A, 1, 300, STR("1234"));
	assert_true(response_take(bytes, m.n, &asked, &r));
	assert_int_equal(r.keep_seconds, 0);
	begin(DNS_TC, 1, 0, 0);
	record(DNS_A, 1, 300, STR("1234"));
	assert_true(response_take(bytes, m.n, &asked, &r));
	assert_int_equal(r.keep_seconds, 0);
}

static void takes_no_answer_to_another_question(void **state)
{
	struct dns_query other;
	struct response r;

	(void)state;
	begin(0, 1, 0, 0);
	record(DNS_A, 1, 300, STR("1234"));
	other = asked;
	other.id++;
	assert_false(response_take(bytes, m.n, &other, &r));
	other = asked;
	other.type = DNS_AAAA;
	assert_false(response_take(bytes, m.n, &other, &r));
	other = asked;
	other.name.bytes[1] = 'c';
	assert_false(response_take(bytes, m.n, &other, &r));
	other.name.bytes[1] = 'A';
	assert_true(response_take(bytes, m.n, &other, &r));
	assert_false(response_take(bytes, m.n - 1, &asked, &r));
	bytes[2] &= 0x7f;
	assert_false(response_take(bytes, m.n, &asked, &r));
}

static void edns_and_what_is_behind_it_stay_here(void **state)
{
	struct response r;
	size_t end;

	(void)state;
	begin(0, 1, 0, 3);
	record(DNS_A, 1, 300, STR("1234"));
	record(DNS_A, 1, 300, STR("1234"));
	end = m.n;
	record(DNS_OPT, 4096, 0, STR(""));
	record(DNS_A, 1, 300, STR("1234"));
	assert_true(response_take(bytes, m.n, &asked, &r));
	assert_int_equal(r.n, end);
	assert_int_equal(dns_get_u16((struct str){ (char *)bytes, r.n }, ARCOUNT), 1);
	/* An rcode of which we see only half is a failure. */
	begin(0, 0, 0, 1);
	record(DNS_OPT, 4096, 1U << 24, STR(""));
	assert_true(response_take(bytes, m.n, &asked, &r));
	assert_int_equal(r.flags & DNS_RCODE, DNS_SERVFAIL);
}

static void a_client_gets_its_own_id_case_and_age(void **state)
{
	uint8_t out[512];
	struct dns_writer w = { .p = out, .max = sizeof(out) };
	struct dns_query q;
	struct dns_record seen;
	struct response r;
	struct str got;
	size_t at;

	(void)state;
	begin(DNS_AD | DNS_RD, 1, 0, 0);
	record(DNS_A, 1, 300, STR("1234"));
	assert_true(response_take(bytes, m.n, &asked, &r));
	q = asked;
	q.id = 5;
	q.has_edns = true;
	q.name.bytes[1] = 'A';
	response_write((struct str){ (char *)bytes, r.n }, &q, 100, 512, &w);
	got = (struct str){ (char *)out, w.n };
	assert_int_equal(dns_get_u16(got, 0), 5);
	assert_int_equal(dns_get_u16(got, 2), DNS_QR | DNS_RA);
	assert_int_equal(out[DNS_HEADER_BYTES + 1], 'A');
	at = DNS_HEADER_BYTES + q.name.n + 4U;
	assert_true(dns_record_next(got, &at, &seen));
	assert_int_equal(seen.ttl, 200);
	assert_int_equal(w.n, r.n + DNS_OPT_BYTES);
	response_write((struct str){ (char *)bytes, r.n }, &q, 0, r.n + DNS_OPT_BYTES - 1, &w);
	assert_int_equal(out[2] & DNS_TC >> 8, DNS_TC >> 8);
	assert_int_equal(w.n, DNS_HEADER_BYTES + q.name.n + 4U + DNS_OPT_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_an_answer_as_long_as_its_briefest_record),
		cmocka_unit_test(keeps_that_there_is_none_as_long_as_the_soa_says),
		cmocka_unit_test(keeps_no_failure_and_nothing_cut),
		cmocka_unit_test(takes_no_answer_to_another_question),
		cmocka_unit_test(edns_and_what_is_behind_it_stay_here),
		cmocka_unit_test(a_client_gets_its_own_id_case_and_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
