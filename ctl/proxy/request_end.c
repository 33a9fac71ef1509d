/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a request: its line in the access log, for those who want it. */
#include "proxy/request_end.h"

#include "base/clock.h"
#include "proxy/access_log.h"
#include "proxy/request.h"
#include "proxy/worker.h"

/* A line that nobody reads is not written. */
static void log_request(struct worker *w, const struct request *r, uint64_t now_us)
{
	struct log_mark mark = { .lines = 1 };
	size_t before = buf_len(&w->log);

	log_mark_for(&mark, &r->lease->snapshot->logs, r->vpc ? r->vpc->network_id : STR(""),
		     r->service ? r->service->id : STR(""));
	if (!mark.count && !w->is_logging)
		return;
	access_log_write(&w->log, &w->log_clock, r, now_us);
	mark.bytes = (uint32_t)(buf_len(&w->log) - before);
	log_marks_add(&w->log_marks, &mark);
	if (buf_len(&w->log) >= WORKER_LOG_BYTES_FULL)
		worker_flush_log(w);
	else if (!timer_is_armed(&w->log_flush))
		timer_arm(&w->loop, &w->log_flush, WORKER_LOG_MS_MAX);
}

/* Tell of @r what is to be told. Call it once, when nothing more will happen to it. */
void request_end(struct request *r)
{
	log_request(r->conn->worker, r, clock_mono_us());
}
