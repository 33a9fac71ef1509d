/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations with the API without sockets, and what the data path is compiled to from them. */
#include "api/dispatch.c"

#include "conversation.h"
#include "model/binding.h"

/* The VPC whose name is @name. */
static const struct snap_vpc *vpc_named(const struct snapshot *s, const char *name)
{
	size_t i;

	for (i = 0; i < shelf_end(&s->vpcs); i++) {
		const struct snap_vpc *v = snapshot_find_vpc(s, (uint32_t)i);

		if (v && str_eq(v->name, str_of(name)))
			return v;
	}
	fail_msg("no VPC %s", name);
	return NULL;
}

static void what_is_created_reaches_the_data_path(void **state)
{
	struct fixture *f = *state;
	const struct snap_vpc *blue, *green;
	const struct snap_target_group *g;
	struct snapshot *s;
	struct fault fault;
	struct sock_addr addr;
	struct binding b;
	char line[SOCK_ADDR_TEXT_MAX];

	build_all(f);
	assert_int_equal(f->changes, 8);
	assert_int_equal(snapshot_compile(f->s, 7, &s, &fault), 0);
	assert_int_equal(s->generation, 7);
	blue = vpc_named(s, "blue");
	green = vpc_named(s, "green");
	assert_int_equal(green->network, 0);
	assert_true(str_eq(blue->network_id, str_of(f->network)));
	assert_int_equal(sock_addr_parse(STR("169.254.171.1"), &addr), 0);
	addr.port = 80;
	assert_true(binding_find(s, blue, &addr, STR("any"), &b));
	assert_false(binding_find(s, green, &addr, STR("any"), &b));
	assert_true(binding_find(s, blue, &addr, STR("any"), &b));
	assert_true(str_eq(b.service->id, str_of(f->service)));
	assert_int_equal(b.listener->default_action.kind, SNAP_ACTION_FORWARD);
	assert_int_equal(b.listener->default_action.weight_sum, 100);
	g = snapshot_find_group(s, b.listener->default_action.forward[0].group);
	assert_int_equal(g->target_count, 2);
	assert_int_equal(g->targets[0].vpc, green->number);
	assert_true(
		str_eq(sock_addr_write_ip(&b.service->addr6, line), STR("fd00:ec2:80::a9fe:ab01")));
	snapshot_put(s);
}

static void a_restart_keeps_state_and_addresses(void **state)
{
	struct fixture *f = *state;
	char before[512], after[512];

	build_all(f);
	assert_int_equal(ask(f, "GET", fmt("/lattice/v1/services/%s/addresses", f->service), ""),
			 200);
	snprintf(before, sizeof(before), STR_FMT, STR_ARG(buf_str(&f->reply.body)));
	store_close(f->s);
	open_store(f);
	assert_int_equal(ask(f, "GET", fmt("/lattice/v1/services/%s/addresses", f->service), ""),
			 200);
	snprintf(after, sizeof(after), STR_FMT, STR_ARG(buf_str(&f->reply.body)));
	assert_string_equal(before, after);
	assert_string_equal(after,
			    "{\"addresses\":[\"169.254.171.1\",\"fd00:ec2:80::a9fe:ab01\"]}");
}

