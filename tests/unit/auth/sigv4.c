/* SPDX-License-Identifier: Apache-2.0 */
/* What the data plane and the control API take for a valid signature, and each reason not to. */
#include "auth/sigv4.c"

#include "sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(realloc, void *, NULL, (void *p, size_t n), (p, n))

#define HOST  "cart-0123456789abcdef0.7d67968.vpc-lattice-svcs.us-west-2.on.aws"
#define TIME  "20240506T070809Z"
#define SCOPE "20240506/us-west-2/vpc-lattice-svcs/aws4_request"
#define NAMES "host;x-amz-content-sha256;x-amz-date;x-amz-security-token"
#define NOW_S 1714979289
#define SIG_1 "c8e08c79456b13aee078a99026b6a825ad78d2adea4fc568ee8d61233295d5e4"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define AUTHORIZATION(names, signature)                                                         \
	"Authorization:AWS4-HMAC-SHA256 Credential=" TEST_ID "/" SCOPE ", SignedHeaders=" names \
	", Signature=" signature "\n"
#define BASICS "Host:" HOST "\nX-Amz-Date:" TIME "\nX-Amz-Content-Sha256:UNSIGNED-PAYLOAD\n"
#define TOKEN  "X-Amz-Security-Token:SESSIONTOKEN\n"
#define QUERY  "/recommendations?product_code=INFLCAT"

struct fixture {
	struct test_keys keys;
	struct sigv4 s;
	char text[4096];
	struct http_request http;
	struct sigv4_request request;
};

static const struct sigv4_rules lattice = { { "us-west-2", 9 },
					    { "vpc-lattice-svcs", 16 },
					    SIGV4_PAYLOAD_UNSIGNED };

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	test_keys_init(&f->keys, STR("SESSIONTOKEN"));
	assert_int_equal(sigv4_init(&f->s, &lattice, f->keys.vault), 0);
	f->request = (struct sigv4_request){ .http = &f->http,
					     .now_ms = NOW_S * UINT64_C(1000),
					     .find_key = test_find_key,
					     .ctx = &f->keys };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sigv4_fini(&f->s);
	test_keys_fini(&f->keys);
	free(f);
	return 0;
}

static struct sigv4_result verify(struct fixture *f, const char *line, const char *headers)
{
	snprintf(f->text, sizeof(f->text), "%s HTTP/1.1\n%s\n", line, headers);
	test_read_request(f->text, &f->http);
	return sigv4_verify(&f->s, &f->request);
}

static void check_valid(struct fixture *f, const char *line, const char *headers)
{
	struct sigv4_result r = verify(f, line, headers);

	if (r.verdict != SIGV4_VALID)
		fail_msg("%s: " STR_FMT, line, STR_ARG(sigv4_reason_id(r.reason)));
	assert_ptr_equal(r.key, &f->keys.key);
}

static void check_reason(struct fixture *f, const char *line, const char *headers,
			 const char *reason)
{
	struct sigv4_result r = verify(f, line, headers);
	struct str id = sigv4_reason_id(r.reason);

	if (r.verdict != SIGV4_INVALID || !str_eq(id, str_of(reason)))
		fail_msg("%s %s: verdict %d, " STR_FMT " and not %s", line, headers, (int)r.verdict,
			 STR_ARG(id), reason);
	assert_null(r.key);
}

/* As AWS's JavaScript signer made them. */
static void takes_what_sdks_sign(void **state)
{
	struct fixture *f = *state;

	check_valid(f, "GET " QUERY, BASICS TOKEN AUTHORIZATION(NAMES, SIG_1));
	check_valid(
		f, "GET /",
		BASICS TOKEN AUTHORIZATION(
			NAMES, "9178ffdfceaa647ced603dfdd4e80af678b7aa4b6b13473b109e98b73c68dd19"));
	check_valid(f, "POST /items/a b%2Fc?a=x%20y&b=1&b=2&empty=",
		    BASICS TOKEN "Content-Type:application/json\nX-Multi:  a   b  \n" AUTHORIZATION(
			    "content-type;" NAMES ";x-multi",
			    "1d9d1e380c6d94d8d287317d2c20fee0abf4dcf09694e51c60acbc2e5f497321"));
	check_valid(
		f, "GET /items/a%20b%2Fc",
		BASICS TOKEN AUTHORIZATION(
			NAMES, "6284bf24c9aec7d58478959fd3e4479a1b254a1a4c35de4439ad3b026b1b4d48"));
	check_valid(
		f, "GET " QUERY,
		BASICS TOKEN
		"X-Amz-Region-Set:us-west-2\n"
		"Authorization:AWS4-ECDSA-P256-SHA256 Credential=" TEST_ID
		"/20240506/vpc-lattice-svcs/aws4_request, SignedHeaders=host;"
		"x-amz-content-sha256;x-amz-date;x-amz-region-set;x-amz-security-token, Signature="
		"30440220740d4816fab013878a8faf83a79566e38998403cad4501292b930f11ae152795"
		"0220214e9961f0eaa8ea3a300b9f5314f25ed5fec81649a229107d44b52a557d5d51\n");
}

