/* SPDX-License-Identifier: Apache-2.0 */
/* What users and roles may call: what each operation touches, conditions, and the words of refusal.
 */
#include "api/permission.c"

#include "conversation.h"

#define ACCOUNT "123456789012"
#define BOB	"arn:aws:iam::" ACCOUNT ":user/bob"
#define ARN	"arn:aws:vpc-lattice:us-east-1:" ACCOUNT ":"

/* Bob, with a policy of his own; NULL: none. */
static struct principal bob;
static struct policy *policy;

static void become(struct fixture *f, const char *document)
{
	struct policy_error error;

	policy_put(policy);
	policy = NULL;
	if (document) {
		policy = policy_new(POLICY_IDENTITY, str_of(document), &error);
		if (!policy)
			print_error("%s: %s\n%s\n", error.where, error.why, document);
		assert_non_null(policy);
	}
	bob = (struct principal){ .type = PRINCIPAL_USER,
				  .arn = STR(BOB),
				  .iam_arn = STR(BOB),
				  .account = STR(ACCOUNT),
				  .policy = policy };
	f->principal = &bob;
}

/* A policy of the statements @statements. */
static void may(struct fixture *f, const char *statements)
{
	become(f, fmt("{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements));
}

static void end(struct fixture *f)
{
	f->principal = NULL;
	policy_put(policy);
	policy = NULL;
}

#define ALLOW(more) "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}" more

/* What build_all() does not make, and by letters the ids of all. */
struct more {
	char rule[64], log[64];
	const char *ids[256];
};

static void build_more(struct fixture *f, struct more *m)
{
	build_all(f);
	assert_int_equal(ask(f, "POST",
			     fmt("/services/%s/listeners/%s/rules", f->service, f->listener),
			     "{\"name\":\"one\",\"priority\":1,\"match\":{\"httpMatch\":{"
			     "\"method\":\"GET\"}},"
			     "\"action\":{\"fixedResponse\":{\"statusCode\":404}}}"),
			 201);
	keep_id(f, m->rule);
	assert_int_equal(ask(f, "POST", "/accesslogsubscriptions",
			     fmt("{\"resourceIdentifier\":\"%s\",\"destinationArn\":"
				 "\"arn:aws:logs:us-east-1:" ACCOUNT ":log-group:x:*\"}",
				 f->service)),
			 201);
	keep_id(f, m->log);
	memset(m->ids, 0, sizeof(m->ids));
	m->ids['S'] = f->service;
	m->ids['L'] = f->listener;
	m->ids['R'] = m->rule;
	m->ids['T'] = f->group;
	m->ids['N'] = f->network;
	m->ids['V'] = f->vpc[0];
	m->ids['W'] = f->vpc[1];
	m->ids['A'] = f->vpc_assoc;
	m->ids['G'] = m->log;
}

/* Is the last answer AWS's refusal of @action on @resource, or with NULL of the action alone? */
static void assert_refused(struct fixture *f, const char *action, const char *resource)
{
	const char *words =
		fmt("User: " BOB " is not authorized to perform: vpc-lattice:%s%s%s "
		    "because no identity-based policy allows the vpc-lattice:%s action",
		    action, resource ? " on resource: " : "", resource ? resource : "", action);

	assert_int_equal(f->reply.status, 403);
	assert_true(str_eq(f->reply.error, STR("AccessDeniedException")));
	assert_string_equal(text(f, "message"), words);
}

/* One call, and what it is refused for; $S and other letters stand for ids. */
struct call_case {
	const char *method, *target, *body, *action, *resource;
};

#define RULES  "/services/$S/listeners/$L/rules"
#define RULE   ARN "service/$S/listener/$L/rule/$R"
#define FIXED  "{\"fixedResponse\":{\"statusCode\":404}}"
#define NO_ONE "0123456789abcdef0"

static const struct call_case calls[] = {
	{ "GET", "/services", "", "ListServices", NULL },
	{ "GET", "/services/$S/listeners", "", "ListListeners", NULL },
	{ "GET", RULES, "", "ListRules", NULL },
	{ "GET", "/servicenetworkvpcassociations?vpcIdentifier=$V", "",
	  "ListServiceNetworkVpcAssociations", NULL },
	{ "GET", "/accesslogsubscriptions?resourceIdentifier=$S", "", "ListAccessLogSubscriptions",
	  NULL },
	{ "GET", "/tags/" ARN "service%2F$S", "", "ListTagsForResource", NULL },
	{ "POST", "/services", "{\"name\":\"new\"}", "CreateService", ARN "service/*" },
	{ "POST", "/servicenetworks", "{\"name\":\"new\"}", "CreateServiceNetwork",
	  ARN "servicenetwork/*" },
	{ "POST", "/targetgroups", "{\"name\":\"new\",\"type\":\"LAMBDA\"}", "CreateTargetGroup",
	  ARN "targetgroup/*" },
	{ "POST", "/services/$S/listeners",
	  "{\"name\":\"new\",\"protocol\":\"HTTP\",\"defaultAction\":" FIXED "}", "CreateListener",
	  ARN "service/$S/listener/*" },
	{ "POST", RULES,
	  "{\"name\":\"new\",\"priority\":2,\"match\":{\"httpMatch\":{\"method\":\"GET\"}},"
	  "\"action\":" FIXED "}",
	  "CreateRule", ARN "service/$S/listener/$L/rule/*" },
	{ "POST", "/accesslogsubscriptions",
	  "{\"resourceIdentifier\":\"$S\",\"destinationArn\":\"arn:aws:s3:::a-bucket-of-mine\"}",
	  "CreateAccessLogSubscription", ARN "accesslogsubscription/*" },
	{ "POST", "/servicenetworkserviceassociations",
	  "{\"serviceNetworkIdentifier\":\"$N\",\"serviceIdentifier\":\"$S\"}",
	  "CreateServiceNetworkServiceAssociation", ARN "service/$S" },
	{ "POST", "/servicenetworkvpcassociations",
	  "{\"serviceNetworkIdentifier\":\"$N\",\"vpcIdentifier\":\"$V\"}",
	  "CreateServiceNetworkVpcAssociation", ARN "servicenetwork/$N" },
	{ "POST", "/domainverifications", "{\"domainName\":\"a.example\"}",
	  "StartDomainVerification", ARN "domainverification/*" },
	{ "GET", "/services/$S", "", "GetService", ARN "service/$S" },
	{ "GET", "/services/" ARN "service%2F$S", "", "GetService", ARN "service/$S" },
	{ "GET", "/services/svc-" NO_ONE, "", "GetService", ARN "service/svc-" NO_ONE },
	{ "GET", "/services/arn:aws:vpc-lattice:us-east-1:999999999999:service%2F$S", "",
	  "GetService", "arn:aws:vpc-lattice:us-east-1:999999999999:service/$S" },
	{ "PATCH", "/services/$S", "{\"authType\":\"NONE\"}", "UpdateService", ARN "service/$S" },
	{ "DELETE", "/services/$S", "", "DeleteService", ARN "service/$S" },
	{ "GET", "/servicenetworks/$N", "", "GetServiceNetwork", ARN "servicenetwork/$N" },
	{ "GET", "/services/$S/listeners/$L", "", "GetListener", ARN "service/$S/listener/$L" },
	{ "GET", "/services/$S/listeners/listener-" NO_ONE, "", "GetListener",
	  ARN "service/$S/listener/listener-" NO_ONE },
	{ "DELETE", "/services/svc-" NO_ONE "/listeners/$L", "", "DeleteListener",
	  ARN "service/$S/listener/$L" },
	{ "GET", RULES "/$R", "", "GetRule", RULE },
	{ "GET", RULES "/rule-" NO_ONE, "", "GetRule",
	  ARN "service/$S/listener/$L/rule/rule-" NO_ONE },
	{ "PATCH", RULES "/$R", "{\"priority\":5}", "UpdateRule", RULE },
	{ "PATCH", RULES, "{\"rules\":[{\"ruleIdentifier\":\"$R\",\"priority\":5}]}", "UpdateRule",
	  RULE },
	{ "DELETE", RULES "/$R", "", "DeleteRule", RULE },
	{ "GET", "/targetgroups/$T", "", "GetTargetGroup", ARN "targetgroup/$T" },
	{ "POST", "/targetgroups/$T/registertargets", "{\"targets\":[{\"id\":\"10.0.0.9\"}]}",
	  "RegisterTargets", ARN "targetgroup/$T" },
	{ "POST", "/targetgroups/$T/deregistertargets", "{\"targets\":[{\"id\":\"10.0.0.9\"}]}",
	  "DeregisterTargets", ARN "targetgroup/$T" },
	{ "POST", "/targetgroups/$T/listtargets", "", "ListTargets", ARN "targetgroup/$T" },
	{ "DELETE", "/servicenetworkvpcassociations/$A", "", "DeleteServiceNetworkVpcAssociation",
	  ARN "servicenetworkvpcassociation/$A" },
	{ "GET", "/accesslogsubscriptions/$G", "", "GetAccessLogSubscription",
	  ARN "accesslogsubscription/$G" },
	{ "PUT", "/authpolicy/$N", "{\"policy\":\"{}\"}", "PutAuthPolicy",
	  ARN "servicenetwork/$N" },
	{ "GET", "/authpolicy/$S", "", "GetAuthPolicy", ARN "service/$S" },
	{ "GET", "/resourcepolicy/" ARN "service%2F$S", "", "GetResourcePolicy", ARN "service/$S" },
	{ "POST", "/tags/" ARN "targetgroup%2F$T", "{\"tags\":{\"a\":\"b\"}}", "TagResource",
	  ARN "targetgroup/$T" },
	{ "DELETE", "/tags/" ARN "targetgroup%2F$T?tagKeys=a", "", "UntagResource",
	  ARN "targetgroup/$T" },
	{ "GET", "/resourcegateways/rgw-" NO_ONE, "", "GetResourceGateway",
	  ARN "resourcegateway/rgw-" NO_ONE },
	/* No form of an identifier: who may do it on everything is told so. */
	{ "GET", "/services/cart", "", "GetService", NULL },
};

/* @from with the ids in it. */
static const char *filled(const struct more *m, const char *from)
{
	static char texts[4][1024];
	static unsigned next;
	char *to = texts[next++ % 4];
	size_t n = 0;

	for (; *from; from++) {
		const char *id = *from == '$' ? m->ids[(unsigned char)*++from] : NULL;

		n += (size_t)snprintf(to + n, 1024 - n, "%.*s", id ? 64 : 1, id ? id : from);
		assert_true(n < 1024);
	}
	to[n] = '\0';
	return to;
}

static unsigned run(struct fixture *f, const struct more *m, const struct call_case *c)
{
	return ask(f, c->method, filled(m, c->target), filled(m, c->body));
}

/* Nothing is allowed that no policy allows, and the refusal says what would be needed. */
static void says_what_is_missing(void **state)
{
	struct fixture *f = *state;
	struct more m;
	size_t i;

	build_more(f, &m);
	become(f, NULL);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (run(f, &m, &calls[i]) != 403)
			print_error("%s %s: %s\n", calls[i].method, calls[i].target,
				    text(f, "message"));
		assert_refused(f, calls[i].action,
			       calls[i].resource ? filled(&m, calls[i].resource) : NULL);
	}
	end(f);
}

/* What a refusal asks for is enough, but for associations, which touch more than one thing. */
static void allows_what_the_policy_allows(void **state)
{
	struct fixture *f = *state;
	struct more m;
	size_t i;

	build_more(f, &m);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		const char *resource = calls[i].resource ? filled(&m, calls[i].resource) : "*";

		may(f,
		    fmt("{\"Effect\":\"Allow\",\"Action\":\"vpc-lattice:%s\",\"Resource\":\"%s\"}",
			calls[i].action, resource));
		run(f, &m, &calls[i]);
		if (strstr(calls[i].action, "Create") && strstr(calls[i].action, "Association"))
			assert_int_equal(f->reply.status, 403);
		else
			assert_int_not_equal(f->reply.status, 403);
		/* And for nothing else. */
		assert_int_equal(ask(f, "GET", "/servicenetworks", ""), 403);
		/* What was deleted is there again. */
		if (!strcmp(calls[i].method, "DELETE") && f->reply.status < 300) {
			end(f);
			teardown(state);
			setup(state);
			f = *state;
			build_more(f, &m);
		}
	}
	end(f);
}

