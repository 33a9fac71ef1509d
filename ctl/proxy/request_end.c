/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a request: it is counted, and its line written for those who want it. */
#include "proxy/request_end.h"

#include "base/clock.h"
#include "proxy/access_log.h"
#include "proxy/request.h"
#include "proxy/trace_span.h"
#include "proxy/worker.h"
#include "telemetry/log_mark.h"

/* A line that nobody reads is not written. */
static void log_request(struct worker *w, const struct request *r, uint64_t now_us)
{
	struct log_mark mark = { .lines = 1 };
	struct log_batch *b;
	size_t before;

	log_mark_for(&mark, &r->lease->snapshot->logs, r->vpc ? r->vpc->network_id : STR(""),
		     r->service ? r->service->id : STR(""));
	if (!mark.count && !w->is_logging)
		return;
	b = worker_log(w);
	if (!b)
		return;
	before = buf_len(&b->lines);
	access_log_write(&b->lines, &w->log_memo, r, now_us);
	if (b->lines.failed) {
		/* Without memory a line is lost as a whole. */
		b->lines.end = b->lines.start + before;
		b->lines.failed = false;
		return;
	}
	mark.bytes = (uint32_t)(buf_len(&b->lines) - before);
	log_marks_add(&b->marks, &mark);
	worker_logged(w);
}

static void count_one(struct meter *m, const struct request *r, uint64_t us, size_t bucket)
{
	unsigned class = r->status / 100;

	meter_count(m, METER_REQUESTS, 1);
	if (class >= 1 && class <= 5)
		meter_count(m, METER_1XX + class - 1, 1);
	else
		meter_count(m, METER_NO_ANSWER, 1);
	if (r->failure && strcmp(r->failure, "TargetDataTimeout") == 0)
		meter_count(m, METER_REQUEST_TIMEOUTS, 1);
	meter_count(m, METER_RECEIVED_BYTES, r->head_bytes + r->to_target.bytes);
	meter_count(m, METER_SENT_BYTES, r->response_head_bytes + r->to_client.bytes);
	meter_time(m, us, bucket);
}

static void count_request(struct worker *w, const struct request *r, uint64_t us)
{
	size_t bucket = meter_bucket(us);

	count_one(worker_meter_vpc(w, r->conn->vpc), r, us, bucket);
	if (r->vpc && r->vpc->network_id.n)
		count_one(worker_meter(w, r->vpc->network_id), r, us, bucket);
	if (r->service)
		count_one(worker_meter(w, r->service->id), r, us, bucket);
	if (r->group) {
		struct meter *m = worker_meter(w, r->group->id);

		count_one(m, r, us, bucket);
		m->gauges[METER_ACTIVE_REQUESTS]--;
	}
	if (r->target)
		count_one(worker_meter_target(w, r->target->vpc, &r->target->addr), r, us, bucket);
}

/* Tell of @r what is to be told. Call it once, when nothing more will happen to it. */
void request_end(struct request *r)
{
	struct worker *w = r->conn->worker;
	uint64_t now_us = clock_mono_us();

	count_request(w, r, now_us - r->started_us);
	log_request(w, r, now_us);
	trace_end(r, now_us);
}