/* Every part of a request that is signed counts. */
static void whatever_is_changed_is_noticed(void **state)
{
	static const char *const cases[][2] = {
		{ "POST " QUERY, BASICS TOKEN },
		{ "GET /Recommendations?product_code=INFLCAT", BASICS TOKEN },
		{ "GET /recommendations/?product_code=INFLCAT", BASICS TOKEN },
		{ "GET /recommendation%73?product_code=INFLCAT", BASICS TOKEN },
		{ "GET /recommendations?product_code=INFLCAT&a", BASICS TOKEN },
		{ "GET /recommendations", BASICS TOKEN },
		{ "GET " QUERY, "Host:other\nX-Amz-Date:" TIME
				"\nX-Amz-Content-Sha256:UNSIGNED-PAYLOAD\n" TOKEN },
		{ "GET " QUERY, "Host:" HOST "\nX-Amz-Date:20240506T070810Z\n"
				"X-Amz-Content-Sha256:UNSIGNED-PAYLOAD\n" TOKEN },
	};
	struct fixture *f = *state;
	char headers[2048];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(headers, sizeof(headers), "%s%s", cases[i][1],
			 AUTHORIZATION(NAMES, SIG_1));
		check_reason(f, cases[i][0], headers, "MISMATCH");
	}
	check_reason(f, "GET " QUERY,
		     BASICS TOKEN AUTHORIZATION(NAMES, "C8E08C79456b13aee078a99026b6a825ad78d2adea"
						       "4fc568ee8d61233295d5e4"),
		     "MISMATCH");
	check_reason(f, "GET " QUERY, BASICS TOKEN AUTHORIZATION(NAMES, "c8e0"), "MISMATCH");
}

/* Other spellings of one query, and of one header, have one canonical form. */
static void spelling_that_says_the_same_does_not_count(void **state)
{
	struct fixture *f = *state;

	check_valid(f, "GET /recommendations?%70roduct_code=%49NFLCAT&",
		    BASICS TOKEN AUTHORIZATION(NAMES, SIG_1));
	check_valid(f, "GET " QUERY,
		    "HOST: " HOST " \nx-amz-date:\t" TIME
		    "\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nX-Other:1\n" TOKEN AUTHORIZATION(
			    NAMES, SIG_1));
}