static void an_association_touches_both_its_sides(void **state)
{
	struct fixture *f = *state;
	struct more m;
	const char *body;

	build_more(f, &m);
	assert_int_equal(
		ask(f, "DELETE", fmt("/servicenetworkserviceassociations/%s", f->assoc), ""), 200);
	body = filled(&m, "{\"serviceNetworkIdentifier\":\"$N\",\"serviceIdentifier\":\"$S\"}");
	may(f, filled(&m, "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*:service/$S\"}"));
	assert_int_equal(ask(f, "POST", "/servicenetworkserviceassociations", body), 403);
	may(f, filled(&m, "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":"
			  "[\"*:service/$S\",\"" ARN "servicenetwork/$N\"]}"));
	assert_int_equal(ask(f, "POST", "/servicenetworkserviceassociations", body), 403);
	assert_refused(f, "CreateServiceNetworkServiceAssociation",
		       ARN "servicenetworkserviceassociation/*");
	may(f, filled(&m, "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":"
			  "[\"*:service/$S\",\"" ARN "servicenetwork*/*\"]}"));
	assert_int_equal(ask(f, "POST", "/servicenetworkserviceassociations", body), 200);
	end(f);
}

static void a_deny_is_named_as_such(void **state)
{
	struct fixture *f = *state;

	may(f,
	    ALLOW(",{\"Effect\":\"Deny\",\"Action\":\"vpc-lattice:Create*\",\"Resource\":\"*\"}"));
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\"}"), 403);
	assert_string_equal(text(f, "message"),
			    "User: " BOB " is not authorized to perform: vpc-lattice:CreateService "
			    "on resource: " ARN "service/* with an explicit deny in an "
			    "identity-based policy");
	assert_int_equal(ask(f, "GET", "/services", ""), 200);
	end(f);
}

