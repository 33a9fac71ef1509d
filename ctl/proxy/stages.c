/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a request, in order: each stage decides one thing and answers how to go on. */
#include "proxy/stages.h"

#include "base/array.h"
#include "http/authority.h"
#include "model/binding.h"
#include "model/route.h"
#include "proxy/attest.h"
#include "proxy/authenticate.h"
#include "proxy/authorize.h"
#include "proxy/h2_target.h"
#include "proxy/relay.h"
#include "proxy/secure.h"
#include "proxy/target_h1.h"
#include "proxy/target_lambda.h"
#include "proxy/trace_span.h"
#include "proxy/worker.h"

/* Connections tried for one request before giving up. */
enum { ATTEMPTS_MAX = 3 };

/* What kind of listener may get @r. */
static enum snap_listener_kind kind_of(const struct request *r)
{
	if (r->is_passthrough)
		return SNAP_LISTENER_PASSTHROUGH;
	return r->conn->secure ? SNAP_LISTENER_HTTPS : SNAP_LISTENER_HTTP;
}

/*
 * Over TLS, does @r ask for another host than its client was shown a certificate for? The policies
 * of the one would be asked for what may be the other's.
 */
static bool is_misdirected(const struct request *r)
{
	struct str shown = secure_name(r->conn);
	struct str host = authority_parse(r->http.authority).host;

	return shown.n && host.n && !str_eq_nocase(host, shown) &&
	       !snap_service_has_name(r->service, host);
}

/*
 * Which service and listener: what the client connected to says it, and among services that share
 * the address the host that it asks for, over TLS the name in its hello, since what that service
 * showed is what the client believed. AWS answers 404 for none.
 */
static enum step stage_identify(struct request *r)
{
	const struct snapshot *s = r->lease->snapshot;
	struct str name = secure_name(r->conn);
	struct binding b;

	if (!name.n)
		name = authority_parse(r->http.authority).host;
	r->vpc = snapshot_find_vpc(s, r->conn->vpc);
	if (!r->vpc || !binding_find(s, r->vpc, &r->conn->local, name, &b))
		return request_answer(r, 404, NULL);
	/* Never without TLS what is to be with it, nor the other way round. */
	if (b.listener->kind != kind_of(r)) {
		r->keep_client = false;
		return request_answer(r, 400, "ClientProtocolError");
	}
	r->service = b.service;
	r->listener = b.listener;
	if (is_misdirected(r))
		return request_answer(r, 421, "ClientProtocolError");
	if (r->service->idle_ms)
		r->client.activity->idle_ms_max = r->service->idle_ms;
	return STEP_NEXT;
}

static enum step stage_route(struct request *r)
{
	const struct snap_rule *rule = route_find(r->listener->routes, &r->http);

	r->action = rule ? &rule->action : &r->listener->default_action;
	if (r->action->kind == SNAP_ACTION_FIXED_RESPONSE)
		return request_answer(r, r->action->status, NULL);
	return STEP_NEXT;
}

static enum step stage_choose(struct request *r)
{
	struct worker *w = r->conn->worker;
	const struct snap_forward *f = turns_action(&w->turns, r->service, r->action);

	r->group = f ? snapshot_find_group(r->lease->snapshot, f->group) : NULL;
	if (r->group)
		worker_meter(w, r->group->id)->gauges[METER_ACTIVE_REQUESTS]++;
	if (!r->group || !r->group->target_count)
		return request_answer(r, 503, "TargetConnectionError");
	if (r->group->version == SNAP_GRPC && !str_eq(r->http.method, STR("POST")))
		return request_answer(r, 400, "ClientProtocolError");
	r->upstream.ops = r->group->version == SNAP_HTTP1 ? &target_h1 : &target_h2;
	if (r->group->lambda)
		r->upstream.ops = &target_lambda;
	return STEP_NEXT;
}

/* The next target of the group in turn, another one than just failed if there is another. */
static const struct snap_target *next_target(struct request *r)
{
	struct turns *turns = &r->conn->worker->turns;
	struct turns_ticket first;
	const struct snap_target *t = turns_begin(turns, r->group, &r->turn);

	if (t != r->target)
		return t;
	first = r->turn;
	t = turns_begin(turns, r->group, &r->turn);
	turns_end(turns, &first);
	return t;
}

/*
 * The control thread decides what this says of the target; told once is enough. What is called by
 * name has no address that it could be known by, and no other address is left untried.
 */
static void report_failure(struct request *r)
{
	const struct worker *w = r->conn->worker;

	if (r->target->addr.family != AF_UNSPEC &&
	    !atomic_load_explicit(&r->target->is_out, memory_order_relaxed))
		w->hooks->target_failed(w->hooks->ctx, r->target->vpc, &r->target->addr);
}

static enum step stage_connect(struct request *r)
{
	for (;;) {
		if (!r->upstream.held) {
			r->target = next_target(r);
			trace_attempt_begin(r);
		}
		switch (r->upstream.ops->open(r)) {
		case TARGET_CONNECTED:
			return STEP_NEXT;
		case TARGET_CONNECTING:
			return STEP_WAIT;
		case TARGET_NO_MEMORY:
			return request_answer(r, 503, "InternalError");
		case TARGET_FAILED:
			break;
		}
		report_failure(r);
		trace_attempt_end(r, "TargetConnectionError");
		request_leave_target(r, false);
		if (++r->attempts == ATTEMPTS_MAX)
			return request_answer(r, 503, "TargetConnectionError");
	}
}

/* The stage before which a request stands again when its kept connection proved dead. */
enum { STAGE_CONNECT = 6 };

static enum step stage_forward(struct request *r)
{
	enum step step;

	switch (relay_run(r)) {
	case RELAY_WAIT:
		return STEP_WAIT;
	case RELAY_AGAIN:
		trace_attempt_end(r, "TargetConnectionClosed");
		request_leave_target(r, false);
		r->head_sent = false;
		if (++r->attempts == ATTEMPTS_MAX)
			return request_answer(r, 503, "TargetConnectionError");
		step = stage_connect(r);
		if (step == STEP_NEXT)
			return stage_forward(r);
		r->stage = STAGE_CONNECT;
		return step;
	case RELAY_DONE:
		break;
	}
	return STEP_DONE;
}

const struct stage stages[] = {
	{ "identify", stage_identify }, { "authenticate", stage_authenticate },
	{ "attest", stage_attest },	{ "authorize", stage_authorize },
	{ "route", stage_route },	{ "choose", stage_choose },
	{ "connect", stage_connect },	{ "forward", stage_forward },
};
const size_t stage_count = ARRAY_SIZE(stages);