static void no_signature_is_no_fault(void **state)
{
	static const char *const cases[][2] = {
		{ "GET /", BASICS },
		{ "GET /", BASICS "Authorization:Bearer AWS4-HMAC-SHA256\n" },
		{ "GET /", BASICS "Authorization:\n" },
		{ "GET /", BASICS "Authorization:Bearer a\nAuthorization:Basic b\n" },
		{ "GET /?x-amz-meta=1&a-amz-b", BASICS },
		{ "GET /?X-Amz-Date=1", BASICS },
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(verify(f, cases[i][0], cases[i][1]).verdict, SIGV4_NONE);
}

#define AUTH "Authorization:AWS4-HMAC-SHA256 "
#define CRED "Credential=" TEST_ID "/" SCOPE
#define SIGN "Signature=" SIG_1

static void claims_must_be_whole(void **state)
{
	static const struct {
		const char *headers, *reason;
	} cases[] = {
		{ "Authorization:AWS4-HMAC-SHA1 " CRED "\n", "ALGORITHM" },
		{ AUTH "\n", "MALFORMED" },
		{ AUTH CRED "\n", "NO_SIGNED_HEADERS" },
		{ AUTH CRED ",SignedHeaders=host\n", "NO_SIGNATURE" },
		{ AUTH "SignedHeaders=host," SIGN "\n", "NO_CREDENTIAL" },
		{ AUTH CRED ",SignedHeaders=host," SIGN ",Extra=1\n", "MALFORMED" },
		{ AUTH CRED ",SignedHeaders=host," SIGN ",\n", "MALFORMED" },
		{ AUTH CRED ",SignedHeaders=," SIGN "\n", "MALFORMED" },
		{ AUTH CRED "," CRED ",SignedHeaders=host," SIGN "\n", "MALFORMED" },
		{ AUTH CRED ",SignedHeaders=host," SIGN "\n" AUTH CRED "\n", "AMBIGUOUS" },
		{ "Authorization:Bearer a\n" AUTH CRED ",SignedHeaders=host," SIGN "\n",
		  "AMBIGUOUS" },
		{ AUTH CRED ",SignedHeaders=host," SIGN "\nAuthorization:Bearer a\n", "AMBIGUOUS" },
		{ "Authorization:aws4-hmac-sha256 " CRED "\n", "ALGORITHM" },
		{ AUTH "Credential=" TEST_ID "/1,SignedHeaders=host," SIGN "\n", "CREDENTIAL" },
		{ AUTH "Credential=/" SCOPE ",SignedHeaders=host," SIGN "\n", "CREDENTIAL" },
		{ AUTH CRED "x,SignedHeaders=host," SIGN "\n", "CREDENTIAL" },
		{ AUTH "Credential=A/2024050/r/s/aws4_request\n", "CREDENTIAL" },
		{ AUTH "Credential=A/20240506/r//aws4_request\n", "CREDENTIAL" },
		{ AUTH CRED ",SignedHeaders=host;," SIGN "\n", "HEADER_LIST" },
		{ AUTH CRED ",SignedHeaders=Host," SIGN "\n", "HEADER_LIST" },
		{ AUTH CRED ",SignedHeaders=x;host," SIGN "\n", "HEADER_LIST" },
		{ AUTH CRED ",SignedHeaders=host;host," SIGN "\n", "HEADER_LIST" },
		{ AUTH CRED ",SignedHeaders=host;hos," SIGN "\n", "HEADER_LIST" },
		{ AUTH CRED ",SignedHeaders=ho st," SIGN "\n", "HEADER_LIST" },
		{ AUTH CRED ",SignedHeaders=x-amz-content-sha256;x-amz-date," SIGN "\n",
		  "UNSIGNED_HEADER" },
		{ AUTH CRED ",SignedHeaders=host;x-amz-content-sha256," SIGN "\n",
		  "UNSIGNED_HEADER" },
		{ AUTH CRED ",SignedHeaders=host;x-amz-date," SIGN "\n",
		  "UNSIGNED_CONTENT_SHA256" },
		{ AUTH CRED ",SignedHeaders=host;x-amz-content-sha256;x-amz-date;y," SIGN "\n",
		  "NO_HEADER" },
		{ TOKEN AUTH CRED ",SignedHeaders=host;x-amz-content-sha256;x-amz-date," SIGN "\n",
		  "UNSIGNED_HEADER" },
		{ "X-Amz-Date:" TIME "\n" AUTH CRED ",SignedHeaders=host," SIGN "\n", "MALFORMED" },
	};
	struct fixture *f = *state;
	char headers[2048];
	size_t i;

	f->keys.key.token_hash = (struct str){ 0 };
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(headers, sizeof(headers), BASICS "%s", cases[i].headers);
		check_reason(f, "GET /", headers, cases[i].reason);
	}
}

static void the_commonest_mistakes_have_reasons_of_their_own(void **state)
{
	struct fixture *f = *state;
	const char *const date = "Host:h\nX-Amz-Date:" TIME "\n";
	char headers[2048];

	snprintf(headers, sizeof(headers),
		 "%s" AUTH CRED ",SignedHeaders=host;x-amz-date," SIGN "\n", date);
	check_reason(f, "GET /", headers, "NO_CONTENT_SHA256");
	snprintf(headers, sizeof(headers),
		 "%sX-Amz-Content-Sha256:" EMPTY "\n" AUTH CRED
		 ",SignedHeaders=host;x-amz-content-sha256;x-amz-date," SIGN "\n",
		 date);
	check_reason(f, "GET /", headers, "SIGNED_PAYLOAD");
	/* A body in chunks with a checksum behind it, which nobody here would look at. */
	snprintf(headers, sizeof(headers),
		 "%sX-Amz-Content-Sha256:STREAMING-UNSIGNED-PAYLOAD-TRAILER\n" AUTH CRED
		 ",SignedHeaders=host;x-amz-content-sha256;x-amz-date," SIGN "\n",
		 date);
	check_reason(f, "GET /", headers, "SIGNED_PAYLOAD");
	assert_true(str_eq(sigv4_reason_advice(SIGV4_REASON_SIGNED_PAYLOAD),
			   STR("x-amz-content-sha256 must be UNSIGNED-PAYLOAD")));
	check_reason(f, "GET /", "Host:h\n" AUTH CRED ",SignedHeaders=host," SIGN "\n", "NO_DATE");
	check_reason(f, "GET /",
		     "Host:h\nDate:yesterday\n" AUTH CRED ",SignedHeaders=host," SIGN "\n",
		     "BAD_DATE");
	check_reason(f, "GET /",
		     "Host:h\nDate:Mon, 06 May 2024 07:08:09 GMT\n" AUTH CRED
		     ",SignedHeaders=host," SIGN "\n",
		     "UNSIGNED_HEADER");
}

