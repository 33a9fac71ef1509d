/* SPDX-License-Identifier: Apache-2.0 */
/* Access log subscriptions: from requests to what the data path gets. */
#include "api/log_subscriptions.c"

#include "conversation.h"

static const char group[] = "arn:aws:logs:us-east-1:123456789012:log-group:cart";

static unsigned subscribe(struct fixture *f, const char *resource, const char *destination)
{
	return ask(f, "POST", "/accesslogsubscriptions",
		   fmt("{\"resourceIdentifier\":\"%s\",\"destinationArn\":\"%s\"}", resource,
		       destination));
}

static struct snapshot *compile(struct fixture *f)
{
	struct snapshot *s = NULL;
	struct fault fault;

	assert_int_equal(snapshot_compile(f->s, 1, &s, &fault), 0);
	return s;
}

static void a_subscription_reaches_the_data_path(void **state)
{
	struct fixture *f = *state;
	const struct log_subscription *found;
	struct snapshot *s;
	size_t n;

	build_all(f);
	f->changes = 0;
	assert_int_equal(subscribe(f, f->service, group), 201);
	assert_int_equal(subscribe(f, f->network, "arn:aws:s3:::a-bucket"), 201);
	assert_int_equal(f->changes, 2);
	s = compile(f);
	found = log_subscriptions_find(&s->logs, str_of(f->service), &n);
	assert_int_equal(n, 1);
	assert_true(str_eq(found->place.name, STR("cloudwatch-cart.log")));
	found = log_subscriptions_find(&s->logs, str_of(f->network), &n);
	assert_int_equal(n, 1);
	assert_true(str_eq(found->place.name, STR("s3-a-bucket.log")));
	snapshot_put(s);
}

static void a_destination_of_ours_is_held(void **state)
{
	struct fixture *f = *state;
	char arn[128], id[64];
	struct snapshot *s;
	size_t n;

	build_all(f);
	assert_int_equal(ask(f, "POST", "/lattice/v1/logdestinations",
			     "{\"name\":\"d\",\"type\":\"FILE\",\"file\":\"d.log\","
			     "\"rotateBytes\":5000}"),
			 201);
	snprintf(arn, sizeof(arn), "%s", text(f, "arn"));
	keep_id(f, id);
	assert_int_equal(subscribe(f, f->service, arn), 201);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/logdestinations/%s", id), ""), 409);
	s = compile(f);
	assert_int_equal(log_subscriptions_find(&s->logs, str_of(f->service), &n)->place.keep, 5);
	snapshot_put(s);
	keep_id(f, id);
	assert_int_equal(
		ask(f, "GET", fmt("/accesslogsubscriptions?resourceIdentifier=%s", f->service), ""),
		200);
	assert_int_equal(items(f), 1);
}

static void a_resource_takes_its_subscriptions_with_it(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s;

	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"alone\"}"), 201);
	keep_id(f, f->service);
	assert_int_equal(subscribe(f, f->service, group), 201);
	assert_int_equal(ask(f, "DELETE", fmt("/services/%s", f->service), ""), 200);
	s = compile(f);
	assert_int_equal(s->logs.count, 0);
	snapshot_put(s);
}

static void members_that_do_not_fit_are_refused(void **state)
{
	static const char *const bodies[] = {
		"{\"name\":\"d\",\"type\":\"FILE\"}",
		"{\"name\":\"d\",\"type\":\"FILE\",\"file\":\"../d\"}",
		"{\"name\":\"d\",\"type\":\"FILE\",\"file\":\"d\",\"rotateBytes\":1}",
		"{\"name\":\"d\",\"type\":\"FILE\",\"file\":\"d\",\"keep\":1}",
		"{\"name\":\"d\",\"type\":\"TAPE\",\"file\":\"d\"}",
		"{\"type\":\"FILE\",\"file\":\"d\"}",
		"{\"name\":\"d\",\"type\":\"FILE\",\"file\":\"d\",\"url\":\"http://10.0.0.1/\"}",
		"{\"name\":\"d\",\"type\":\"HTTP\"}",
		"{\"name\":\"d\",\"type\":\"HTTP\",\"url\":\"ftp://10.0.0.1/\"}",
		"{\"name\":\"d\",\"type\":\"HTTP\",\"url\":\"http://10.0.0.300/\"}",
		"{\"name\":\"d\",\"type\":\"HTTP\",\"url\":\"https://a.test/\","
		"\"certificateAuthority\":\"nonsense\"}",
		"{\"name\":\"d\",\"type\":\"SYSLOG\",\"path\":\"dev/log\"}",
		"{\"name\":\"d\",\"type\":\"SYSLOG\",\"spoolBytes\":2000000}",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(ask(f, "POST", "/lattice/v1/logdestinations", bodies[i]), 400);
	build_all(f);
	assert_int_equal(subscribe(f, f->service, "arn:aws:sqs:us-east-1:123456789012:q"), 400);
	assert_string_equal(text(f, "reason"), "fieldValidationFailed");
}

static void a_second_of_a_type_is_a_conflict(void **state)
{
	struct fixture *f = *state;

	build_all(f);
	assert_int_equal(subscribe(f, f->service, group), 201);
	assert_int_equal(subscribe(f, f->service, fmt("%s2", group)), 409);
	assert_non_null(strstr(text(f, "message"), "already has an access log subscription"));
	assert_int_equal(subscribe(f, f->service, "arn:aws:s3:::a-bucket"), 201);
	assert_int_equal(ask(f, "PATCH", fmt("/accesslogsubscriptions/%s", text(f, "id")),
			     fmt("{\"destinationArn\":\"%s\"}", group)),
			 409);
}

/* There are no resources in a network yet: who wants a log of them gets none, and no line of
 * services. */
static void a_log_of_resources_is_kept_and_stays_empty(void **state)
{
	static const char form[] = "{\"resourceIdentifier\":\"%s\",\"destinationArn\":\"%s\","
				   "\"serviceNetworkLogType\":\"RESOURCE\"}";
	struct fixture *f = *state;
	struct snapshot *s;
	size_t n;

	build_all(f);
	assert_int_equal(ask(f, "POST", "/accesslogsubscriptions", fmt(form, f->network, group)),
			 201);
	assert_string_equal(text(f, "serviceNetworkLogType"), "RESOURCE");
	s = compile(f);
	log_subscriptions_find(&s->logs, str_of(f->network), &n);
	assert_int_equal(n, 0);
	snapshot_put(s);
	assert_int_equal(ask(f, "POST", "/accesslogsubscriptions", fmt(form, f->network, group)),
			 409);
	assert_int_equal(ask(f, "POST", "/accesslogsubscriptions", fmt(form, f->service, group)),
			 400);
	assert_int_equal(subscribe(f, f->network, group), 201);
	s = compile(f);
	log_subscriptions_find(&s->logs, str_of(f->network), &n);
	assert_int_equal(n, 1);
	snapshot_put(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_subscription_reaches_the_data_path),
		CASE(a_destination_of_ours_is_held),
		CASE(a_resource_takes_its_subscriptions_with_it),
		CASE(members_that_do_not_fit_are_refused),
		CASE(a_second_of_a_type_is_a_conflict),
		CASE(a_log_of_resources_is_kept_and_stays_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
