/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/h2_stream.c: a head that cannot be made is an error, not an empty head. */
#include "proxy/h2_stream.c"

#include "proxy/worker.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(malloc, void *, NULL, (size_t n), (n))

static struct worker w;

/* What stands for libnghttp2's session is none: it does not survive that anything is handed to it.
 */
static void begin(struct h2_session *ss, struct h2_stream *st, struct head_list *l)
{
	list_init(&w.h2_dirty);
	*ss = (struct h2_session){ .worker = &w, .fields.reuse = &w.reuse };
	list_init(&ss->dirty);
	list_init(&ss->streams);
	list_init(&ss->ready);
	*st = (struct h2_stream){ 0 };
	h2_stream_init(st, ss, 0);
	st->id = 1;
	ss->ng = (nghttp2_session *)1;
	head_list_init(l, NULL);
	head_list_add(l, STR(":status"), STR("200"));
	faults_left = 1;
}

static void end(struct h2_stream *st)
{
	st->session->ng = NULL;
	h2_stream_fini(st);
}

static void a_response_without_memory_is_an_error(void **state)
{
	struct h2_session ss;
	struct h2_stream st;
	struct head_list l;

	(void)state;
	begin(&ss, &st, &l);
	assert_int_equal(h2_stream_respond(&st, &l, true), -EPROTO);
	assert_int_equal(st.s.error, -EPROTO);
	assert_false(st.is_begun);
	assert_false(list_empty(&ss.ready));
	end(&st);
}

static void a_request_without_memory_is_an_error(void **state)
{
	struct h2_session ss;
	struct h2_stream st;
	struct head_list l;

	(void)state;
	begin(&ss, &st, &l);
	assert_int_equal(h2_stream_request(&st, &l, true), -EPROTO);
	assert_false(st.is_begun);
	end(&st);
}

static void an_interim_head_without_memory_is_left_out(void **state)
{
	struct h2_session ss;
	struct h2_stream st;
	struct head_list l;

	(void)state;
	begin(&ss, &st, &l);
	h2_stream_interim(&st, &l);
	assert_int_equal(st.s.error, 0);
	end(&st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response_without_memory_is_an_error),
		cmocka_unit_test(a_request_without_memory_is_an_error),
		cmocka_unit_test(an_interim_head_without_memory_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