static void the_scope_must_be_ours(void **state)
{
	static const struct {
		const char *scope, *reason;
	} cases[] = {
		{ "20240506/us-west-2/vpc-lattice/aws4_request", "SCOPE_SERVICE" },
		{ "20240506/us-east-1/vpc-lattice-svcs/aws4_request", "SCOPE_REGION" },
		{ "20240507/us-west-2/vpc-lattice-svcs/aws4_request", "SCOPE_DATE" },
	};
	struct fixture *f = *state;
	char headers[2048];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(headers, sizeof(headers),
			 BASICS TOKEN AUTH "Credential=" TEST_ID "/%s,SignedHeaders=" NAMES "," SIGN
					   "\n",
			 cases[i].scope);
		check_reason(f, "GET /", headers, cases[i].reason);
	}
}

static void time_has_five_minutes_of_patience(void **state)
{
	static const char headers[] = BASICS TOKEN AUTHORIZATION(NAMES, SIG_1);
	struct fixture *f = *state;

	f->request.now_ms = (NOW_S + 300) * UINT64_C(1000) + 999;
	check_valid(f, "GET " QUERY, headers);
	f->request.now_ms += 1;
	check_reason(f, "GET " QUERY, headers, "EXPIRED");
	f->request.now_ms = (NOW_S - 300) * UINT64_C(1000);
	check_valid(f, "GET " QUERY, headers);
	f->request.now_ms -= 1;
	check_reason(f, "GET " QUERY, headers, "EARLY");
}

static void keys_must_be_known_active_and_current(void **state)
{
	static const char headers[] = BASICS TOKEN AUTHORIZATION(NAMES, SIG_1);
	struct fixture *f = *state;
	struct access_key *k = &f->keys.key;

	k->id = STR("AKIDOTHER");
	check_reason(f, "GET " QUERY, headers, "UNKNOWN_KEY");
	k->id = STR(TEST_ID);
	k->is_active = false;
	check_reason(f, "GET " QUERY, headers, "INACTIVE_KEY");
	k->is_active = true;
	k->expires_ms = f->request.now_ms;
	check_reason(f, "GET " QUERY, headers, "EXPIRED_TOKEN");
	k->expires_ms++;
	check_valid(f, "GET " QUERY, headers);
	f->keys.token_hash[0] ^= 1;
	check_reason(f, "GET " QUERY, headers, "TOKEN");
	k->token_hash.n = 0; /* a lasting key has no token */
	check_reason(f, "GET " QUERY, headers, "TOKEN");
	k->token_hash = STR("short");
	check_reason(f, "GET " QUERY, headers, "TOKEN");
	k->token_hash = (struct str){ f->keys.token_hash, SHA256_HEX };
	f->keys.token_hash[0] ^= 1;
	k->sealed = STR("v1:AAAA");
	check_reason(f, "GET " QUERY, headers, "UNREADABLE_KEY");
}

/* Sign what sigv4_explain() says must be signed, as a client would that knows the secret. */
static void sign(struct fixture *f, const char *line, const char *headers, char signature[65])
{
	struct buf canonical, to_sign;
	unsigned char code[SHA256_BYTES];

	buf_init(&canonical, 8192);
	buf_init(&to_sign, 8192);
	verify(f, line, headers);
	sigv4_explain(&f->s, &f->request, &canonical, &to_sign);
	assert_true(buf_len(&canonical) > 0);
	hmac(keyring_signing_key(f->s.keyring, &f->keys.key, STR("20240506")), buf_str(&to_sign),
	     code);
	sha256_write_hex(code, signature);
	signature[64] = '\0';
	buf_fini(&canonical);
	buf_fini(&to_sign);
}

#define PRESIGNED(expires)                                                               \
	"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" TEST_ID                     \
	"%%2F20240506%%2Fus-west-2%%2Fvpc-lattice-svcs%%2Faws4_request&X-Amz-Date=" TIME \
	"&X-Amz-Expires=" expires "&X-Amz-SignedHeaders=host&X-Amz-Security-Token=SESSIONTOKEN"

