/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authorisation. A request whose network and service ask for no identity passes without a look;
 * policies on trial are evaluated beside those in force, for the log.
 */
#include "proxy/authorize.h"

#include "base/clock.h"
#include "proxy/refusal.h"
#include "proxy/worker.h"

/* A resource's name on the stack; longer paths take memory. */
enum { RESOURCE_BYTES = 1024 };

/* Write "ARN of the service" "path" to @text if there is room, else to memory; empty: none left. */
static struct str write_resource(const struct request *r, char text[RESOURCE_BYTES],
				 struct buf *more)
{
	size_t n = r->service->arn.n;

	if (n + r->http.path.n <= RESOURCE_BYTES) {
		memcpy(text, r->service->arn.p, n);
		if (r->http.path.n)
			memcpy(text + n, r->http.path.p, r->http.path.n);
		return (struct str){ text, n + r->http.path.n };
	}
	buf_add(more, r->service->arn);
	buf_add(more, r->http.path);
	return more->failed ? (struct str){ 0 } : buf_str(more);
}

static struct auth_request question(const struct request *r, struct str resource)
{
	return (struct auth_request){
		.action = r->is_passthrough ? AUTH_CONNECT : AUTH_INVOKE,
		.principal = r->principal,
		.resource = resource,
		.service_arn = r->service->arn,
		.network_arn = r->vpc->network_arn,
		.source_vpc = r->vpc->id,
		.source_vpc_account = r->vpc->account,
		.source = &r->conn->peer,
		.port = r->listener->port,
		.is_secure = r->conn->secure != NULL,
		.now_ms = r->asked_ms ? r->asked_ms : clock_wall_ms(),
		.resource_tags = r->service->tags,
		.resource_tag_count = r->service->tag_count,
		.method = r->http.method,
		.path = r->http.path,
		.query = r->http.query,
		.authority = r->http.authority,
		.headers = &r->http.headers,
	};
}

/* What @d says, for the log. */
static struct request_verdict verdict_of(const struct auth_decision *d)
{
	struct request_verdict v = { .is_evaluated = true, .is_denied = !d->is_allowed };

	if (v.is_denied) {
		v.layer = d->layer;
		v.part = d->parts[d->layer];
	}
	return v;
}

/* How the network of the client's VPC decides; one that is not there admits nobody. */
static const struct auth_gate *network_gate(const struct request *r)
{
	static const struct auth_gate shut = { .is_on = true };
	const struct snap_network *n = snapshot_find_network(r->lease->snapshot, r->vpc->network);

	return n ? &n->auth : &shut;
}

/* An administrator may ask why, as long as not too many are refused; else NULL. */
static struct refusal *take(struct request *r, const struct auth_request *q)
{
	struct worker *w = r->conn->worker;

	if (w->refusals_second != q->now_ms / 1000) {
		w->refusals_second = q->now_ms / 1000;
		w->refusals = 0;
	}
	if (w->refusals == WORKER_REFUSALS_MAX)
		return NULL;
	w->refusals++;
	return refusal_new(r, network_gate(r), q);
}

static void remember(struct request *r, const struct auth_request *q)
{
	struct worker *w = r->conn->worker;
	struct refusal *f = take(r, q);

	if (f)
		w->hooks->refused(w->hooks->ctx, f);
}

/*
 * What is to be kept of @r, which is refused before policies are asked, for worker_hooks.refused;
 * NULL: nothing.
 */
struct refusal *authorize_refusal(struct request *r)
{
	char text[RESOURCE_BYTES];
	struct auth_request q;
	struct refusal *f = NULL;
	struct buf more;

	buf_init(&more, 2 * LATTICE_HEADER_BYTES_MAX);
	q = question(r, write_resource(r, text, &more));
	if (!q.principal)
		q.principal = &principal_anonymous;
	if (q.resource.n)
		f = take(r, &q);
	buf_fini(&more);
	return f;
}

static enum step refuse(struct request *r, const struct auth_decision *d,
			const struct auth_request *q)
{
	struct buf text;
	enum step step;

	remember(r, q);
	buf_init(&text, STREAM_BUFFER_BYTES_MAX / 2 + LATTICE_HEADER_BYTES_MAX);
	auth_write_denial(d, q, &text);
	step = request_answer_text(r, 403, "ClientAccessDenied",
				   text.failed ? STR("AccessDeniedException") : buf_str(&text));
	buf_fini(&text);
	return step;
}

/* Does any policy in force want to know who calls? */
bool authorize_is_enforced(const struct request *r)
{
	return network_gate(r)->is_on || r->service->auth.is_on;
}

static enum step decide(struct request *r, const struct auth_request *q)
{
	struct auth_decision d;

	if (auth_decide_trial(network_gate(r), &r->service->auth, q, &d))
		r->trial = verdict_of(&d);
	if (!authorize_is_enforced(r))
		return STEP_NEXT;
	auth_decide(network_gate(r), &r->service->auth, q, &d);
	r->verdict = verdict_of(&d);
	return d.is_allowed ? STEP_NEXT : refuse(r, &d, q);
}

/* Does any policy, in force or on trial, want to know who calls? */
bool authorize_is_asked(const struct request *r)
{
	const struct auth_gate *n = network_gate(r), *s = &r->service->auth;

	return n->is_on || s->is_on || n->trial || s->trial;
}

enum step stage_authorize(struct request *r)
{
	char text[RESOURCE_BYTES];
	struct auth_request q;
	struct buf more;
	enum step step;

	if (!authorize_is_asked(r))
		return STEP_NEXT;
	if (!r->principal)
		r->principal = &principal_anonymous;
	buf_init(&more, 2 * LATTICE_HEADER_BYTES_MAX);
	q = question(r, write_resource(r, text, &more));
	step = q.resource.n ? decide(r, &q) : request_answer(r, 503, "InternalError");
	buf_fini(&more);
	return step;
}
