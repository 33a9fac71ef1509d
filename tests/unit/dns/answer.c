/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of ctl/dns/answer.c, with wire.c and zone.c: each file of tests/vectors/dns is a query in
 * hexadecimal and what is answered: those bytes, "drop", or "forward".
 */
#include "dns/answer.c"

#include "view.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char vectors[] = "tests/vectors/dns";

#define ZONE "vpc-lattice-svcs.us-east-1.on.aws"

static const struct snap_service cart = {
	.id = { "svc-a", 5 },
	.dns_name = { "cart-0123456789abcdef0.7d67968." ZONE, 31 + sizeof(ZONE) - 1 },
	.domain = { "Cart.Example.com", 16 },
	.addr4 = { .family = AF_INET, .v6.s6_addr = { 169, 254, 171, 33 } },
	.addr6 = { .family = AF_INET6,
		   .v6.s6_addr = { 0xfd, 0, 0x0e, 0xc2, 0, 0x80, [12] = 0xa9, 0xfe, 0xab, 0x21 } },
};

/* Filled before all tests. */
static struct answer_source source = { .serial = 7 };

static int open_view(void **state)
{
	(void)state;
	source.view = view_of(STR(ZONE), &cart);
	return 0;
}

static int close_view(void **state)
{
	(void)state;
	snapshot_put((struct snapshot *)source.view.snapshot);
	return 0;
}

static size_t read_hex(const char *text, uint8_t *to, size_t max)
{
	static const char digits[] = "0123456789abcdef";
	size_t n;

	for (n = 0; n < max && text[2 * n]; n++) {
		const char *high = strchr(digits, text[2 * n]);
		const char *low = strchr(digits, text[2 * n + 1]);

		assert_true(high && low && *low);
		to[n] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return n;
}

static void write_hex(const uint8_t *p, size_t n, char *to)
{
	for (; n; n--, p++, to += 2)
		snprintf(to, 3, "%02x", *p);
	*to = '\0';
}

/* What is done with a query, in the words of a vector. */
static void treat(struct str message, char *ret)
{
	uint8_t out[ANSWER_BYTES_MAX];
	struct dns_writer w = { .p = out, .max = sizeof(out) };
	enum dns_rcode rcode;
	struct dns_query q;

	switch (dns_query_parse(message, &q, &rcode)) {
	case DNS_DROP:
		snprintf(ret, 8, "drop");
		return;
	case DNS_REFUSE:
		answer_write_error(&q, rcode, &w);
		break;
	case DNS_ASK:
		if (!answer_write(&source, &q, &w)) {
			snprintf(ret, 8, "forward");
			return;
		}
	}
	assert_false(w.is_full);
	write_hex(out, w.n, ret);
}

static void check_vector(const char *name)
{
	static char line[16384], got[2 * ANSWER_BYTES_MAX + 1];
	uint8_t query[sizeof(line) / 2];
	char path[512];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", vectors, name);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "query ", 6) == 0) {
			/* A copy of its size, so that a byte too far is seen. */
			uint8_t *exact;

			n = read_hex(line + 6, query, sizeof(query));
			exact = malloc(n ? n : 1);
			assert_non_null(exact);
			memcpy(exact, query, n);
			treat((struct str){ (char *)exact, n }, got);
			free(exact);
		}
		if (strncmp(line, "answer ", 7) == 0 && strcmp(line + 7, got) != 0)
			fail_msg("%s: answered %s", name, got);
	}
	fclose(f);
}

static void vectors_are_answered_to_the_byte(void **state)
{
	struct dirent *e;
	DIR *d = opendir(vectors);
	unsigned count = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		check_vector(e->d_name);
		count++;
	}
	closedir(d);
	assert_true(count >= 30);
}

static void a_vpc_that_nothing_is_known_of_has_no_names(void **state)
{
	struct answer_source none = source;
	uint8_t out[ANSWER_BYTES_MAX];
	struct dns_writer w = { .p = out, .max = sizeof(out) };
	struct dns_query q = { .type = DNS_A, .class = DNS_CLASS_IN };

	(void)state;
	none.view.v = NULL;
	assert_true(dns_name_parse(cart.dns_name, &q.name));
	assert_true(answer_write(&none, &q, &w));
	assert_int_equal(out[3] & DNS_RCODE, DNS_NXDOMAIN);
	assert_true(dns_name_parse(STR("cart.example.com"), &q.name));
	assert_false(answer_write(&none, &q, &w));
}

static void what_is_too_long_says_so(void **state)
{
	uint8_t out[ANSWER_BYTES_MAX];
	struct dns_writer w = { .p = out, .max = sizeof(out) };
	struct dns_query q = { .type = DNS_A, .class = DNS_CLASS_IN };

	(void)state;
	assert_true(dns_name_parse(cart.dns_name, &q.name));
	answer_write_truncated(&q, DNS_QR | DNS_AA, &w);
	assert_int_equal(dns_get_u16((struct str){ (char *)out, w.n }, 2),
			 DNS_QR | DNS_AA | DNS_TC);
	assert_int_equal(w.n, DNS_HEADER_BYTES + q.name.n + 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_are_answered_to_the_byte),
		cmocka_unit_test(a_vpc_that_nothing_is_known_of_has_no_names),
		cmocka_unit_test(what_is_too_long_says_so),
	};

	return cmocka_run_group_tests(tests, open_view, close_view);
}