static void presigned_urls_last_as_long_as_they_say(void **state)
{
	struct fixture *f = *state;
	char line[1024], signature[65];

	snprintf(line, sizeof(line), "GET /a?b=c&" PRESIGNED("3600") "&X-Amz-Signature=%s", SIG_1);
	sign(f, line, "Host:" HOST "\n", signature);
	snprintf(line, sizeof(line), "GET /a?b=c&" PRESIGNED("3600") "&X-Amz-Signature=%s",
		 signature);
	check_valid(f, line, "Host:" HOST "\n");
	check_reason(f, line, "Host:other\n", "MISMATCH");
	strncat(line, "&%58-Amz-Signature=2", 21);
	check_reason(f, line, "Host:" HOST "\n", "MISMATCH");
	line[strlen(line) - strlen("&%58-Amz-Signature=2")] = '\0';
	check_reason(f, line, BASICS AUTHORIZATION("host", "1"), "AMBIGUOUS");
	f->request.now_ms += 3600 * 1000;
	check_valid(f, line, "Host:" HOST "\n");
	f->request.now_ms += 1000;
	check_reason(f, line, "Host:" HOST "\n", "EXPIRED");
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("604801") "&X-Amz-Signature=1");
	check_reason(f, line, "Host:" HOST "\n", "BAD_EXPIRES");
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("0") "&X-Amz-Signature=1");
	check_reason(f, line, "Host:" HOST "\n", "BAD_EXPIRES");
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("1") "&X-Amz-Expires=2&X-Amz-Signature=1");
	check_reason(f, line, "Host:" HOST "\n", "MALFORMED");
	check_reason(f, "GET /?X-Amz-Signature=1", "Host:h\n", "ALGORITHM");
	check_reason(f, "GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256", "Host:h\n", "NO_CREDENTIAL");
	check_reason(f, "GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a", "Host:h\n",
		     "CREDENTIAL");
}

/* Some signers sign the hash of an empty body; it is taken for a request that has none. */
static void presigned_bodies_are_unsigned_or_not_there(void **state)
{
	struct fixture *f = *state;
	char line[1024], signature[65];

	snprintf(line, sizeof(line),
		 "GET /?" PRESIGNED(
			 "60") "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Signature=1");
	sign(f, line, "Host:" HOST "\n", signature);
	snprintf(line, sizeof(line),
		 "GET /?" PRESIGNED("60") "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"
					  "&X-Amz-Signature=%s",
		 signature);
	check_valid(f, line, "Host:" HOST "\n");
	snprintf(line, sizeof(line),
		 "GET /?" PRESIGNED("60") "&X-Amz-Content-Sha256=" EMPTY "&X-Amz-Signature=1");
	check_reason(f, line, "Host:" HOST "\n", "SIGNED_PAYLOAD");
	/* Made with the empty hash as the last line. */
	f->s.rules.payload = SIGV4_PAYLOAD_SIGNED;
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("60") "&X-Amz-Signature=1");
	sign(f, line, "Host:" HOST "\n", signature);
	f->s.rules.payload = SIGV4_PAYLOAD_UNSIGNED;
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("60") "&X-Amz-Signature=%s", signature);
	check_valid(f, line, "Host:" HOST "\n");
	f->http.framing = HTTP_FRAMING_LENGTH;
	assert_int_equal(sigv4_verify(&f->s, &f->request).verdict, SIGV4_VALID);
	f->http.content_length = 1;
	assert_int_equal(sigv4_verify(&f->s, &f->request).reason, SIGV4_REASON_MISMATCH);
	f->http.framing = HTTP_FRAMING_CHUNKED;
	assert_int_equal(sigv4_verify(&f->s, &f->request).reason, SIGV4_REASON_MISMATCH);
}

/* The control API's requests carry the hash of their body, in a header or not. */
static void control_requests_sign_their_bodies(void **state)
{
	struct fixture *f = *state;
	char headers[1024], signature[65];

	f->s.rules.payload = SIGV4_PAYLOAD_SIGNED;
	f->request.body = STR("{}");
	sign(f, "POST /",
	     "Host:h\nX-Amz-Date:" TIME
	     "\n" TOKEN AUTHORIZATION("host;x-amz-date;x-amz-security-token", SIG_1),
	     signature);
	snprintf(headers, sizeof(headers),
		 "Host:h\nX-Amz-Date:" TIME "\n" TOKEN AUTH CRED
		 ",SignedHeaders=host;x-amz-date;x-amz-security-token,Signature=%s\n",
		 signature);
	check_valid(f, "POST /", headers);
	f->request.body = STR("[]");
	check_reason(f, "POST /", headers, "MISMATCH");
	check_reason(f, "POST /", BASICS TOKEN AUTHORIZATION(NAMES, SIG_1), "PAYLOAD_HASH");
}

