/* SPDX-License-Identifier: Apache-2.0 */
/* The AWS signing test suite, tests/vectors/sigv4: every step, and the signature itself. */
#include "auth/sigv4.c"

#include "base/json.h"
#include "sigv4.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One case, one way of signing. */
struct vector {
	char dir[128];
	const char *way; /* "header" or "query" */
	cJSON *context;
	struct test_keys keys;
	struct sigv4 sigv4;
	struct http_request http;
	char *text;
	struct sigv4_request request;
};

static char *read_file(const char *dir, const char *way, const char *name)
{
	char path[256], *text = calloc(1, 8192);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s", dir, way, name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	assert_true(fread(text, 1, 8191, f) > 0);
	fclose(f);
	return text;
}

static uint64_t read_now_ms(const struct vector *v)
{
	const char *iso = json_get_str(v->context, "timestamp").p;
	char basic[17], *p = basic;
	uint64_t now_s;

	for (; *iso; iso++) {
		if (*iso != '-' && *iso != ':')
			*p++ = *iso;
	}
	assert_true(timestamp_parse((struct str){ basic, 16 }, basic, &now_s));
	return now_s * 1000;
}

static void open_vector(struct vector *v)
{
	char *json = read_file(v->dir, "", "context.json");
	struct sigv4_rules rules = { .payload = SIGV4_PAYLOAD_SIGNED };
	const cJSON *credentials;
	struct str body;

	v->context = json_parse(str_of(json));
	free(json);
	credentials = cJSON_GetObjectItemCaseSensitive(v->context, "credentials");
	rules.region = json_get_str(v->context, "region");
	rules.service = json_get_str(v->context, "service");
	test_keys_init(&v->keys, json_get_str(credentials, "token"));
	assert_int_equal(sigv4_init(&v->sigv4, &rules, v->keys.vault), 0);
	v->text = read_file(v->dir, v->way, "-signed-request.txt");
	body = test_read_request(v->text, &v->http);
	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(v->context, "sign_body")))
		body = (struct str){ 0 };
	v->request = (struct sigv4_request){
		.http = &v->http,
		.body = body,
		.now_ms = read_now_ms(v),
		.find_key = test_find_key,
		.ctx = &v->keys,
	};
}

static void close_vector(struct vector *v)
{
	sigv4_fini(&v->sigv4);
	test_keys_fini(&v->keys);
	cJSON_Delete(v->context);
	free(v->text);
}

static void check_text(const struct vector *v, const char *name, struct str text)
{
	char *wanted = read_file(v->dir, v->way, name);

	if (!str_eq(text, str_of(wanted)))
		fail_msg("%s/%s%s: got " STR_FMT, v->dir, v->way, name, STR_ARG(text));
	free(wanted);
}

/* Where the session token is left out of what is signed, the request is refused. */
static bool check_omission(struct vector *v, const struct sigv4_result *r)
{
	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(v->context, "omit_session_token")))
		return false;
	assert_int_equal(r->verdict, SIGV4_INVALID);
	assert_int_equal(r->reason,
			 v->http.has_query ? SIGV4_REASON_MISMATCH : SIGV4_REASON_UNSIGNED_HEADER);
	return true;
}

static void check_vector(const char *kind, const char *name, const char *way)
{
	struct vector v = { .way = way };
	char to_sign[STRING_TO_SIGN_BYTES_MAX];
	struct attempt a = { .s = &v.sigv4, .r = &v.request };
	struct sigv4_result r;
	bool normalizes;

	snprintf(v.dir, sizeof(v.dir), "tests/vectors/sigv4/%s/%s", kind, name);
	open_vector(&v);
	normalizes = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(v.context, "normalize"));
	r = sigv4_verify(&v.sigv4, &v.request);
	if (check_omission(&v, &r)) {
		close_vector(&v);
		return;
	}
	assert_int_equal(claim_parse(&v.http, &v.sigv4.decoded, &a.claim), SIGV4_REASON_NONE);
	assert_int_equal(check_claim(&a), SIGV4_REASON_NONE);
	assert_int_equal(write_canonical(&a, a.payloads[0], normalizes), SIGV4_REASON_NONE);
	check_text(&v, "-canonical-request.txt", buf_str(&v.sigv4.text));
	check_text(&v, "-string-to-sign.txt", write_string_to_sign(&a, to_sign));
	if (r.verdict != SIGV4_VALID)
		fail_msg("%s %s: " STR_FMT " %s", v.dir, way, STR_ARG(sigv4_reason_id(r.reason)),
			 r.detail);
	assert_ptr_equal(r.key, &v.keys.key);
	assert_int_equal(r.is_normalized, normalizes && !canonical_is_normal(v.http.path));
	close_vector(&v);
}

static void check_all(const char *kind, size_t count)
{
	char dir[64];
	struct dirent *e;
	size_t seen = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "tests/vectors/sigv4/%s", kind);
	d = opendir(dir);
	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		check_vector(kind, e->d_name, "header");
		check_vector(kind, e->d_name, "query");
		seen++;
	}
	closedir(d);
	assert_int_equal(seen, count);
}

static void agrees_with_the_suite_of_sigv4(void **state)
{
	(void)state;
	check_all("v4", 38);
}

static void agrees_with_the_suite_of_sigv4a(void **state)
{
	(void)state;
	check_all("v4a", 38);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_suite_of_sigv4),
		cmocka_unit_test(agrees_with_the_suite_of_sigv4a),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
