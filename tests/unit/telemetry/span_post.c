/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/span_post.c: what goes with a post, what waits, and what is dropped. */
#include "telemetry/span_post.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
	struct loop loop;
	struct socket_desk desk;
	struct span_post post;
};

/* Nobody brings a socket: a post is under way until the test says how it went. */
static void no_socket(void *ctx, uint16_t family, int type, uint64_t tag)
{
	(void)ctx, (void)family, (void)type, (void)tag;
}

static int setup(void **state)
{
	static struct log_url url;
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(log_url_parse(STR("http://127.0.0.1:4318/v1/traces"), &url), 0);
	assert_int_equal(loop_init(&f->loop), 0);
	socket_desk_init(&f->desk, no_socket, f);
	span_post_init(&f->post, &f->loop, &f->desk, &url);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	span_post_fini(&f->post);
	loop_fini(&f->loop);
	free(f);
	return 0;
}

static void take(struct fixture *f, const char *lines)
{
	atomic_fetch_add(&f->post.waiting, log_lines_count(str_of(lines)));
	span_post_take(&f->post, str_of(lines));
}

/* The post under way ends with @status; 0: nobody answered. */
static void answer(struct fixture *f, enum poster_result result, unsigned status)
{
	assert_true(f->post.poster.is_busy);
	poster_fini(&f->post.poster);
	f->post.poster.status = status;
	f->post.poster.done(&f->post.poster, result);
}

static void counts_are(struct fixture *f, unsigned exported, unsigned dropped, unsigned waiting)
{
	assert_int_equal(atomic_load(&f->post.exported), exported);
	assert_int_equal(atomic_load(&f->post.dropped), dropped);
	assert_int_equal(atomic_load(&f->post.waiting), waiting);
}

static void a_post_is_one_request_of_otlp(void **state)
{
	struct fixture *f = *state;
	struct str sent;

	take(f, "{1}\n");
	assert_false(f->post.poster.is_busy); /* others may come */
	take(f, "{2}\n{3}\n");
	gather_expired(&f->post.gather);
	sent = buf_str(&f->post.poster.request);
	assert_non_null(memmem(sent.p, sent.n, "POST /v1/traces HTTP/1.1\r\n", 26));
	assert_non_null(memmem(sent.p, sent.n, "content-type: application/json\r\n", 32));
	assert_true(str_ends(sent, STR("\"spans\":[{1},{2},{3}]}]}]}")));
	counts_are(f, 0, 0, 3);
	answer(f, POSTER_TAKEN, 200);
	counts_are(f, 3, 0, 0);
	assert_false(f->post.poster.is_busy);
	assert_int_equal(buf_len(&f->post.queue), 0);
}

static void many_go_at_once_in_parts(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	for (i = 0; i < SPAN_POST_BATCH + 1; i++)
		take(f, "{}\n");
	assert_true(f->post.poster.is_busy);
	assert_int_equal(f->post.posting, SPAN_POST_BATCH);
	answer(f, POSTER_TAKEN, 200);
	counts_are(f, SPAN_POST_BATCH, 0, 1);
	assert_false(f->post.poster.is_busy);
	assert_true(timer_is_armed(&f->post.gather));
}

static void what_fails_is_sent_again(void **state)
{
	static const unsigned later[] = { 0, 429, 502, 503, 504 };
	struct fixture *f = *state;
	unsigned i, backoff_ms = BACKOFF_MS_MIN;

	take(f, "{1}\n");
	gather_expired(&f->post.gather);
	for (i = 0; i < ARRAY_SIZE(later); i++) {
		answer(f, POSTER_FAILED, later[i]);
		assert_true(timer_is_armed(&f->post.retry));
		take(f, "{more}\n");
		assert_false(f->post.poster.is_busy); /* not before its time */
		backoff_ms *= 2;
		assert_int_equal(f->post.backoff_ms, backoff_ms);
		timer_disarm(&f->loop, &f->post.retry);
		retry_expired(&f->post.retry);
	}
	counts_are(f, 0, 0, 6);
	answer(f, POSTER_TAKEN, 200);
	counts_are(f, 6, 0, 0);
	assert_int_equal(f->post.backoff_ms, BACKOFF_MS_MIN);
}