/* A path with dots may be signed as it came, or as signers normalise it; the result tells. */
static void normalised_paths_are_told_from_those_that_came(void **state)
{
	struct fixture *f = *state;
	static const char plain[] = BASICS TOKEN AUTHORIZATION(NAMES, SIG_1);
	char headers[1024], signature[65];
	struct sigv4_result r;

	sign(f, "GET /a/../b", plain, signature);
	snprintf(headers, sizeof(headers),
		 BASICS TOKEN AUTH CRED ",SignedHeaders=" NAMES ",Signature=%s\n", signature);
	r = verify(f, "GET /a/../b", headers);
	assert_int_equal(r.verdict, SIGV4_VALID);
	assert_false(r.is_normalized);
	check_reason(f, "GET /b", headers, "MISMATCH");
	sign(f, "GET /b", plain, signature);
	snprintf(headers, sizeof(headers),
		 BASICS TOKEN AUTH CRED ",SignedHeaders=" NAMES ",Signature=%s\n", signature);
	r = verify(f, "GET //a/.././b", headers);
	assert_int_equal(r.verdict, SIGV4_VALID);
	assert_true(r.is_normalized);
}

static void too_many_parameters_are_refused(void **state)
{
	struct fixture *f = *state;
	char line[2048] = "GET /?a";
	size_t i;

	for (i = 0; i < CANONICAL_PARAMS_MAX - 1; i++)
		strncat(line, "&a", 3);
	check_reason(f, line, BASICS TOKEN AUTHORIZATION(NAMES, SIG_1), "MISMATCH");
	strncat(line, "&a", 3);
	check_reason(f, line, BASICS TOKEN AUTHORIZATION(NAMES, SIG_1), "TOO_MANY");
}

static void sigv4a_needs_our_region_in_its_set(void **state)
{
	static const struct {
		const char *set, *reason;
	} cases[] = {
		{ "X-Amz-Region-Set:*\n", "MISMATCH" },
		{ "X-Amz-Region-Set:eu-west-1, us-*\n", "MISMATCH" },
		{ "X-Amz-Region-Set:eu-west-1,us-west-1\n", "SCOPE_REGION" },
		{ "X-Amz-Region-Set:us-west\n", "SCOPE_REGION" },
		{ "", "SCOPE_REGION" },
	};
	static const char *const signatures[] = { "00", "0", "0x", "30440220" };
	struct fixture *f = *state;
	char headers[2048];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases) + ARRAY_SIZE(signatures); i++) {
		bool odd = i >= ARRAY_SIZE(cases);
		const char *set = odd ? cases[0].set : cases[i].set;

		snprintf(headers, sizeof(headers),
			 BASICS TOKEN "%sAuthorization:AWS4-ECDSA-P256-SHA256 Credential=" TEST_ID
				      "/20240506/vpc-lattice-svcs/aws4_request, SignedHeaders="
				      "host;x-amz-content-sha256;x-amz-date;%s"
				      "x-amz-security-token, Signature=%s\n",
			 set, *set ? "x-amz-region-set;" : "",
			 odd ? signatures[i - ARRAY_SIZE(cases)] : "3044022074");
		check_reason(f, "GET /", headers, odd ? "MISMATCH" : cases[i].reason);
	}
	f->keys.key.sealed = STR("v1:");
	check_reason(f, "GET /", headers, "UNREADABLE_KEY");
}

static void refusals_are_worded_as_aws_does(void **state)
{
	struct fixture *f = *state;
	struct sigv4_result r;
	struct buf b;

	buf_init(&b, 1024);
	r = verify(f, "GET /",
		   BASICS TOKEN AUTHORIZATION("host;x-amz-content-sha256;x-amz-date;"
					      "x-amz-security-token;x-\x7f",
					      SIG_1));
	assert_int_equal(r.reason, SIGV4_REASON_HEADER_LIST);
	r = verify(f, "GET /", BASICS TOKEN AUTHORIZATION(NAMES ";x-none", SIG_1));
	sigv4_write_reason(&r, &b);
	assert_true(str_eq(buf_str(&b), STR("'x-none' is named as a SignedHeader, but it does not "
					    "exist in the HTTP request.")));
	assert_true(str_eq(sigv4_reason_name(r.reason), STR("IncompleteSignatureException")));
	buf_clear(&b);
	r = verify(f, "GET /", "Authorization:AWS4-\x01\xff\n");
	assert_string_equal(r.detail, "AWS4-??");
	r.reason = SIGV4_REASON_SIGNED_PAYLOAD;
	sigv4_write_reason(&r, &b);
	assert_true(str_eq(buf_str(&b), STR("Signed payloads are not supported")));
	buf_fini(&b);
}