static void what_is_in_use_cannot_be_deleted(void **state)
{
	struct fixture *f = *state;

	build_all(f);
	assert_int_equal(ask(f, "DELETE", fmt("/servicenetworks/%s", f->network), ""), 409);
	assert_string_equal(text(f, "resourceId"), f->network);
	assert_string_equal(text(f, "resourceType"), "SERVICE_NETWORK");
	assert_int_equal(ask(f, "DELETE", fmt("/services/%s", f->service), ""), 409);
	assert_int_equal(ask(f, "DELETE", fmt("/targetgroups/%s", f->group), ""), 409);
	assert_int_equal(ask(f, "DELETE", "/lattice/v1/vpcs/blue", ""), 409);
	assert_int_equal(ask(f, "DELETE", "/lattice/v1/vpcs/green", ""), 409);
	assert_int_equal(
		ask(f, "DELETE", fmt("/servicenetworkvpcassociations/%s", f->vpc_assoc), ""), 200);
	assert_string_equal(text(f, "status"), "DELETE_IN_PROGRESS");
	assert_int_equal(
		ask(f, "DELETE", fmt("/servicenetworkserviceassociations/%s", f->assoc), ""), 200);
	assert_int_equal(ask(f, "DELETE", fmt("/services/%s", f->service), ""), 200);
	assert_int_equal(ask(f, "DELETE", fmt("/targetgroups/%s", f->group), ""), 200);
	assert_int_equal(ask(f, "DELETE", fmt("/servicenetworks/%s", f->network), ""), 204);
	assert_int_equal(buf_len(&f->reply.body), 0);
	assert_int_equal(ask(f, "DELETE", "/lattice/v1/vpcs/blue", ""), 204);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/vpcs/%s", f->vpc[1]), ""), 204);
	assert_int_equal(ask(f, "GET", fmt("/services/%s", f->service), ""), 404);
}

static void resources_are_read_by_id_and_encoded_arn(void **state)
{
	struct fixture *f = *state;
	const char *arn = "arn%3Aaws%3Avpc-lattice%3Aus-east-1%3A123456789012%3Aservice%2F";

	build_all(f);
	assert_int_equal(ask(f, "GET", fmt("/services/%s%s", arn, f->service), ""), 200);
	assert_string_equal(text(f, "status"), "ACTIVE");
	assert_string_equal(text(f, "name"), "cart");
	assert_int_equal(strlen(text(f, "createdAt")), 24);
	assert_int_equal(
		ask(f, "GET", fmt("/services/%s%s/listeners/%s", arn, f->service, f->listener), ""),
		200);
	assert_string_equal(text(f, "serviceId"), f->service);
	assert_int_equal(ask(f, "GET",
			     fmt("/services/arn%%3Aaws%%3Avpc-lattice%%3Aeu-west-1%%3A123456789012"
				 "%%3Aservice%%2F%s",
				 f->service),
			     ""),
			 404);
	assert_int_equal(ask(f, "GET", fmt("/targetgroups/%s", f->group), ""), 200);
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(f->json, "serviceArns")), 1);
	assert_int_equal(ask(f, "GET", fmt("/servicenetworks/%s", f->network), ""), 200);
	assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(
				 f->json, "numberOfAssociatedVPCs")),
			 1);
}

static void lists_have_pages_and_filters(void **state)
{
	struct fixture *f = *state;
	char token[64];

	build_all(f);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"second\"}"), 201);
	assert_int_equal(ask(f, "GET", "/services?maxResults=1", ""), 200);
	assert_int_equal(items(f), 1);
	snprintf(token, sizeof(token), "%s", text(f, "nextToken"));
	assert_int_equal(ask(f, "GET", fmt("/services?maxResults=1&nextToken=%s", token), ""), 200);
	assert_int_equal(items(f), 1);
	assert_string_equal(text(f, "nextToken"), "");
	assert_int_equal(ask(f, "GET", "/servicenetworkvpcassociations", ""), 400);
	assert_int_equal(ask(f, "GET",
			     fmt("/servicenetworkvpcassociations?vpcIdentifier=%s", f->vpc[0]), ""),
			 200);
	assert_int_equal(items(f), 1);
	assert_int_equal(ask(f, "GET",
			     fmt("/servicenetworkvpcassociations?vpcIdentifier=%s", f->vpc[1]), ""),
			 200);
	assert_int_equal(items(f), 0);
	assert_int_equal(ask(f, "GET",
			     fmt("/servicenetworkserviceassociations?serviceNetworkIdentifier=%s"
				 "&serviceIdentifier=%s",
				 f->network, f->service),
			     ""),
			 200);
	assert_int_equal(items(f), 1);
	assert_int_equal(ask(f, "GET", fmt("/targetgroups?vpcIdentifier=%s", f->vpc[1]), ""), 200);
	assert_int_equal(items(f), 1);
	assert_int_equal(ask(f, "POST", fmt("/targetgroups/%s/listtargets", f->group), ""), 200);
	assert_int_equal(items(f), 2);
	assert_int_equal(ask(f, "GET", "/lattice/v1/vpcs", ""), 200);
	assert_int_equal(items(f), 2);
}

