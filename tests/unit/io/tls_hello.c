/* SPDX-License-Identifier: Apache-2.0 */
/* ClientHellos of real clients and of none, in every cut. */
#include "io/tls_hello.c"

#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

enum { BYTES_MAX = 1 << 18 };

/* What OpenSSL says first, as one record. */
static void make_hello(struct buf *to, const char *name)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(context);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	char *p;
	long n;

	SSL_set_bio(ssl, in, out);
	if (name)
		SSL_set_tlsext_host_name(ssl, name);
	SSL_set_alpn_protos(ssl, (const unsigned char *)"\x02h2", 3);
	SSL_connect(ssl);
	n = BIO_get_mem_data(out, &p);
	buf_init(to, BYTES_MAX);
	buf_add(to, (struct str){ p, (size_t)n });
	SSL_free(ssl);
	SSL_CTX_free(context);
}

/* The message of @hello, one record, in records of @n bytes. */
static void cut(struct buf *to, const struct buf *hello, size_t n)
{
	struct str rest = str_skip(buf_str(hello), RECORD_HEAD_BYTES);

	buf_init(to, BYTES_MAX);
	for (; rest.n; rest = str_skip(rest, n)) {
		struct str part = str_first(rest, n);

		buf_add_lit(to, "\x16\x03\x01");
		buf_add_char(to, (char)(part.n >> 8));
		buf_add_char(to, (char)part.n);
		buf_add(to, part);
	}
}

static void reads_the_name_from_any_cut(void **state)
{
	static const size_t sizes[] = { 7, 10, 11, 50, 100, 16384 };
	struct buf hello, records;
	struct tls_hello h;
	size_t i, n;

	(void)state;
	make_hello(&hello, "Cart.Example");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (buf_len(&hello) / sizes[i] >= TLS_HELLO_RECORDS_MAX - 1)
			continue;
		cut(&records, &hello, sizes[i]);
		for (n = 0; n < buf_len(&records); n++)
			assert_int_equal(tls_hello_parse(str_first(buf_str(&records), n), &h),
					 TLS_HELLO_MORE);
		buf_add_lit(&records, "more");
		assert_int_equal(tls_hello_parse(buf_str(&records), &h), TLS_HELLO_DONE);
		assert_string_equal(h.name, "cart.example");
		assert_int_equal(h.name_n, 12);
		buf_fini(&records);
	}
	buf_fini(&hello);
}

static void a_hello_needs_no_name(void **state)
{
	struct buf hello;
	struct tls_hello h;

	(void)state;
	make_hello(&hello, NULL);
	assert_int_equal(tls_hello_parse(buf_str(&hello), &h), TLS_HELLO_DONE);
	assert_int_equal(h.name_n, 0);
	assert_string_equal(h.name, "");
	buf_fini(&hello);
}

static void a_last_dot_is_not_of_the_name(void **state)
{
	struct buf hello;
	struct tls_hello h;

	(void)state;
	make_hello(&hello, "cart.example.");
	assert_int_equal(tls_hello_parse(buf_str(&hello), &h), TLS_HELLO_DONE);
	assert_string_equal(h.name, "cart.example");
	buf_fini(&hello);
}

static void too_many_records_are_refused(void **state)
{
	struct buf hello, records;
	struct tls_hello h;

	(void)state;
	make_hello(&hello, "cart.example");
	cut(&records, &hello, 1);
	assert_int_equal(tls_hello_parse(buf_str(&records), &h), TLS_HELLO_BAD);
	assert_string_equal(h.reason, "ClientHello in too many records");
	buf_fini(&records);
	buf_fini(&hello);
}

/* A hello of version, random, session id, one suite, one method, and these extensions. */
static enum tls_hello_outcome parse(struct str extensions, struct tls_hello *h)
{
	static const char fixed[] = "\x03\x03"
				    "0123456789abcdef0123456789abcdef"
				    "\x00\x00\x02\x13\x01\x01\x00";
	size_t n = sizeof(fixed) - 1 + 2 + extensions.n;
	enum tls_hello_outcome outcome;
	struct buf b;

	buf_init(&b, BYTES_MAX);
	buf_add_lit(&b, "\x16\x03\x01");
	buf_add_char(&b, (char)((n + 4) >> 8));
	buf_add_char(&b, (char)(n + 4));
	buf_add_lit(&b, "\x01\x00");
	buf_add_char(&b, (char)(n >> 8));
	buf_add_char(&b, (char)n);
	buf_add(&b, STR(fixed));
	buf_add_char(&b, (char)(extensions.n >> 8));
	buf_add_char(&b, (char)extensions.n);
	buf_add(&b, extensions);
	outcome = tls_hello_parse(buf_str(&b), h);
	buf_fini(&b);
	return outcome;
}

