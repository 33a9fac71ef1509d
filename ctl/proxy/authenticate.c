/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures. A valid one says who calls, whatever the kernel attests; one that is not valid is
 * refused, even where anonymous callers may pass. What was signed is what goes on: a request that
 * was signed with its path normalised gets that path.
 */
#include "proxy/authenticate.h"

#include "auth/canonical.h"
#include "base/clock.h"
#include "proxy/authorize.h"
#include "proxy/refusal.h"
#include "proxy/worker.h"

enum {
	ANSWER_BYTES_MAX = 1024,
	EXPLAIN_BYTES_MAX = 256 << 10,
};

static const struct access_key *find_key(const void *ctx, struct str id)
{
	return identities_find_key(ctx, id);
}

static struct str keep(struct refusal *f, const struct buf *b)
{
	struct str copy = b->failed ? (struct str){ 0 } : arena_copy(&f->arena, buf_str(b));

	return copy.p ? copy : (struct str){ 0 };
}

/* Why, in one line: our name of it, what the client was told, and more. */
static void write_reason(enum sigv4_reason reason, struct str said, struct buf *to)
{
	struct str advice = sigv4_reason_advice(reason);

	buf_add(to, sigv4_reason_id(reason));
	buf_add_lit(to, ": ");
	buf_add(to, said);
	if (advice.n) {
		buf_add_lit(to, " (");
		buf_add(to, advice);
		buf_add_lit(to, ")");
	}
}

/* For the administrator who asks why the client was @said no: also what should have been signed. */
static void remember(struct request *r, const struct sigv4_request *q, struct str said)
{
	struct worker *w = r->conn->worker;
	struct refusal *f = authorize_refusal(r);
	struct buf canonical, text;

	if (!f)
		return;
	buf_init(&canonical, EXPLAIN_BYTES_MAX);
	buf_init(&text, EXPLAIN_BYTES_MAX);
	sigv4_explain(&w->sigv4, q, &canonical, &text);
	f->canonical_request = keep(f, &canonical);
	f->string_to_sign = keep(f, &text);
	buf_clear(&text);
	write_reason(r->signature, said, &text);
	f->reason = keep(f, &text);
	if (!f->reason.n)
		f->reason = sigv4_reason_id(r->signature);
	buf_fini(&canonical);
	buf_fini(&text);
	w->hooks->refused(w->hooks->ctx, f);
}

static enum step refuse(struct request *r, const struct sigv4_request *q,
			const struct sigv4_result *result)
{
	struct buf text;
	enum step step;

	r->signature = result->reason;
	buf_init(&text, ANSWER_BYTES_MAX);
	buf_add(&text, sigv4_reason_name(result->reason));
	buf_add_lit(&text, ": ");
	sigv4_write_reason(result, &text);
	remember(r, q, buf_str(&text));
	step = request_answer_text(r, 403, "ClientAccessDenied",
				   text.failed ? sigv4_reason_name(result->reason)
					       : buf_str(&text));
	buf_fini(&text);
	return step;
}

/* Go on with the path that was signed. False: no memory. */
static bool normalize(struct request *r)
{
	struct http_request *q = &r->http;
	size_t n;

	buf_init(&r->target_text, q->path.n + q->query.n + 2);
	canonical_write_normal(q->path, &r->target_text);
	n = buf_len(&r->target_text);
	if (q->has_query) {
		buf_add_char(&r->target_text, '?');
		buf_add(&r->target_text, q->query);
	}
	if (r->target_text.failed)
		return false;
	q->target = buf_str(&r->target_text);
	q->path = str_first(q->target, n);
	q->query = q->has_query ? str_skip(q->target, n + 1) : (struct str){ 0 };
	return true;
}

enum step stage_authenticate(struct request *r)
{
	struct sigv4_request q = {
		.http = &r->http,
		.find_key = find_key,
		.ctx = &r->lease->snapshot->identities,
	};
	struct sigv4_result result;

	if (!authorize_is_asked(r))
		return STEP_NEXT;
	r->asked_ms = q.now_ms = clock_wall_ms();
	result = sigv4_verify(&r->conn->worker->sigv4, &q);
	switch (result.verdict) {
	case SIGV4_NONE:
		break;
	case SIGV4_INVALID:
		/* Policies on trial refuse nobody. */
		if (authorize_is_enforced(r))
			return refuse(r, &q, &result);
		break;
	case SIGV4_VALID:
		r->principal = &result.key->principal;
		if (result.is_normalized && !normalize(r))
			return request_answer(r, 503, "InternalError");
		break;
	}
	return STEP_NEXT;
}