/* What a request says is seen by conditions however it says it. */
static const struct condition_case {
	const char *condition, *method, *target, *body;
	unsigned status;
} conditions[] = {
	{ "\"StringEquals\":{\"aws:RequestTag/team\":\"cart\"}", "POST", "/services",
	  "{\"name\":\"new\",\"tags\":{\"team\":\"cart\"}}", 201 },
	{ "\"StringEquals\":{\"aws:RequestTag/team\":\"cart\"}", "POST", "/services",
	  "{\"name\":\"other\",\"tags\":{\"team\":\"book\"}}", 403 },
	{ "\"ForAllValues:StringEquals\":{\"aws:TagKeys\":[\"team\"]}", "POST", "/services",
	  "{\"name\":\"other\",\"tags\":{\"team\":\"cart\",\"x\":\"y\"}}", 403 },
	{ "\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":[\"x\"]}", "DELETE",
	  "/tags/" ARN "service%2F$S?tagKeys=x", "", 200 },
	{ "\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":[\"x\"]}", "DELETE",
	  "/tags/" ARN "service%2F$S?tagKeys=z", "", 403 },
	{ "\"StringEquals\":{\"aws:ResourceTag/team\":\"web\"}", "GET", "/services/$S", "", 200 },
	{ "\"StringEquals\":{\"aws:ResourceTag/team\":\"web\"}", "GET", "/targetgroups/$T", "",
	  403 },
	{ "\"StringEquals\":{\"vpc-lattice:AuthType\":\"AWS_IAM\"}", "PATCH", "/services/$S",
	  "{\"authType\":\"AWS_IAM\"}", 200 },
	{ "\"StringEquals\":{\"vpc-lattice:AuthType\":\"AWS_IAM\"}", "PATCH", "/services/$S",
	  "{\"authType\":\"NONE\"}", 403 },
	{ "\"StringEquals\":{\"vpc-lattice:CreateAction\":\"CreateService\"}", "POST", "/services",
	  "{\"name\":\"third\"}", 201 },
	{ "\"StringEquals\":{\"vpc-lattice:CreateAction\":\"CreateService\"}", "POST",
	  "/servicenetworks", "{\"name\":\"third\"}", 403 },
	{ "\"StringEquals\":{\"vpc-lattice:VpcId\":\"$V\"}", "GET",
	  "/servicenetworkvpcassociations/$A", "", 200 },
	{ "\"StringNotEquals\":{\"vpc-lattice:VpcId\":\"$V\"}", "GET",
	  "/servicenetworkvpcassociations/$A", "", 403 },
	{ "\"StringEquals\":{\"vpc-lattice:VpcId\":\"$V\"}", "GET",
	  "/servicenetworkvpcassociations?vpcIdentifier=$V", "", 200 },
	{ "\"ArnEquals\":{\"vpc-lattice:ServiceNetworkArn\":\"" ARN "servicenetwork/$N\"}", "GET",
	  "/servicenetworkvpcassociations?serviceNetworkIdentifier=$N", "", 200 },
	{ "\"ArnNotEquals\":{\"vpc-lattice:ServiceNetworkArn\":\"" ARN "servicenetwork/$N\"}",
	  "GET", "/servicenetworkvpcassociations?serviceNetworkIdentifier=$N", "", 403 },
	{ "\"ForAnyValue:ArnEquals\":{\"vpc-lattice:TargetGroupArns\":\"" ARN "targetgroup/$T\"}",
	  "PATCH", "/services/$S/listeners/$L",
	  "{\"defaultAction\":{\"forward\":{\"targetGroups\":[{\"targetGroupIdentifier\":\"$T\"}]}}"
	  "}",
	  200 },
	{ "\"ForAnyValue:ArnEquals\":{\"vpc-lattice:TargetGroupArns\":\"" ARN "targetgroup/$T\"}",
	  "PATCH", "/services/$S/listeners/$L", "{\"defaultAction\":" FIXED "}", 403 },
	{ "\"StringEquals\":{\"vpc-lattice:Protocol\":\"HTTPS\"}", "POST", "/services/$S/listeners",
	  "{\"name\":\"new\",\"protocol\":\"HTTP\",\"port\":81,\"defaultAction\":" FIXED "}", 403 },
	{ "\"StringEquals\":{\"vpc-lattice:PrivateDnsPreference\":\"VERIFIED_DOMAINS_ONLY\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A",
	  "{\"dnsOptions\":{\"privateDnsPreference\":\"VERIFIED_DOMAINS_ONLY\"}}", 200 },
	{ "\"StringEquals\":{\"vpc-lattice:PrivateDnsPreference\":\"VERIFIED_DOMAINS_ONLY\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A",
	  "{\"dnsOptions\":{\"privateDnsPreference\":\"ALL_DOMAINS\"}}", 403 },
	{ "\"StringEquals\":{\"vpc-lattice:PrivateDnsPreference\":\"VERIFIED_DOMAINS_ONLY\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A", "{\"privateDnsEnabled\":true}", 403 },
	{ "\"Null\":{\"vpc-lattice:PrivateDnsPreference\":\"true\"}", "PATCH",
	  "/servicenetworkvpcassociations/$A", "{\"privateDnsEnabled\":true}", 200 },
	{ "\"Null\":{\"vpc-lattice:PrivateDnsPreference\":\"true\"}", "PATCH",
	  "/servicenetworkvpcassociations/$A",
	  "{\"dnsOptions\":{\"privateDnsPreference\":\"ALL_DOMAINS\"}}", 403 },
	{ "\"ForAllValues:StringLike\":{\"vpc-lattice:PrivateDnsSpecifiedDomains\":\"*.example\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A",
	  "{\"dnsOptions\":{\"privateDnsSpecifiedDomains\":[\"a.example\",\"b.example\"]}}", 200 },
	{ "\"ForAllValues:StringLike\":{\"vpc-lattice:PrivateDnsSpecifiedDomains\":\"*.example\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A",
	  "{\"dnsOptions\":{\"privateDnsSpecifiedDomains\":[\"a.example\",\"b.test\"]}}", 403 },
	{ "\"ForAllValues:StringLike\":{\"vpc-lattice:PrivateDnsSpecifiedDomains\":\"*.example\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A", "{\"privateDnsEnabled\":true}", 200 },
	{ "\"ForAnyValue:StringLike\":{\"vpc-lattice:PrivateDnsSpecifiedDomains\":\"*.example\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A",
	  "{\"dnsOptions\":{\"privateDnsSpecifiedDomains\":[\"b.test\",\"a.example\"]}}", 200 },
	{ "\"ForAnyValue:StringLike\":{\"vpc-lattice:PrivateDnsSpecifiedDomains\":\"*.example\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A", "{\"privateDnsEnabled\":true}", 403 },
	{ "\"ForAllValues:StringLike\":{\"vpc-lattice:PrivateDnsSpecifiedDomains\":\"*.example\"}",
	  "POST", "/servicenetworkvpcassociations",
	  "{\"serviceNetworkIdentifier\":\"$N\",\"vpcIdentifier\":\"$W\",\"dnsOptions\":{"
	  "\"privateDnsSpecifiedDomains\":[\"x.test\"]}}",
	  403 },
	{ "\"ForAllValues:StringLike\":{\"vpc-lattice:PrivateDnsSpecifiedDomains\":\"*.example\"}",
	  "POST", "/servicenetworkvpcassociations",
	  "{\"serviceNetworkIdentifier\":\"$N\",\"vpcIdentifier\":\"$W\",\"dnsOptions\":{"
	  "\"privateDnsSpecifiedDomains\":[\"x.example\"]}}",
	  200 },
	{ "\"StringEquals\":{\"vpc-lattice:VpcEndpointId\":\"vpce-0a1b2c3d\"}", "GET",
	  "/resourceendpointassociations?resourceConfigurationIdentifier=rcfg-0123456789abcdef0&"
	  "vpcEndpointId=vpce-0a1b2c3d",
	  "", 200 },
	{ "\"StringEquals\":{\"vpc-lattice:VpcEndpointId\":\"vpce-0a1b2c3d\"}", "GET",
	  "/resourceendpointassociations?resourceConfigurationIdentifier=rcfg-0123456789abcdef0&"
	  "vpcEndpointId=vpce-00000000",
	  "", 403 },
	{ "\"StringEquals\":{\"vpc-lattice:VpcEndpointId\":\"vpce-0a1b2c3d\"}", "GET",
	  "/resourceendpointassociations?resourceConfigurationIdentifier=rcfg-0123456789abcdef0",
	  "", 403 },
	{ "\"ArnLike\":{\"vpc-lattice:ResourceConfigurationArn\":\"arn:aws:vpc-lattice:*:*:"
	  "resourceconfiguration/"
	  "rcfg-0123456789abcdef0\"}",
	  "GET",
	  "/resourceendpointassociations?resourceConfigurationIdentifier=rcfg-0123456789abcdef0",
	  "", 200 },
	{ "\"ArnLike\":{\"vpc-lattice:ResourceConfigurationArn\":\"arn:aws:vpc-lattice:*:*:"
	  "resourceconfiguration/"
	  "rcfg-0123456789abcdef0\"}",
	  "GET",
	  "/resourceendpointassociations?resourceConfigurationIdentifier=rcfg-0123456789abcdef1",
	  "", 403 },
	{ "\"ArnEquals\":{\"vpc-lattice:ServiceNetworkArn\":\"" ARN "servicenetwork/$N\"}", "GET",
	  "/servicenetworkvpcendpointassociations?serviceNetworkIdentifier=$N", "", 200 },
	{ "\"ArnNotEquals\":{\"vpc-lattice:ServiceNetworkArn\":\"" ARN "servicenetwork/$N\"}",
	  "GET", "/servicenetworkvpcendpointassociations?serviceNetworkIdentifier=$N", "", 403 },
	{ "\"StringLike\":{\"vpc-lattice:DomainName\":\"*.example\"}", "POST",
	  "/domainverifications", "{\"domainName\":\"a.test\"}", 403 },
	{ "\"ForAnyValue:StringEquals\":{\"vpc-lattice:SecurityGroupIds\":\"sg-"
	  "0123456789abcdef0\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A",
	  "{\"securityGroupIds\":[\"sg-0123456789abcdef1\"]}", 403 },
	{ "\"ForAnyValue:StringEquals\":{\"vpc-lattice:SecurityGroupIds\":\"sg-"
	  "0123456789abcdef0\"}",
	  "PATCH", "/servicenetworkvpcassociations/$A",
	  "{\"securityGroupIds\":[\"sg-0123456789abcdef0\"]}", 404 },
	{ "\"ArnEquals\":{\"vpc-lattice:ServiceArn\":\"" ARN "service/$S\"}", "GET",
	  "/servicenetworkserviceassociations?serviceIdentifier=$S", "", 200 },
	{ "\"ArnNotEquals\":{\"vpc-lattice:ServiceArn\":\"" ARN "service/$S\"}", "GET",
	  "/servicenetworkserviceassociations?serviceIdentifier=$S", "", 403 },
	{ "\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}", "GET", "/services", "", 403 },
	{ "\"Bool\":{\"aws:SecureTransport\":\"false\"}", "GET", "/services", "", 200 },
	{ "\"DateGreaterThan\":{\"aws:CurrentTime\":\"2020-01-01T00:00:00Z\"}", "GET", "/services",
	  "", 200 },
	{ "\"DateLessThan\":{\"aws:CurrentTime\":\"2020-01-01T00:00:00Z\"}", "GET", "/services", "",
	  403 },
	{ "\"StringEquals\":{\"aws:RequestedRegion\":\"us-east-1\"}", "GET", "/services", "", 200 },
};

static void conditions_see_the_request_and_what_it_touches(void **state)
{
	struct fixture *f = *state;
	struct more m;
	size_t i;

	build_more(f, &m);
	assert_int_equal(ask(f, "POST", filled(&m, "/tags/" ARN "service%2F$S"),
			     "{\"tags\":{\"team\":\"web\",\"x\":\"y\"}}"),
			 200);
	for (i = 0; i < ARRAY_SIZE(conditions); i++) {
		const struct condition_case *c = &conditions[i];
		unsigned status;

		may(f, fmt("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
			   "\"Condition\":{%s}}",
			   filled(&m, c->condition)));
		status = ask(f, c->method, filled(&m, c->target), filled(&m, c->body));
		if (status != c->status)
			print_error("%s: %s %s: %u %s\n", c->condition, c->method, c->target,
				    status, text(f, "message"));
		assert_int_equal(status, c->status);
	}
	end(f);
}

/* Another account's network is its own ARN, also for who names it by its id. */
static void an_id_hides_no_arn(void **state)
{
	struct fixture *f = *state;
	char network[64], arn[256];

	f->account = "999999999999";
	assert_int_equal(ask(f, "POST", "/servicenetworks", "{\"name\":\"shop\"}"), 201);
	keep_id(f, network);
	snprintf(arn, sizeof(arn), "%s", text(f, "arn"));
	assert_int_equal(ask(f, "POST", "/lattice/v1/shares",
			     fmt("{\"name\":\"s\",\"resourceArns\":[\"%s\"],\"principals\":"
				 "[\"" ACCOUNT "\"]}",
				 arn)),
			 201);
	f->account = NULL;
	may(f, ALLOW());
	assert_int_equal(ask(f, "GET", fmt("/servicenetworks/%s", network), ""), 200);
	may(f, ALLOW(",{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":"
		     "\"arn:aws:vpc-lattice:*:999999999999:*\"}"));
	assert_int_equal(ask(f, "GET", fmt("/servicenetworks/%s", network), ""), 403);
	end(f);
}

static void a_root_needs_no_policy_and_nobody_is_an_administrator(void **state)
{
	static const struct principal root = { .type = PRINCIPAL_ACCOUNT,
					       .arn = { "arn:aws:iam::" ACCOUNT ":root", 29 },
					       .account = { ACCOUNT, 12 } };
	struct fixture *f = *state;

	f->principal = &root;
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\"}"), 201);
	assert_int_equal(ask(f, "GET", "/lattice/v1/vpcs", ""), 403);
	may(f, ALLOW());
	assert_int_equal(ask(f, "GET", "/services", ""), 200);
	assert_int_equal(ask(f, "GET", "/lattice/v1/vpcs", ""), 403);
	assert_non_null(strstr(text(f, "message"), "own socket only"));
	assert_int_equal(ask(f, "GET", "/nothing", ""), 400);
	end(f);
}

