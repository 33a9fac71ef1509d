/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One post at a time. Its spans stay at the head of the queue until the collector took them, or
 * said that it never will; which of its answers mean "later" is OTLP's choice.
 */
#include "telemetry/span_post.h"

#include "base/log.h"
#include "base/rand.h"
#include "telemetry/log_batch.h"
#include "telemetry/otlp_answer.h"

enum { BACKOFF_MS_MIN = 250, BACKOFF_MS_MAX = 15 * 1000 };

/* What stands around the spans of a post. */
static const char before[] = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":"
			     "\"service.name\",\"value\":{\"stringValue\":\"lattice\"}}]},"
			     "\"scopeSpans\":[{\"scope\":{\"name\":\"lattice\"},\"spans\":[";
static const char after[] = "]}]}]}";

static void post_next(struct span_post *p);

static void count(atomic_ullong *what, size_t n)
{
	atomic_fetch_add_explicit(what, n, memory_order_relaxed);
}

/* @n spans wait no more. */
static void leave(struct span_post *p, atomic_ullong *where, size_t n)
{
	count(where, n);
	atomic_fetch_sub_explicit(&p->waiting, n, memory_order_relaxed);
}

/* The lines that go with the next post, joined in @body. */
static void take_batch(struct span_post *p, struct buf *body)
{
	struct str rest = buf_str(&p->queue);

	p->posting = 0;
	p->posting_bytes = 0;
	buf_add(body, STR(before));
	while (p->posting < SPAN_POST_BATCH && rest.n) {
		struct str_cut c = str_cut(rest, '\n');

		if (p->posting && p->posting_bytes + c.head.n > SPAN_POST_BATCH_BYTES)
			break;
		if (p->posting)
			buf_add_char(body, ',');
		buf_add(body, c.head);
		p->posting++;
		p->posting_bytes += c.head.n + 1;
		rest = c.tail;
	}
	buf_add(body, STR(after));
}

/* When the collector said, or after a while that grows, and is not the same for all of us. */
static void try_again(struct span_post *p)
{
	uint64_t delay_ms = p->backoff_ms / 2 + rand_u64() % (p->backoff_ms / 2 + 1);

	if (p->poster.retry_after_ms)
		delay_ms = p->poster.retry_after_ms > BACKOFF_MS_MIN ? p->poster.retry_after_ms
								     : BACKOFF_MS_MIN;
	timer_arm(p->loop, &p->retry, delay_ms);
	p->backoff_ms = p->backoff_ms * 2 < BACKOFF_MS_MAX ? p->backoff_ms * 2 : BACKOFF_MS_MAX;
}

static void post_next(struct span_post *p)
{
	struct buf body;

	if (p->poster.is_busy || timer_is_armed(&p->retry) || !p->queued)
		return;
	timer_disarm(p->loop, &p->gather);
	buf_init(&body, POSTER_BODY_BYTES_MAX);
	take_batch(p, &body);
	if (body.failed) {
		try_again(p);
	} else {
		p->poster.status = 0;
		poster_post(&p->poster, buf_str(&body));
	}
	buf_fini(&body);
}

/* Post when there are enough spans, or soon. */
static void post_when_due(struct span_post *p)
{
	if (p->queued >= SPAN_POST_BATCH || buf_len(&p->queue) >= SPAN_POST_BATCH_BYTES)
		post_next(p);
	else if (p->queued && !timer_is_armed(&p->gather) && !p->poster.is_busy)
		timer_arm(p->loop, &p->gather, SPAN_POST_MS);
}

static void gather_expired(struct timer *t)
{
	post_next(container_of(t, struct span_post, gather));
}

static void retry_expired(struct timer *t)
{
	post_next(container_of(t, struct span_post, retry));
}

/* OTLP: what is not among these will not be taken later either. No answer at all is. */
static bool is_for_later(unsigned status)
{
	return !status || status == 429 || (status >= 502 && status <= 504);
}

/* The post was taken, perhaps but for some spans, which are not to be sent again. */
static void taken(struct span_post *p)
{
	char message[OTLP_MESSAGE_BYTES];
	size_t rejected = otlp_rejected(buf_str(&p->poster.answer), p->posting, message);

	if (p->is_away)
		log_info("trace collector " STR_FMT ": takes spans again", STR_ARG(p->url));
	p->is_away = false;
	if ((rejected || message[0]) && !p->is_partial)
		log_warn("trace collector " STR_FMT ": took a part only, or warns: \"%s\" "
			 "rejected=%zu of=%zu",
			 STR_ARG(p->url), message, rejected, p->posting);
	p->is_partial = rejected || message[0];
	leave(p, &p->exported, p->posting - rejected);
	leave(p, &p->dropped, rejected);
}

static void posted(struct poster *poster, enum poster_result result)
{
	struct span_post *p = container_of(poster, struct span_post, poster);

	if (result == POSTER_FAILED && is_for_later(poster->status)) {
		if (!p->is_away)
			log_warn("trace collector " STR_FMT
				 ": no success (status %u%s%s); spans wait",
				 STR_ARG(p->url), poster->status, poster->reason[0] ? ": " : "",
				 poster->reason);
		p->is_away = true;
		try_again(p);
		return;
	}
	if (result == POSTER_TAKEN) {
		taken(p);
	} else {
		log_error("trace collector " STR_FMT
			  ": refuses spans (status %u); they are dropped spans=%zu",
			  STR_ARG(p->url), poster->status, p->posting);
		leave(p, &p->dropped, p->posting);
	}
	p->backoff_ms = BACKOFF_MS_MIN;
	buf_consume(&p->queue, p->posting_bytes);
	p->queued -= p->posting;
	p->posting = 0;
	if (buf_len(&p->queue) < SPAN_POST_QUEUE_BYTES / 2)
		p->is_full = false;
	post_when_due(p);
}

/* Post to @url, whose texts stay the caller's. */
void span_post_init(struct span_post *p, struct loop *l, struct socket_desk *desk,
		    const struct log_url *url)
{
	*p = (struct span_post){ .loop = l, .url = url->authority, .backoff_ms = BACKOFF_MS_MIN };
	poster_init(&p->poster, l, desk, url, STR("application/json"));
	p->poster.done = posted;
	p->gather.expired = gather_expired;
	p->retry.expired = retry_expired;
	/* What is consumed at its head may still take up room. */
	buf_init(&p->queue, 2 * (size_t)SPAN_POST_QUEUE_BYTES);
}

/* Copy @lines, whose spans were counted as waiting; what finds no room is dropped. */
void span_post_take(struct span_post *p, struct str lines)
{
	size_t n = log_lines_count(lines);

	if (buf_len(&p->queue) + lines.n <= SPAN_POST_QUEUE_BYTES)
		buf_add(&p->queue, lines);
	else
		p->queue.failed = true;
	if (p->queue.failed) {
		p->queue.failed = false;
		leave(p, &p->dropped, n);
		if (!p->is_full)
			log_error("trace collector " STR_FMT
				  ": as many spans wait as may; others are dropped",
				  STR_ARG(p->url));
		p->is_full = true;
		return;
	}
	p->queued += n;
	post_when_due(p);
}

/* Give up what waits. */
void span_post_fini(struct span_post *p)
{
	if (p->queued)
		log_info("trace collector " STR_FMT ": the end came first spans=%zu",
			 STR_ARG(p->url), p->queued);
	timer_disarm(p->loop, &p->gather);
	timer_disarm(p->loop, &p->retry);
	poster_fini(&p->poster);
	buf_fini(&p->queue);
}
