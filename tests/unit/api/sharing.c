/* SPDX-License-Identifier: Apache-2.0 */
/* What one account lets another use: invisible before, usable after, refused when withdrawn. */
#include "api/sharing.c"

#include "conversation.h"

static const char owner[] = "111111111111", user[] = "222222222222";
#define ORG "arn:aws:organizations::999999999999:organization/o-abcdefghij"
#define OU  "arn:aws:organizations::999999999999:ou/o-abcdefghij/ou-ab12-11111111"

/* As the owner: a network. Then the user goes on. */
static void make_network(struct fixture *f, char id[64], char arn[256])
{
	f->account = owner;
	assert_int_equal(ask(f, "POST", "/servicenetworks", "{\"name\":\"shop\"}"), 201);
	keep_id(f, id);
	snprintf(arn, 256, "%s", text(f, "arn"));
	f->account = user;
}

static void make_service(struct fixture *f, char id[64])
{
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\"}"), 201);
	keep_id(f, id);
}

static void share_with(struct fixture *f, const char *arn, const char *principal)
{
	const char *as = f->account;

	f->account = owner;
	assert_int_equal(ask(f, "POST", "/lattice/v1/shares",
			     fmt("{\"name\":\"all\",\"resourceArns\":[\"%s\"],"
				 "\"principals\":[\"%s\"]}",
				 arn, principal)),
			 201);
	f->account = as;
}

static unsigned join(struct fixture *f, const char *network, const char *service)
{
	return ask(f, "POST", "/servicenetworkserviceassociations",
		   fmt("{\"serviceNetworkIdentifier\":\"%s\",\"serviceIdentifier\":\"%s\"}",
		       network, service));
}

static int networks_seen(struct fixture *f)
{
	assert_int_equal(ask(f, "GET", "/servicenetworks", ""), 200);
	return items(f);
}

static void a_share_makes_usable_what_was_invisible(void **state)
{
	struct fixture *f = *state;
	char network[64], arn[256], service[64], assoc[64];

	make_network(f, network, arn);
	make_service(f, service);
	assert_int_equal(join(f, network, service), 404);
	assert_int_equal(networks_seen(f), 0);
	share_with(f, arn, user);
	assert_int_equal(networks_seen(f), 1);
	assert_int_equal(ask(f, "GET", fmt("/servicenetworks/%s", network), ""), 200);
	assert_int_equal(join(f, network, service), 200);
	keep_id(f, assoc);
	/* Its owner alone may end it. */
	assert_int_equal(ask(f, "DELETE", fmt("/servicenetworks/%s", network), ""), 404);
	assert_int_equal(ask(f, "GET", "/servicenetworks?maxResults=1", ""), 200);
	assert_int_equal(items(f), 1);
	f->account = owner;
	assert_int_equal(ask(f, "DELETE", "/lattice/v1/shares/all", ""), 204);
	f->account = user;
	assert_int_equal(networks_seen(f), 0);
	assert_int_equal(ask(f, "GET", fmt("/servicenetworks/%s", network), ""), 404);
	/* The association stays, for both to see and for either to end. */
	assert_int_equal(ask(f, "GET", fmt("/servicenetworkserviceassociations/%s", assoc), ""),
			 200);
	f->account = owner;
	assert_int_equal(
		ask(f, "GET",
		    fmt("/servicenetworkserviceassociations?serviceNetworkIdentifier=%s", network),
		    ""),
		200);
	assert_int_equal(items(f), 1);
	assert_int_equal(ask(f, "DELETE", fmt("/servicenetworkserviceassociations/%s", assoc), ""),
			 200);
	f->account = user;
	assert_int_equal(join(f, network, service), 404);
}

static void members_are_told_by_their_identities(void **state)
{
	struct fixture *f = *state;
	char network[64], arn[256];

	make_network(f, network, arn);
	share_with(f, arn, ORG);
	assert_int_equal(networks_seen(f), 0);
	assert_int_equal(ask(f, "POST", "/lattice/v1/identities",
			     "{\"arn\":\"arn:aws:iam::222222222222:role/web\","
			     "\"organizationId\":\"o-abcdefghij\",\"organizationPaths\":"
			     "[\"o-abcdefghij/r-ab12/ou-ab12-11111111/\"]}"),
			 201);
	assert_int_equal(networks_seen(f), 1);
	f->account = owner;
	assert_int_equal(ask(f, "PATCH", "/lattice/v1/shares/all", "{\"principals\":[\"" OU "\"]}"),
			 200);
	f->account = user;
	assert_int_equal(networks_seen(f), 1);
	f->account = "333333333333";
	assert_int_equal(networks_seen(f), 0);
}

