/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an Authorization header: nothing forges a signature, spans stay inside. */
#include "auth/sigv4.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct access_key *find_key(const void *ctx, struct str id)
{
	(void)id;
	return ctx;
}

static void assert_inside(struct str part, struct str all)
{
	assert(!part.n || (part.p >= all.p && part.p + part.n <= all.p + all.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sigv4_rules rules = { { "us-west-2", 9 }, { "vpc-lattice-svcs", 16 } };
	static struct vault *v;
	static struct sigv4 s;
	static struct arena sealed;
	static struct str secret;
	struct access_key key = { .id = STR("AKIDEXAMPLE"), .is_active = true };
	struct http_request http = { .method = STR("GET"),
				     .path = STR("/a/../b"),
				     .authority = STR("host") };
	struct sigv4_request r = {
		.http = &http, .now_ms = 1714979289000, .find_key = find_key, .ctx = &key
	};
	struct str value = { (const char *)data, size };
	struct buf canonical, text, decoded;
	struct sigv4_result result;
	struct claim c;

	if (!v) {
		v = vault_new((const unsigned char *)"0123456789abcdef0123456789abcdef");
		arena_init(&sealed, 64 << 10);
		secret = vault_seal(v, &sealed, key.id, STR("secret"));
		assert(sigv4_init(&s, &rules, v) == 0);
	}
	key.sealed = secret;
	http.headers.at[0] = (struct http_header){ STR("Authorization"), value };
	http.headers.at[1] = (struct http_header){ STR("x-amz-date"), STR("20240506T070809Z") };
	http.headers.at[2] =
		(struct http_header){ STR("x-amz-content-sha256"), STR("UNSIGNED-PAYLOAD") };
	http.headers.count = 3;
	result = sigv4_verify(&s, &r);
	assert(result.verdict != SIGV4_VALID);
	assert((result.verdict == SIGV4_NONE) == (result.reason == SIGV4_REASON_NONE));
	buf_init(&decoded, 65536);
	if (claim_parse(&http, &decoded, &c) == SIGV4_REASON_NONE && c.is_present) {
		assert_inside(c.access_key_id, value);
		assert_inside(c.scope, value);
		assert_inside(c.signed_headers, value);
		assert_inside(c.signature, value);
	}
	buf_init(&canonical, 1 << 20);
	buf_init(&text, 1 << 20);
	sigv4_explain(&s, &r, &canonical, &text);
	buf_fini(&canonical);
	buf_fini(&text);
	buf_fini(&decoded);
	return 0;
}