static void targets_and_actions_change(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s;
	struct fault fault;

	build_all(f);
	assert_int_equal(
		ask(f, "POST", fmt("/targetgroups/%s/deregistertargets", f->group),
		    "{\"targets\":[{\"id\":\"10.0.0.2\",\"port\":81},{\"id\":\"10.9.9.9\"}]}"),
		200);
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(f->json, "successful")), 1);
	assert_int_equal(ask(f, "PATCH", fmt("/services/%s/listeners/%s", f->service, f->listener),
			     "{\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}"),
			 200);
	assert_int_equal(snapshot_compile(f->s, 1, &s, &fault), 0);
	assert_int_equal(snapshot_find_service(s, 1)->listeners[0].default_action.status, 404);
	snapshot_put(s);
	/* The listener no longer holds the group. */
	assert_int_equal(ask(f, "DELETE", fmt("/targetgroups/%s", f->group), ""), 200);
}

static void doubles_are_conflicts(void **state)
{
	struct fixture *f = *state;

	build_all(f);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\"}"), 409);
	assert_string_equal(text(f, "resourceId"), f->service);
	assert_non_null(strstr(text(f, "message"), "already exist"));
	assert_int_equal(ask(f, "POST", "/lattice/v1/vpcs", "{\"name\":\"blue\"}"), 409);
	assert_int_equal(ask(f, "POST", "/lattice/v1/vpcs",
			     "{\"name\":\"b2\",\"netns\":\"/run/netns/blue\"}"),
			 409);
	assert_int_equal(ask(f, "POST", "/servicenetworkvpcassociations",
			     fmt("{\"serviceNetworkIdentifier\":\"%s\",\"vpcIdentifier\":\"%s\"}",
				 f->network, f->vpc[0])),
			 409);
	assert_string_equal(text(f, "message"),
			    "VPC has already been associated to a service network.");
	assert_int_equal(ask(f, "POST", fmt("/services/%s/listeners", f->service),
			     "{\"name\":\"again\",\"protocol\":\"HTTP\",\"port\":80,"
			     "\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}"),
			 409);
}

/* Refused as a ValidationException that names @field and changes nothing. */
static void expect_field(struct fixture *f, const char *target, const char *body, const char *field)
{
	const cJSON *list;
	int before = f->changes;

	assert_int_equal(ask(f, "POST", target, body), 400);
	assert_true(str_eq(f->reply.error, STR("ValidationException")));
	assert_string_equal(text(f, "reason"), "fieldValidationFailed");
	list = cJSON_GetObjectItemCaseSensitive(f->json, "fieldList");
	assert_string_equal(json_get_str(cJSON_GetArrayItem(list, 0), "name").p, field);
	assert_int_equal(f->changes, before);
}

