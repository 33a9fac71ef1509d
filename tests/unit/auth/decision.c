/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/auth/decision.c: every mix of what three policies can say, and AWS's words. */
#include "auth/decision.c"

#include "base/array.h"
#include "scene_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define RESOURCE(effect)                       \
	"{\"Statement\":{\"Effect\":\"" effect \
	"\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}}"
#define IDENTITY(effect) \
	"{\"Statement\":{\"Effect\":\"" effect "\",\"Action\":\"*\",\"Resource\":\"*\"}}"

/* What a layer may be: off, on without a policy, on with one that is silent, allows or denies. */
enum stance { OFF, NO_POLICY, SILENT, ALLOW, DENY, STANCES };

static const char *const documents[2][STANCES] = {
	[POLICY_RESOURCE] = { [SILENT] = "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\","
					 "\"Action\":\"*\",\"Resource\":\"*/nowhere\"}}",
			      [ALLOW] = RESOURCE("Allow"),
			      [DENY] = RESOURCE("Deny") },
	[POLICY_IDENTITY] = { [SILENT] = "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\","
					 "\"Resource\":\"*\"}}",
			      [ALLOW] = IDENTITY("Allow"),
			      [DENY] = IDENTITY("Deny") },
};

static struct policy *policies[2][STANCES];

static int compile_all(void **state)
{
	struct policy_error error;
	int kind, i;

	(void)state;
	for (kind = 0; kind < 2; kind++)
		for (i = SILENT; i < STANCES; i++) {
			policies[kind][i] = policy_new((enum policy_kind)kind,
						       str_of(documents[kind][i]), &error);
			assert_non_null(policies[kind][i]);
		}
	return 0;
}

static int free_all(void **state)
{
	int kind, i;

	(void)state;
	for (kind = 0; kind < 2; kind++)
		for (i = SILENT; i < STANCES; i++)
			policy_put(policies[kind][i]);
	return 0;
}

/* IAM's order, word for word: an explicit Deny of any, then who is first to be silent. */
static enum auth_layer wanted(enum stance network, enum stance service, enum stance identity)
{
	const enum stance all[] = { network, service, identity };
	int i;

	if (network == OFF && service == OFF)
		return AUTH_LAYERS;
	for (i = 0; i < AUTH_LAYERS; i++)
		if (all[i] == DENY)
			return (enum auth_layer)i;
	for (i = 0; i < AUTH_LAYERS; i++)
		if (all[i] == NO_POLICY || all[i] == SILENT)
			return (enum auth_layer)i;
	return AUTH_LAYERS;
}

static struct auth_gate gate(enum stance s)
{
	return (struct auth_gate){ .is_on = s != OFF, .policy = policies[POLICY_RESOURCE][s] };
}

static void asks_network_service_and_identity(void **state)
{
	struct auth_decision d;
	struct scene scene;
	cJSON *q = json_parse(STR("{\"principal\":\"arn:aws:iam::123456789012:user/bob\"}"));
	int n, s, i;

	(void)state;
	for (n = 0; n < STANCES; n++)
		for (s = 0; s < STANCES; s++)
			for (i = 0; i < STANCES; i++) {
				struct auth_gate network = gate((enum stance)n);
				struct auth_gate service = gate((enum stance)s);
				enum auth_layer layer =
					wanted((enum stance)n, (enum stance)s, (enum stance)i);

				/* Off is the anonymous caller, who has no identity to ask. */
				scene_read(&scene, i == OFF ? NULL : q);
				scene.principal.policy = policies[POLICY_IDENTITY][i];
				auth_decide(&network, &service, &scene.request, &d);
				assert_int_equal(d.is_allowed, layer == AUTH_LAYERS);
				if (d.is_allowed)
					continue;
				assert_int_equal(d.layer, layer);
				assert_int_equal(d.is_explicit,
						 d.parts[layer].result.verdict == POLICY_DENIES);
			}
	cJSON_Delete(q);
}

static void says(const struct auth_decision *d, const struct auth_request *q, const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	auth_write_denial(d, q, &b);
	buf_add_char(&b, '\0');
	assert_string_equal(buf_str(&b).p, text);
	buf_fini(&b);
}