/* An answer that is remembered is for those who might have asked. */
static void a_token_is_no_permission(void **state)
{
	static const char body[] = "{\"name\":\"cart\",\"clientToken\":\"t\"}";
	struct fixture *f = *state;

	assert_int_equal(ask(f, "POST", "/services", body), 201);
	assert_int_equal(ask(f, "POST", "/services", body), 201);
	become(f, NULL);
	assert_int_equal(ask(f, "POST", "/services", body), 403);
	end(f);
}

static unsigned add_identity(struct fixture *f, const char *element, const char *action)
{
	return ask(f, "POST", "/lattice/v1/identities",
		   fmt("{\"arn\":\"" BOB
		       "\",\"policy\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Deny\\\","
		       "\\\"%s\\\":\\\"%s\\\",\\\"Resource\\\":\\\"*\\\"}}\"}",
		       element, action));
}

/* A restriction that is misspelt must not be lost. */
static void identities_policies_name_actions_that_there_are(void **state)
{
	struct fixture *f = *state;
	const char *right[] = { "vpc-lattice:*",     "vpc-lattice:createService",
				"vpc-lattice:*Rule", "vpc-lattice:AssociateViaAWSService",
				"s3:Whatever",	     "*" };
	size_t i;

	assert_int_equal(add_identity(f, "Action", "vpc-lattice:CreateServise"), 400);
	assert_string_equal(text(f, "message"),
			    "policy: statement 1, Action: vpc-lattice:createservise "
			    "is no action of VPC Lattice");
	assert_int_equal(add_identity(f, "NotAction", "vpc-lattice:?reate*Servise"), 400);
	assert_string_equal(text(f, "message"),
			    "policy: statement 1, NotAction: vpc-lattice:?reate*servise is no "
			    "action of VPC Lattice");
	assert_int_equal(add_identity(f, "Action", "vpc-lattice:RegisterVpc"), 400);
	for (i = 0; i < ARRAY_SIZE(right); i++) {
		assert_int_equal(add_identity(f, "Action", right[i]), 201);
		assert_int_equal(
			ask(f, "DELETE", fmt("/lattice/v1/identities/%s", text(f, "id")), ""), 204);
	}
	/* A service's own policy is about requests. */
	build_all(f);
	assert_int_equal(ask(f, "PUT", fmt("/authpolicy/%s", f->service),
			     "{\"policy\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\","
			     "\\\"Principal\\\":"
			     "\\\"*\\\",\\\"Action\\\":\\\"vpc-lattice:GetService\\\","
			     "\\\"Resource\\\":\\\"*\\\"}}\"}"),
			 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(says_what_is_missing),
		CASE(allows_what_the_policy_allows),
		CASE(an_association_touches_both_its_sides),
		CASE(a_deny_is_named_as_such),
		CASE(conditions_see_the_request_and_what_it_touches),
		CASE(an_id_hides_no_arn),
		CASE(a_root_needs_no_policy_and_nobody_is_an_administrator),
		CASE(a_token_is_no_permission),
		CASE(identities_policies_name_actions_that_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