static void bad_members_are_named(void **state)
{
	struct fixture *f = *state;
	const char *tg = "{\"name\":\"web\",\"type\":\"IP\",\"config\":{\"port\":%s,"
			 "\"vpcIdentifier\":\"vpc-0123456789abcdef0\"}}";
	char body[256];

	expect_field(f, "/services", "{}", "name");
	expect_field(f, "/services", "{\"name\":null}", "name");
	expect_field(f, "/services", "{\"name\":7}", "name");
	expect_field(f, "/services", "{\"name\":\"ab\"}", "name");
	expect_field(f, "/services", "{\"name\":\"svc-abc\"}", "name");
	expect_field(f, "/services", "{\"name\":\"a--b\"}", "name");
	expect_field(f, "/services", "{\"name\":\"abc\",\"nmae\":1}", "nmae");
	expect_field(f, "/services", "{\"name\":\"abc\",\"name\":\"abd\"}", "name");
	expect_field(f, "/services", "{\"name\":\"abc\",\"authType\":\"IAM\"}", "authType");
	expect_field(f, "/services", "{\"name\":\"abc\",\"idleTimeoutSeconds\":59}",
		     "idleTimeoutSeconds");
	expect_field(f, "/services", "{\"name\":\"abc\",\"idleTimeoutSeconds\":60.5}",
		     "idleTimeoutSeconds");
	expect_field(f, "/services", "{\"name\":\"abc\",\"tags\":{\"a\":1}}", "tags.a");
	snprintf(body, sizeof(body), tg, "0");
	expect_field(f, "/targetgroups", body, "config.port");
	snprintf(body, sizeof(body), tg, "65536");
	expect_field(f, "/targetgroups", body, "config.port");
	expect_field(f, "/services/svc-1/listeners",
		     "{\"name\":\"http\",\"protocol\":\"HTTP\",\"defaultAction\":{}}",
		     "defaultAction");
	expect_field(f, "/services/svc-1/listeners",
		     "{\"name\":\"http\",\"protocol\":\"HTTP\","
		     "\"defaultAction\":{\"forward\":{\"targetGroups\":"
		     "[{\"targetGroupIdentifier\":\"tg-1\"}]}}}",
		     "defaultAction.forward.targetGroups[0].targetGroupIdentifier");
	expect_field(f, "/services/svc-1/listeners",
		     "{\"name\":\"http\",\"protocol\":\"HTTP\","
		     "\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}",
		     "serviceIdentifier");
	expect_field(f, "/lattice/v1/vpcs", "{\"name\":\"a\",\"netns\":\"/run/../x\"}", "netns");
}

static void every_fault_has_its_shape(void **state)
{
	struct fixture *f = *state;
	struct api_request stranger = { .method = STR("GET"), .path = STR("/services") };
	const char *listener = "{\"name\":\"name%d\",\"protocol\":\"HTTP\",\"port\":%d,"
			       "\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}";
	char body[256];

	build_all(f);
	assert_int_equal(ask(f, "POST", "/services", "{"), 400);
	assert_string_equal(text(f, "reason"), "cannotParse");
	assert_int_equal(ask(f, "POST", "/services", "[]"), 400);
	assert_int_equal(ask(f, "GET", "/nothing", ""), 400);
	assert_string_equal(text(f, "reason"), "unknownOperation");
	assert_int_equal(ask(f, "GET", "/services/%zz", ""), 400);
	assert_int_equal(ask(f, "GET", "/services/svc-0123456789abcdef0", ""), 404);
	assert_true(str_eq(f->reply.error, STR("ResourceNotFoundException")));
	assert_string_equal(text(f, "resourceId"), "svc-0123456789abcdef0");
	assert_string_equal(text(f, "resourceType"), "SERVICE");
	assert_int_equal(strlen(f->reply.request_id), 36);
	snprintf(body, sizeof(body), listener, 2, 81);
	assert_int_equal(ask(f, "POST", fmt("/services/%s/listeners", f->service), body), 201);
	snprintf(body, sizeof(body), listener, 3, 82);
	assert_int_equal(ask(f, "POST", fmt("/services/%s/listeners", f->service), body), 402);
	assert_string_equal(text(f, "quotaCode"), "L-D64E952E");
	assert_string_equal(text(f, "serviceCode"), "vpc-lattice");
	api_reply_fini(&f->reply);
	dispatch_run(&f->on, &stranger, &f->reply);
	assert_int_equal(f->reply.status, 403);
	assert_true(str_eq(f->reply.error, STR("AccessDeniedException")));
}