static void refuses_in_aws_s_words(void **state)
{
	struct auth_gate off = { 0 }, none = { .is_on = true }, deny = gate(DENY);
	struct auth_decision d;
	struct scene scene;
	cJSON *q = json_parse(STR("{\"principal\":\"arn:aws:sts::123456789012:assumed-role/r/s\","
				  "\"path\":\"/a/b\"}"));

	(void)state;
	scene_read(&scene, NULL);
	auth_decide(&off, &none, &scene.request, &d);
	says(&d, &scene.request,
	     "AccessDeniedException: User: anonymous is not authorized to perform: "
	     "vpc-lattice-svcs:Invoke on resource: " SCENE_SERVICE "/ because no service-based "
	     "policy allows the vpc-lattice-svcs:Invoke action");
	scene_read(&scene, q);
	auth_decide(&deny, &off, &scene.request, &d);
	says(&d, &scene.request,
	     "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/r/s is not "
	     "authorized to perform: vpc-lattice-svcs:Invoke on resource: " SCENE_SERVICE
	     "/a/b with an explicit deny in a network-based policy");
	deny = gate(ALLOW);
	scene.principal.policy = policies[POLICY_IDENTITY][DENY];
	auth_decide(&deny, &off, &scene.request, &d);
	says(&d, &scene.request,
	     "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/r/s is not "
	     "authorized to perform: vpc-lattice-svcs:Invoke on resource: " SCENE_SERVICE
	     "/a/b with an explicit deny in an identity-based policy");
	scene.principal.policy = NULL;
	auth_decide(&deny, &off, &scene.request, &d);
	says(&d, &scene.request,
	     "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/r/s is not "
	     "authorized to perform: vpc-lattice-svcs:Invoke on resource: " SCENE_SERVICE
	     "/a/b because no identity-based policy allows the vpc-lattice-svcs:Invoke action");
	scene.request.action = AUTH_CONNECT;
	auth_decide(&none, &off, &scene.request, &d);
	says(&d, &scene.request,
	     "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/r/s is not "
	     "authorized to perform: vpc-lattice-svcs:Connect on resource: " SCENE_SERVICE
	     "/a/b because no network-based policy allows the vpc-lattice-svcs:Connect action");
	cJSON_Delete(q);
}

static void names_the_call_that_is_refused(void **state)
{
	cJSON *q =
		json_parse(STR("{\"action\":\"vpc-lattice:GetService\",\"resource\":\"arn:x\"}"));
	struct auth_decision d = { .layer = AUTH_IDENTITY };
	struct scene_call call;

	(void)state;
	scene_read_call(&call, q);
	says(&d, &call.scene.request,
	     "AccessDeniedException: User: arn:aws:iam::123456789012:user/bob is not authorized to "
	     "perform: vpc-lattice:GetService on resource: arn:x because no identity-based policy "
	     "allows the vpc-lattice:GetService action");
	cJSON_Delete(q);
}

static void tries_what_is_on_trial(void **state)
{
	struct auth_gate off = { 0 }, on = gate(ALLOW);
	struct auth_gate trial = { .trial = policies[POLICY_RESOURCE][DENY] };
	struct auth_decision d;
	struct scene scene;

	(void)state;
	scene_read(&scene, NULL);
	assert_false(auth_decide_trial(&off, &on, &scene.request, &d));
	assert_true(auth_decide_trial(&off, &trial, &scene.request, &d));
	assert_false(d.is_allowed);
	assert_int_equal(d.layer, AUTH_SERVICE);
	auth_decide(&off, &trial, &scene.request, &d);
	assert_true(d.is_allowed);
	on.trial = policies[POLICY_RESOURCE][ALLOW];
	assert_true(auth_decide_trial(&on, &off, &scene.request, &d));
	assert_true(d.is_allowed);
}

static void names_statements(void **state)
{
	struct auth_part p = { .policy = policies[POLICY_RESOURCE][DENY] };
	struct policy_statement named = { .sid = STR("No way") };
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	auth_write_statement(&p, &b);
	buf_add_char(&b, ',');
	p.result.statement = p.policy->statements;
	auth_write_statement(&p, &b);
	buf_add_char(&b, ',');
	p.result.statement = &named;
	auth_write_statement(&p, &b);
	assert_true(str_eq(buf_str(&b), STR("none,1,No way")));
	buf_fini(&b);
	assert_true(str_eq(auth_layer_name(AUTH_IDENTITY), STR("Identity")));
	assert_int_equal(auth_layer_name(AUTH_LAYERS).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_network_service_and_identity),
		cmocka_unit_test(refuses_in_aws_s_words),
		cmocka_unit_test(names_the_call_that_is_refused),
		cmocka_unit_test(tries_what_is_on_trial),
		cmocka_unit_test(names_statements),
	};

	return cmocka_run_group_tests(tests, compile_all, free_all);
}