/* @headers with the signature that goes with them at their end. */
static void check_signed(struct fixture *f, const char *line, const char *headers)
{
	char text[4096], signature[65];

	snprintf(text, sizeof(text), "%s%s\n", headers, SIG_1);
	sign(f, line, text, signature);
	snprintf(text, sizeof(text), "%s%s\n", headers, signature);
	check_valid(f, line, text);
}

static void the_date_may_be_https_own(void **state)
{
	check_signed(*state, "GET /",
		     "Host:h\nDate:Mon, 06 May 2024 07:08:09 GMT\n"
		     "X-Amz-Content-Sha256:UNSIGNED-PAYLOAD\n" TOKEN AUTH CRED
		     ",SignedHeaders=date;host;x-amz-content-sha256;x-amz-security-token,"
		     "Signature=");
}

/* A header says what a presigned query does not, if it is signed. */
static void presigned_bodies_may_be_spoken_of_in_a_header(void **state)
{
	static const char query[] =
		"GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" TEST_ID
		"%2F20240506%2Fus-west-2%2Fvpc-lattice-svcs%2Faws4_request&X-Amz-Date=" TIME
		"&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-amz-content-sha256"
		"&X-Amz-Security-Token=SESSIONTOKEN&X-Amz-Signature=";
	static const char headers[] = "Host:h\nX-Amz-Content-Sha256:UNSIGNED-PAYLOAD\n";
	static const char hashed[] = "Host:h\nX-Amz-Content-Sha256:" EMPTY "\n";
	struct fixture *f = *state;
	char line[1024], signature[65];

	snprintf(line, sizeof(line), "%s%s", query, SIG_1);
	check_reason(f, line, hashed, "SIGNED_PAYLOAD");
	check_reason(f, line, "Host:h\n", "NO_HEADER");
	sign(f, line, headers, signature);
	snprintf(line, sizeof(line), "%s%s", query, signature);
	check_valid(f, line, headers);
	/* Not signed, it says nothing. */
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("60") "&X-Amz-Signature=%s", SIG_1);
	sign(f, line, hashed, signature);
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("60") "&X-Amz-Signature=%s", signature);
	check_valid(f, line, hashed);
}

static void a_key_of_a_session_needs_its_token(void **state)
{
	check_reason(*state, "GET /",
		     BASICS AUTHORIZATION("host;x-amz-content-sha256;x-amz-date", SIG_1), "TOKEN");
}

static void is_not_begun_with_names_longer_than_any(void **state)
{
	const struct sigv4_rules rules = {
		STR("a-region-with-a-name-that-is-much-longer-than-that-of-any-other"),
		STR("service"), SIGV4_PAYLOAD_UNSIGNED
	};
	struct sigv4 s;

	(void)state;
	assert_int_equal(sigv4_init(&s, &rules, NULL), -ENOMEM);
	sigv4_fini(&s);
}

static void details_are_cut_and_printable(void **state)
{
	struct fixture *f = *state;
	struct sigv4_result r;

	r = verify(f, "GET /",
		   BASICS TOKEN AUTHORIZATION(NAMES
					      ";xxxxxxxxxxyyyyyyyyyyxxxxxxxxxxyyyyyyyyyyxxxxxxxxxx"
					      "yyyyyyyyyyxxxxxxxxxx",
					      SIG_1));
	assert_int_equal(r.reason, SIGV4_REASON_NO_HEADER);
	assert_string_equal(r.detail,
			    "xxxxxxxxxxyyyyyyyyyyxxxxxxxxxxyyyyyyyyyyxxxxxxxxxxyyyyyyyyyyxxx");
	r = verify(f, "GET /", "Authorization:AWS4-~\x7f\n");
	assert_string_equal(r.detail, "AWS4-~?");
}