#define NAME_A                                 \
	"\x00\x00\x00\x06\x00\x04\x00\x00\x01" \
	"a"

static void takes_extensions_as_they_are(void **state)
{
	struct tls_hello h;

	(void)state;
	assert_int_equal(parse(STR(""), &h), TLS_HELLO_DONE);
	assert_int_equal(parse(STR("\x12\x34\x00\x00"), &h), TLS_HELLO_DONE);
	assert_int_equal(h.name_n, 0);
	assert_int_equal(parse(STR("\x12\x34\x00\x03xyz" NAME_A "\xff\x01\x00\x01\x00"), &h),
			 TLS_HELLO_DONE);
	assert_string_equal(h.name, "a");
}

static void refuses_and_says_why(void **state)
{
	static const struct {
		struct str bytes;
		const char *reason;
	} cases[] = {
		{ { "GET / HTTP/1.1", 14 }, "not a TLS handshake" },
		{ { "\x15\x03\x01\x00\x02", 5 }, "not a TLS handshake" },
		{ { "\x16\x02", 2 }, "not a version of TLS" },
		{ { "\x16\x03\x01\x00\x00", 5 }, "empty TLS record" },
		{ { "\x16\x03\x01\x40\x01", 5 }, "TLS record too long" },
		{ { "\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9 }, "not a ClientHello" },
		{ { "\x16\x03\x01\x00\x04\x01\x00\x40\x01", 9 }, "ClientHello too long" },
		{ { "\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9 },
		  "ClientHello with lengths that do not fit" },
	};
	static const struct {
		struct str extensions;
		const char *reason;
	} names[] = {
		{ { NAME_A NAME_A, 20 }, "two server names" },
		{ { "\x00\x00\x00\x0a\x00\x08\x00\x00\x01"
		    "a\x00\x00\x01"
		    "b",
		    14 },
		  "two server names" },
		{ { "\x00\x00\x00\x05\x00\x03\x00\x00\x00", 9 }, "empty server name" },
		{ { "\x00\x00\x00\x06\x00\x04\x01\x00\x01"
		    "a",
		    10 },
		  "server name of an unknown type" },
		{ { "\x00\x00\x00\x06\x00\x04\x00\x00\x01\x00", 10 },
		  "server name with bytes of no name" },
		{ { "\x00\x00\x00\x06\x00\x04\x00\x00\x01/", 10 },
		  "server name with bytes of no name" },
		{ { "\x00\x00\x00\x06\x00\x05\x00\x00\x01"
		    "a",
		    10 },
		  "ClientHello with lengths that do not fit" },
		{ { "\x00\x00\x00\x06\x00\x04\x00\x00\x02"
		    "a",
		    10 },
		  "ClientHello with lengths that do not fit" },
		{ { "\x00\x00\x00\x09\x00\x04\x00\x00\x01"
		    "a",
		    10 },
		  "ClientHello with lengths that do not fit" },
		{ { "\x00\x00\x00", 3 }, "ClientHello with lengths that do not fit" },
	};
	struct tls_hello h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tls_hello_parse(cases[i].bytes, &h), TLS_HELLO_BAD);
		assert_string_equal(h.reason, cases[i].reason);
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (parse(names[i].extensions, &h) != TLS_HELLO_BAD)
			fail_msg("name %zu is taken", i);
		assert_string_equal(h.reason, names[i].reason);
	}
}

static void names_have_a_limit(void **state)
{
	char text[9 + TLS_HELLO_NAME_BYTES_MAX + 1];
	struct tls_hello h;
	size_t n;

	(void)state;
	for (n = TLS_HELLO_NAME_BYTES_MAX; n <= TLS_HELLO_NAME_BYTES_MAX + 1; n++) {
		memcpy(text, "\x00\x00", 2);
		memset(text + 9, 'a', n);
		text[2] = (char)((n + 5) >> 8);
		text[3] = (char)(n + 5);
		text[4] = (char)((n + 3) >> 8);
		text[5] = (char)(n + 3);
		text[6] = 0;
		text[7] = (char)(n >> 8);
		text[8] = (char)n;
		assert_int_equal(parse((struct str){ text, 9 + n }, &h),
				 n == TLS_HELLO_NAME_BYTES_MAX ? TLS_HELLO_DONE : TLS_HELLO_BAD);
	}
	assert_string_equal(h.reason, "server name too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_name_from_any_cut),
		cmocka_unit_test(a_hello_needs_no_name),
		cmocka_unit_test(a_last_dot_is_not_of_the_name),
		cmocka_unit_test(too_many_records_are_refused),
		cmocka_unit_test(takes_extensions_as_they_are),
		cmocka_unit_test(refuses_and_says_why),
		cmocka_unit_test(names_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
