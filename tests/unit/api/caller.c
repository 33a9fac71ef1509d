/* SPDX-License-Identifier: Apache-2.0 */
/* Who a signed request to the API comes from. The signatures are made here, step by step. */
#include "api/caller.c"

#include "../auth/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#define ACCOUNT "111111111111"

struct fixture {
	struct test_keys keys;
	struct sigv4 verifier;
	struct snapshot *snapshot;
	struct api_hooks hooks;
	struct api_context on;
	char head[2048];
	struct http_request r;
	struct caller caller;
};

static const struct snapshot *in_force(void *ctx)
{
	return ((struct fixture *)ctx)->snapshot;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	test_keys_init(&f->keys, (struct str){ 0 });
	f->keys.key.principal = (struct principal){ .account = STR(ACCOUNT) };
	assert_int_equal(caller_init(&f->verifier, STR("us-east-1"), f->keys.vault), 0);
	f->snapshot = calloc(1, sizeof(*f->snapshot));
	f->snapshot->identities = (struct snap_identities){ .keys = &f->keys.key, .key_count = 1 };
	f->hooks = (struct api_hooks){ .snapshot = in_force, .ctx = f };
	f->on = (struct api_context){ .hooks = &f->hooks, .verifier = &f->verifier };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sigv4_fini(&f->verifier);
	test_keys_fini(&f->keys);
	free(f->snapshot);
	free(f);
	return 0;
}

static void hmac_of(unsigned char key[SHA256_BYTES], size_t key_bytes, const void *from,
		    const char *text)
{
	struct hmac_key k;

	hmac_key_init(&k, from, key_bytes);
	hmac(&k, str_of(text), key);
}

static void hex_of(struct str text, char to[SHA256_HEX + 1])
{
	unsigned char digest[SHA256_BYTES];

	sha256(text, digest);
	sha256_write_hex(digest, to);
	to[SHA256_HEX] = '\0';
}

static void sign_text(const char *date, const char *canonical, char to[SHA256_HEX + 1])
{
	unsigned char key[SHA256_BYTES];
	char hash[SHA256_HEX + 1], text[256];

	hex_of(str_of(canonical), hash);
	snprintf(text, sizeof(text),
		 "AWS4-HMAC-SHA256\n%s\n%.8s/us-east-1/vpc-lattice/aws4_request\n%s", date, date,
		 hash);
	snprintf(hash, sizeof(hash), "%.8s", date);
	hmac_of(key, strlen("AWS4" TEST_SECRET), "AWS4" TEST_SECRET, hash);
	hmac_of(key, sizeof(key), key, "us-east-1");
	hmac_of(key, sizeof(key), key, "vpc-lattice");
	hmac_of(key, sizeof(key), key, "aws4_request");
	hmac_of(key, sizeof(key), key, text);
	sha256_write_hex(key, to);
	to[SHA256_HEX] = '\0';
}

/* A request for @path, whose signature is over @signed_path and @body. */
static void sign_request(struct fixture *f, const char *path, const char *signed_path,
			 struct str body)
{
	char date[CLAIM_TIME_BYTES + 1], hash[SHA256_HEX + 1], signature[SHA256_HEX + 1];
	char canonical[1024];
	time_t now = time(NULL);
	struct tm tm;

	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	hex_of(body, hash);
	snprintf(canonical, sizeof(canonical),
		 "POST\n%s\n\nhost:l\nx-amz-content-sha256:%s\nx-amz-date:%s\n\n"
		 "host;x-amz-content-sha256;x-amz-date\n%s",
		 signed_path, hash, date, hash);
	sign_text(date, canonical, signature);
	snprintf(f->head, sizeof(f->head),
		 "POST %s HTTP/1.1\nHost:l\nX-Amz-Date:%s\nX-Amz-Content-Sha256:%s\n"
		 "Authorization:AWS4-HMAC-SHA256 "
		 "Credential=" TEST_ID "/%.8s/us-east-1/vpc-lattice/aws4_request, "
		 "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%s\n\n",
		 path, date, hash, date, signature);
	test_read_request(f->head, &f->r);
}

/* Who is it? The name of the refusal, or the account. */
static const char *caller_of(struct fixture *f, struct str body)
{
	static char text[64];
	struct str s;

	caller_check(&f->on, &f->r, body, &f->caller);
	s = f->caller.principal ? f->caller.principal->account : f->caller.error;
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(s));
	return text;
}

static void a_right_signature_is_its_accounts(void **state)
{
	struct fixture *f = *state;

	sign_request(f, "/services", "/services", STR("{}"));
	assert_string_equal(caller_of(f, STR("{}")), ACCOUNT);
}

static void a_signature_is_over_the_body(void **state)
{
	struct fixture *f = *state;

	sign_request(f, "/services", "/services", STR("{}"));
	assert_string_equal(caller_of(f, STR("{} ")), "InvalidSignatureException");
	assert_non_null(strstr(f->caller.words, "SHA-256 of the body"));
}

static void a_path_signed_in_another_form_is_refused(void **state)
{
	struct fixture *f = *state;

	sign_request(f, "/x/../services", "/services", STR("{}"));
	assert_string_equal(caller_of(f, STR("{}")), "InvalidSignatureException");
	assert_string_not_equal(f->caller.words, "");
}

static void without_a_signature_it_is_nobody(void **state)
{
	struct fixture *f = *state;

	snprintf(f->head, sizeof(f->head), "GET /services HTTP/1.1\nHost:l\n\n");
	test_read_request(f->head, &f->r);
	assert_string_equal(caller_of(f, STR("")), "MissingAuthenticationTokenException");
}

static void a_signature_in_the_query_is_none(void **state)
{
	struct fixture *f = *state;

	snprintf(f->head, sizeof(f->head),
		 "GET /services?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00 HTTP/1.1\n"
		 "Host:l\n\n");
	test_read_request(f->head, &f->r);
	assert_string_equal(caller_of(f, STR("")), "MissingAuthenticationTokenException");
}

static void without_a_verifier_it_is_nobody(void **state)
{
	struct fixture *f = *state;

	f->on.verifier = NULL;
	sign_request(f, "/services", "/services", STR("{}"));
	assert_string_equal(caller_of(f, STR("{}")), "MissingAuthenticationTokenException");
}

static void without_a_snapshot_no_key_is_known(void **state)
{
	struct fixture *f = *state;

	sign_request(f, "/services", "/services", STR("{}"));
	free(f->snapshot);
	f->snapshot = NULL;
	assert_string_equal(caller_of(f, STR("{}")), "UnrecognizedClientException");
	f->on.hooks = NULL;
	assert_string_equal(caller_of(f, STR("{}")), "UnrecognizedClientException");
}

static void a_key_that_is_off_opens_nothing(void **state)
{
	struct fixture *f = *state;

	f->keys.key.is_active = false;
	sign_request(f, "/services", "/services", STR("{}"));
	assert_string_equal(caller_of(f, STR("{}")), "UnrecognizedClientException");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_right_signature_is_its_accounts),
		CASE(a_signature_is_over_the_body),
		CASE(a_path_signed_in_another_form_is_refused),
		CASE(without_a_signature_it_is_nobody),
		CASE(a_signature_in_the_query_is_none),
		CASE(without_a_verifier_it_is_nobody),
		CASE(without_a_snapshot_no_key_is_known),
		CASE(a_key_that_is_off_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