static void an_administrator_acts_for_any_account(void **state)
{
	struct fixture *f = *state;
	char id[64];

	f->account = "111111111111";
	assert_int_equal(ask(f, "POST", "/servicenetworks", "{\"name\":\"shop\"}"), 201);
	assert_non_null(strstr(text(f, "arn"), ":111111111111:servicenetwork/"));
	keep_id(f, id);
	f->account = "222222222222";
	assert_int_equal(ask(f, "GET", fmt("/servicenetworks/%s", id), ""), 404);
	assert_int_equal(ask(f, "GET", "/servicenetworks", ""), 200);
	assert_int_equal(items(f), 0);
	assert_int_equal(ask(f, "POST", "/servicenetworks", "{\"name\":\"shop\"}"), 201);
	f->account = "22222222222a";
	assert_int_equal(ask(f, "GET", "/servicenetworks", ""), 400);
	assert_string_equal(text(f, "reason"), "fieldValidationFailed");
}

/* Who signed acts for its account, as its root, and never as an administrator. */
static void a_signer_has_awss_operations_only(void **state)
{
	static const struct principal root = { .type = PRINCIPAL_ACCOUNT, .arn = { "root", 4 } };
	static const struct principal person = { .type = PRINCIPAL_USER, .arn = { "joe", 3 } };
	struct fixture *f = *state;

	f->account = "111111111111";
	f->principal = &root;
	assert_int_equal(ask(f, "POST", "/servicenetworks", "{\"name\":\"shop\"}"), 201);
	assert_non_null(strstr(text(f, "arn"), ":111111111111:"));
	assert_int_equal(ask(f, "GET", "/lattice/v1/vpcs", ""), 403);
	assert_non_null(strstr(text(f, "message"), "ListVpcs is an administrator's"));
	assert_int_equal(ask(f, "GET", "/metrics", ""), 403);
	assert_int_equal(ask(f, "GET", "/nowhere", ""), 400);
	f->principal = &person;
	assert_int_equal(ask(f, "GET", "/servicenetworks", ""), 403);
	assert_non_null(
		strstr(text(f, "message"),
		       "joe is not authorized to perform: vpc-lattice:ListServiceNetworks"));
	f->principal = NULL;
}

/* A second listener of its own may use a group, another service may not. */
static void a_group_serves_one_service(void **state)
{
	struct fixture *f = *state;
	char other[64];
	const char *body;

	build_all(f);
	body = "{\"name\":\"second\",\"protocol\":\"HTTP\",\"port\":8081,\"defaultAction\":"
	       "{\"forward\":{\"targetGroups\":[{\"targetGroupIdentifier\":\"%s\"}]}}}";
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"other\"}"), 201);
	keep_id(f, other);
	assert_int_equal(ask(f, "POST", fmt("/services/%s/listeners", other), fmt(body, f->group)),
			 409);
	assert_non_null(strstr(text(f, "message"), "it can be used by one service only"));
	assert_string_equal(text(f, "resourceId"), f->group);
	assert_int_equal(
		ask(f, "POST", fmt("/services/%s/listeners", f->service), fmt(body, f->group)),
		201);
}

static void uris_are_split_before_they_are_decoded(void **state)
{
	struct str params[CALL_PARAMS_MAX] = { 0 };

	(void)state;
	assert_true(match_uri(STR("/a/{x}/b"), STR("/a/1%2F2/b"), params));
	assert_true(str_eq(params[0], STR("1%2F2")));
	assert_false(match_uri(STR("/a/{x}/b"), STR("/a/1/2/b"), params));
	assert_false(match_uri(STR("/a/{x}"), STR("/a/"), params));
	assert_false(match_uri(STR("/a"), STR("/a/"), params));
	assert_false(match_uri(STR("/a/{x}"), STR("/a"), params));
	assert_false(match_uri(STR("/a"), STR(""), params));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_created_reaches_the_data_path),
		CASE(a_restart_keeps_state_and_addresses),
		CASE(what_is_in_use_cannot_be_deleted),
		CASE(resources_are_read_by_id_and_encoded_arn),
		CASE(lists_have_pages_and_filters),
		CASE(targets_and_actions_change),
		CASE(doubles_are_conflicts),
		CASE(bad_members_are_named),
		CASE(every_fault_has_its_shape),
		CASE(a_group_serves_one_service),
		CASE(a_signer_has_awss_operations_only),
		CASE(an_administrator_acts_for_any_account),
		cmocka_unit_test(uris_are_split_before_they_are_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