static void what_is_refused_is_dropped(void **state)
{
	struct fixture *f = *state;

	take(f, "{1}\n");
	gather_expired(&f->post.gather);
	take(f, "{2}\n");
	answer(f, POSTER_REFUSED, 400);
	counts_are(f, 0, 1, 1);
	gather_expired(&f->post.gather);
	answer(f, POSTER_FAILED, 500); /* OTLP: not to be tried again */
	counts_are(f, 0, 2, 0);
}

static void what_was_taken_but_for_a_part_is_not_sent_again(void **state)
{
	struct fixture *f = *state;

	take(f, "{1}\n{2}\n{3}\n");
	gather_expired(&f->post.gather);
	buf_add(&f->post.poster.answer,
		STR("{\"partialSuccess\":{\"rejectedSpans\":\"2\",\"errorMessage\":\"old\"}}"));
	assert_true(f->post.poster.is_busy);
	f->post.poster.is_busy = false;
	f->post.poster.done(&f->post.poster, POSTER_TAKEN);
	counts_are(f, 1, 2, 0);
	assert_true(f->post.is_partial);
	assert_int_equal(f->post.queued, 0);
	take(f, "{4}\n");
	gather_expired(&f->post.gather);
	answer(f, POSTER_TAKEN, 200);
	counts_are(f, 2, 2, 0);
	assert_false(f->post.is_partial);
}

/* How long the next post waits. */
static uint64_t delay_ms(const struct fixture *f)
{
	assert_true(timer_is_armed(&f->post.retry));
	return f->post.retry.due_ms - f->loop.now_ms;
}

static void the_collector_says_when_to_come_again(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	take(f, "{1}\n");
	gather_expired(&f->post.gather);
	for (i = 0; i < 4; i++) {
		static const uint64_t asked[] = { 60 * 1000, 1, 0, OTLP_RETRY_MS_MAX };
		unsigned backoff_ms = f->post.backoff_ms;

		f->post.poster.retry_after_ms = asked[i];
		answer(f, POSTER_FAILED, 429);
		if (asked[i] > BACKOFF_MS_MIN)
			assert_in_range(delay_ms(f), asked[i], asked[i] + LOOP_TICK_MS);
		else if (asked[i])
			assert_in_range(delay_ms(f), BACKOFF_MS_MIN, BACKOFF_MS_MIN + LOOP_TICK_MS);
		else
			assert_in_range(delay_ms(f), backoff_ms / 2, backoff_ms + LOOP_TICK_MS);
		timer_disarm(&f->loop, &f->post.retry);
		retry_expired(&f->post.retry);
	}
	counts_are(f, 0, 0, 1);
}

static void so_much_may_wait(void **state)
{
	struct fixture *f = *state;
	size_t n = SPAN_POST_QUEUE_BYTES / 8, i;
	char *line = malloc(n + 1);

	memset(line, 'x', n);
	line[n - 1] = '\n';
	line[n] = 0;
	for (i = 0; i < 8; i++)
		take(f, line);
	counts_are(f, 0, 0, 8);
	assert_int_equal(f->post.posting, 1); /* a large one goes alone */
	take(f, "\n");
	counts_are(f, 0, 1, 8);
	answer(f, POSTER_TAKEN, 200);
	take(f, line);
	counts_are(f, 1, 1, 8);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_post_is_one_request_of_otlp, setup, teardown),
		cmocka_unit_test_setup_teardown(many_go_at_once_in_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(what_fails_is_sent_again, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_refused_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_taken_but_for_a_part_is_not_sent_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_collector_says_when_to_come_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(so_much_may_wait, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
