/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy documents of any bytes: reading, indexing and evaluating must stand them, a refusal says
 * why, and the index must never change what looking at every statement finds.
 */
#include "auth/policy_eval.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str org_path = { "o-1/r-1/", 8 };
static const struct principal_tag tag = { { "t", 1 }, { "a", 1 } };

static const struct principal callers[] = {
	{ .type = PRINCIPAL_ANONYMOUS },
	{ .type = PRINCIPAL_ASSUMED_ROLE,
	  .arn = { "arn:aws:sts::123456789012:assumed-role/r/s", 42 },
	  .iam_arn = { "arn:aws:iam::123456789012:role/r", 32 },
	  .account = { "123456789012", 12 },
	  .org_id = { "o-1", 3 },
	  .org_paths = &org_path,
	  .org_path_count = 1,
	  .tags = &tag,
	  .tag_count = 1 },
};

/* What each statement says by itself. */
static enum policy_verdict look(const struct policy *p, const struct auth_request *q)
{
	enum policy_verdict verdict = POLICY_SILENT;
	struct arena scratch;
	struct context c;
	size_t i;

	arena_init(&scratch, 1 << 20);
	context_init(&c, &p->keys, q, &scratch);
	for (i = 0; i < p->statement_count && verdict != POLICY_DENIES; i++)
		if (policy_look(p, &p->statements[i], &c).failed == POLICY_MATCHES)
			verdict = p->statements[i].is_deny ? POLICY_DENIES : POLICY_ALLOWS;
	assert(!c.failed);
	arena_fini(&scratch);
	return verdict;
}

static void evaluate(const struct policy *p, const struct principal *who)
{
	static const struct sock_addr source = { .family = AF_INET, .port = 80 };
	struct http_headers headers = { .count = 1 };
	struct auth_request q = {
		.principal = who,
		.resource = STR("arn:aws:vpc-lattice:r:123456789012:service/svc-1/a/b"),
		.service_arn = STR("arn:aws:vpc-lattice:r:123456789012:service/svc-1"),
		.source_vpc = STR("vpc-1"),
		.source = &source,
		.port = 80,
		.now_ms = 1795694400000,
		.method = STR("GET"),
		.path = STR("/a/b"),
		.query = STR("q=%41&q=b"),
		.headers = &headers,
	};
	struct arena scratch;

	headers.at[0] = (struct http_header){ STR("x"), STR("1") };
	arena_init(&scratch, 1 << 20);
	assert(policy_eval(p, &q, &scratch).verdict == look(p, &q));
	arena_fini(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct policy_error error;
	struct policy *p;
	int kind;

	for (kind = POLICY_RESOURCE; kind <= POLICY_IDENTITY; kind++) {
		p = policy_new((enum policy_kind)kind, text, &error);
		if (!p) {
			assert(error.where[0] && error.why[0]);
			continue;
		}
		evaluate(p, &callers[0]);
		evaluate(p, &callers[1]);
		policy_put(p);
	}
	return 0;
}