/* Nothing is written for what cannot be read, and nothing is kept of what is long. */
static void explains_what_can_be_read(void **state)
{
	static const char *const none[] = { "Host:h\n", "Authorization:AWS4-X\n",
					    BASICS TOKEN AUTHORIZATION(NAMES ";x-none", SIG_1) };
	struct fixture *f = *state;
	struct buf canonical, to_sign;
	char line[3000] = "GET /?a=";
	size_t i;

	buf_init(&canonical, 1 << 16);
	buf_init(&to_sign, 1 << 16);
	for (i = 0; i < ARRAY_SIZE(none); i++) {
		verify(f, "GET /", none[i]);
		sigv4_explain(&f->s, &f->request, &canonical, &to_sign);
		assert_int_equal(buf_len(&canonical) + buf_len(&to_sign), 0);
	}
	/* A hash that is not taken is what was signed all the same. */
	verify(f, "GET /",
	       "Host:h\nX-Amz-Date:" TIME "\nX-Amz-Content-Sha256:" EMPTY
	       "\n" TOKEN AUTHORIZATION(NAMES, SIG_1));
	sigv4_explain(&f->s, &f->request, &canonical, &to_sign);
	assert_true(str_ends(buf_str(&canonical), STR("\n" EMPTY)));
	memset(line + strlen(line), '%', sizeof(line) - 1 - strlen(line));
	verify(f, line, BASICS TOKEN AUTHORIZATION(NAMES, SIG_1));
	assert_true(f->s.text.cap <= TEXT_BYTES_KEPT);
	buf_fini(&canonical);
	buf_fini(&to_sign);
}

static bool verifies(void *ctx)
{
	struct fixture *f = ctx;
	struct sigv4_result r;
	unsigned due = faults_left;

	faults_left = 0;
	sigv4_fini(&f->s);
	assert_int_equal(sigv4_init(&f->s, &lattice, f->keys.vault), 0);
	faults_left = due;
	r = sigv4_verify(&f->s, &f->request);
	if (r.verdict != SIGV4_VALID) {
		assert_int_equal(r.verdict, SIGV4_INVALID);
		assert_null(r.key);
	}
	return r.verdict == SIGV4_VALID;
}

static void nothing_is_valid_without_memory(void **state)
{
	struct fixture *f = *state;
	char line[1024], signature[65];

	check_valid(f, "GET " QUERY, BASICS TOKEN AUTHORIZATION(NAMES, SIG_1));
	faults_each(verifies, f);
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("60") "&X-Amz-Signature=%s", SIG_1);
	sign(f, line, "Host:" HOST "\n", signature);
	snprintf(line, sizeof(line), "GET /?" PRESIGNED("60") "&X-Amz-Signature=%s", signature);
	check_valid(f, line, "Host:" HOST "\n");
	faults_each(verifies, f);
}

/* What a verification costs; the figure is printed, since machines differ. */
static void a_kept_key_makes_it_cheap(void **state)
{
	enum { ROUNDS = 20000 };
	struct fixture *f = *state;
	struct timespec a, b;
	size_t i;

	check_valid(f, "GET " QUERY, BASICS TOKEN AUTHORIZATION(NAMES, SIG_1));
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
	for (i = 0; i < ROUNDS; i++)
		assert_int_equal(sigv4_verify(&f->s, &f->request).verdict, SIGV4_VALID);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
	print_message("%.2f us of CPU a verification\n",
		      ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) /
			      1000 / ROUNDS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(takes_what_sdks_sign),
		TEST(whatever_is_changed_is_noticed),
		TEST(spelling_that_says_the_same_does_not_count),
		TEST(no_signature_is_no_fault),
		TEST(claims_must_be_whole),
		TEST(the_commonest_mistakes_have_reasons_of_their_own),
		TEST(the_scope_must_be_ours),
		TEST(time_has_five_minutes_of_patience),
		TEST(keys_must_be_known_active_and_current),
		TEST(presigned_urls_last_as_long_as_they_say),
		TEST(presigned_bodies_are_unsigned_or_not_there),
		TEST(control_requests_sign_their_bodies),
		TEST(normalised_paths_are_told_from_those_that_came),
		TEST(too_many_parameters_are_refused),
		TEST(sigv4a_needs_our_region_in_its_set),
		TEST(refusals_are_worded_as_aws_does),
		TEST(the_date_may_be_https_own),
		TEST(presigned_bodies_may_be_spoken_of_in_a_header),
		TEST(a_key_of_a_session_needs_its_token),
		TEST(is_not_begun_with_names_longer_than_any),
		TEST(details_are_cut_and_printable),
		TEST(explains_what_can_be_read),
		TEST(nothing_is_valid_without_memory),
		TEST(a_kept_key_makes_it_cheap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
