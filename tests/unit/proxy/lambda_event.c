/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of ctl/proxy/lambda_event.c. Each file of tests/vectors/lambda/events is a request, whose
 * head and body are read as from a client, and behind a line "--" the events that it is, in V1 and
 * in V2.
 */
#include "proxy/lambda_event.c"

#include "http/h1_parse.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char vectors[] = "tests/vectors/lambda/events";

static struct lambda_event event_of(const struct http_request *q, struct str body)
{
	struct lambda_event e = {
		.method = q->method,
		.path = q->path,
		.query = q->query,
		.headers = q->headers.at,
		.header_count = q->headers.count,
		.body = body,
		.network_arn = STR("arn:aws:vpc-lattice:us-east-1:1:servicenetwork/sn-1"),
		.service_arn = STR("arn:aws:vpc-lattice:us-east-1:1:service/svc-1"),
		.group_arn = STR("arn:aws:vpc-lattice:us-east-1:1:targetgroup/tg-1"),
		.region = STR("us-east-1"),
		.request_id = STR("id"),
		.caller.source_vpc_arn = STR("arn:aws:ec2:us-east-1:1:vpc/vpc-1"),
		.time_us = 1690497599177430,
	};

	if (q->has_query)
		e.path.n += 1 + q->query.n;
	return e;
}

static void check_event(const char *name, const struct lambda_event *e, struct str expected)
{
	cJSON *want, *got;
	struct buf b;

	buf_init(&b, 1 << 20);
	lambda_event_write(&b, e);
	assert_false(b.failed);
	want = json_parse(expected);
	got = json_parse(buf_str(&b));
	assert_non_null(want);
	if (!got || !cJSON_Compare(want, got, true))
		fail_msg("%s: " STR_FMT, name, STR_ARG(buf_str(&b)));
	cJSON_Delete(want);
	cJSON_Delete(got);
	buf_fini(&b);
}

/* Cut @s at the first line "--". */
static struct str cut_part(struct str *s)
{
	static const char mark[] = "\n--\n";
	const char *at = memmem(s->p, s->n, mark, sizeof(mark) - 1);
	struct str part;

	assert_non_null(at);
	part = str_first(*s, (size_t)(at - s->p));
	*s = str_skip(*s, part.n + sizeof(mark) - 1);
	return part;
}

static void check_vector(const char *name)
{
	static char text[65536];
	static struct http_request q;
	struct lambda_event e;
	struct str all, message, v1;
	struct h1_result r;
	size_t scanned = 0;
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", vectors, name);
	f = fopen(path, "r");
	assert_non_null(f);
	all = (struct str){ text, fread(text, 1, sizeof(text), f) };
	fclose(f);
	message = cut_part(&all);
	v1 = cut_part(&all);
	r = h1_parse_request(message, &scanned, &q);
	assert_int_equal(r.outcome, H1_DONE);
	e = event_of(&q, str_skip(message, r.head_bytes));
	check_event(name, &e, v1);
	e.is_v2 = true;
	check_event(name, &e, all);
}

static void requests_become_the_events_of_their_vectors(void **state)
{
	struct dirent *d;
	DIR *dir = opendir(vectors);
	unsigned count = 0;

	(void)state;
	assert_non_null(dir);
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		check_vector(d->d_name);
		count++;
	}
	closedir(dir);
	assert_true(count >= 8);
}

static void a_caller_that_is_known_is_named_in_v2(void **state)
{
	static const struct http_request q = { .method = { "GET", 3 }, .path = { "/", 1 } };
	struct lambda_event e = event_of(&q, STR(""));
	cJSON *root, *identity;
	struct buf b;

	(void)state;
	e.is_v2 = true;
	e.caller.type = STR("AWS_IAM");
	e.caller.principal = STR("arn:aws:sts::1:assumed-role/R/S");
	e.caller.org_id = STR("o-1");
	e.caller.session = STR("S");
	buf_init(&b, 1 << 20);
	lambda_event_write(&b, &e);
	root = json_parse(buf_str(&b));
	identity = cJSON_GetObjectItem(cJSON_GetObjectItem(root, "requestContext"), "identity");
	assert_true(str_eq(json_get_str(identity, "type"), e.caller.type));
	assert_true(str_eq(json_get_str(identity, "principal"), e.caller.principal));
	assert_true(str_eq(json_get_str(identity, "principalOrgID"), e.caller.org_id));
	assert_true(str_eq(json_get_str(identity, "sessionName"), e.caller.session));
	cJSON_Delete(root);
	buf_fini(&b);
}

static void a_query_of_too_many_names_is_cut(void **state)
{
	static char query[LATTICE_HEADER_BYTES_MAX];
	struct http_request q = { .method = { "GET", 3 }, .path = { "/", 1 } };
	struct lambda_event e;
	size_t n = 0;
	cJSON *root;
	struct buf b;
	int i;

	(void)state;
	for (i = 0; i < QUERY_PAIRS_MAX + 5; i++)
		n += (size_t)snprintf(query + n, sizeof(query) - n, "n%d=1&", i);
	q.query = (struct str){ query, n };
	e = event_of(&q, STR(""));
	buf_init(&b, 1 << 20);
	lambda_event_write(&b, &e);
	root = json_parse(buf_str(&b));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "query_string_parameters")),
			 QUERY_PAIRS_MAX);
	cJSON_Delete(root);
	buf_fini(&b);
}

static void what_finds_no_room_fails(void **state)
{
	static const struct http_request q = { .method = { "GET", 3 }, .path = { "/", 1 } };
	struct lambda_event e = event_of(&q, STR("a body that is some bytes long"));
	size_t max, whole;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	lambda_event_write(&b, &e);
	whole = buf_len(&b);
	buf_fini(&b);
	for (max = 0; max < whole; max++) {
		buf_init(&b, max);
		lambda_event_write(&b, &e);
		assert_true(b.failed);
		buf_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_become_the_events_of_their_vectors),
		cmocka_unit_test(a_caller_that_is_known_is_named_in_v2),
		cmocka_unit_test(a_query_of_too_many_names_is_cut),
		cmocka_unit_test(what_finds_no_room_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