static void put_policy(struct fixture *f, const char *arn, const char *statement, unsigned status)
{
	const char *as = f->account;
	char path[512];

	f->account = owner;
	snprintf(path, sizeof(path), "/resourcepolicy/%.*s%%2F%s", (int)(strchr(arn, '/') - arn),
		 arn, strchr(arn, '/') + 1);
	assert_int_equal(
		ask(f, "PUT", path, fmt("{\"policy\":\"{\\\"Statement\\\":[{%s}]}\"}", statement)),
		status);
	f->account = as;
}

#define GRANT(action, who)                                                    \
	"\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"vpc-lattice:" action \
	"\\\",\\\"Resource\\\":\\\"*\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"" who "\\\"}"

static void a_resource_policy_grants_what_it_says(void **state)
{
	struct fixture *f = *state;
	char network[64], arn[256], service[64], path[512];

	make_network(f, network, arn);
	make_service(f, service);
	put_policy(f, arn, GRANT("GetServiceNetwork", "222222222222"), 200);
	assert_int_equal(ask(f, "GET", fmt("/servicenetworks/%s", network), ""), 200);
	assert_int_equal(join(f, network, service), 403);
	put_policy(
		f, arn,
		GRANT("CreateServiceNetworkServiceAssociation", "arn:aws:iam::222222222222:root"),
		200);
	assert_int_equal(join(f, network, service), 200);
	put_policy(f, arn, GRANT("DeleteServiceNetwork", "222222222222"), 400);
	put_policy(f, arn, GRANT("GetServiceNetwork", "nobody"), 400);
	put_policy(f, arn, "\\\"Effect\\\":\\\"Deny\\\"", 400);
	assert_non_null(strstr(text(f, "message"), "statement 1"));
	snprintf(path, sizeof(path), "/resourcepolicy/%.*s%%2F%s", (int)(strchr(arn, '/') - arn),
		 arn, strchr(arn, '/') + 1);
	assert_int_equal(ask(f, "GET", path, ""), 404);
	f->account = owner;
	assert_int_equal(ask(f, "GET", path, ""), 200);
	assert_int_equal(ask(f, "DELETE", path, ""), 204);
	assert_int_equal(ask(f, "GET", path, ""), 404);
	f->account = user;
	assert_int_equal(join(f, network, service), 404);
}

static void only_ones_own_is_shared_and_with_whom_is_checked(void **state)
{
	struct fixture *f = *state;
	char network[64], arn[256];

	make_network(f, network, arn);
	assert_int_equal(ask(f, "POST", "/lattice/v1/shares",
			     fmt("{\"name\":\"x\",\"resourceArns\":[\"%s\"]}", arn)),
			 404);
	assert_int_equal(
		ask(f, "POST", "/lattice/v1/shares", "{\"name\":\"x\",\"principals\":[\"1234\"]}"),
		400);
	f->account = owner;
	assert_int_equal(ask(f, "POST", "/lattice/v1/shares",
			     "{\"name\":\"x\",\"allowExternalPrincipals\":false,"
			     "\"principals\":[\"222222222222\"]}"),
			 400);
	assert_int_equal(ask(f, "GET", "/lattice/v1/shares/x", ""), 404);
	assert_int_equal(ask(f, "POST", "/lattice/v1/shares", "{\"name\":\"x\"}"), 201);
	assert_non_null(
		strstr(text(f, "arn"), "arn:aws:ram:us-east-1:111111111111:resource-share/"));
	assert_int_equal(ask(f, "GET",
			     fmt("/lattice/v1/shares/arn%%3Aaws%%3Aram%%3Aus-east-1%%3A"
				 "111111111111%%3Aresource-share%%2F%s",
				 text(f, "id")),
			     ""),
			 200);
	assert_int_equal(ask(f, "GET", "/lattice/v1/shares", ""), 200);
	assert_int_equal(items(f), 1);
}

static void principals_have_forms(void **state)
{
	(void)state;
	assert_true(sharing_is_principal(STR("123456789012")));
	assert_true(sharing_is_principal(STR(ORG)));
	assert_true(sharing_is_principal(STR(OU)));
	assert_false(sharing_is_principal(STR("arn:aws:organizations::12:organization/o-x")));
	assert_false(sharing_is_principal(STR("arn:aws:iam::123456789012:role/r")));
	assert_false(sharing_is_principal(STR("12345678901x")));
	assert_false(sharing_is_principal(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_share_makes_usable_what_was_invisible),
		CASE(members_are_told_by_their_identities),
		CASE(a_resource_policy_grants_what_it_says),
		CASE(only_ones_own_is_shared_and_with_whom_is_checked),
		cmocka_unit_test(principals_have_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
