/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/log_batch.c: batches that are filled again, and those that are not. */
#include "telemetry/log_batch.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct log_batch *filled(void)
{
	struct log_batch *b = log_batch_new(64, 1 << 20);

	assert_non_null(b);
	buf_add_lit(&b->lines, "{}\n");
	buf_add_lit(&b->marks, "mark");
	return b;
}

static void a_batch_that_nobody_else_has_is_filled_again(void **state)
{
	struct log_batches l = { 0 };
	struct log_batch *b = filled();
	const char *memory = b->lines.p;

	(void)state;
	assert_null(log_batches_take(&l));
	log_batches_keep(&l, log_batch_get(b));
	assert_null(log_batches_take(&l));
	log_batch_put(b);
	assert_ptr_equal(log_batches_take(&l), b);
	assert_ptr_equal(b->lines.p, memory);
	assert_int_equal(buf_len(&b->lines), 0);
	assert_int_equal(buf_len(&b->marks), 0);
	assert_null(log_batches_take(&l));
	log_batch_put(b);
}

/* However slow its readers are, no more are held than that; theirs stay as they were. */
static void the_oldest_is_let_go_of(void **state)
{
	struct log_batches l = { 0 };
	struct log_batch *read[LOG_BATCHES + 1];
	size_t i;

	(void)state;
	for (i = 0; i <= LOG_BATCHES; i++) {
		read[i] = filled();
		log_batches_keep(&l, log_batch_get(read[i]));
		assert_null(log_batches_take(&l));
	}
	assert_int_equal(atomic_load(&read[0]->references), 1);
	log_batches_drop(&l);
	for (i = 0; i <= LOG_BATCHES; i++) {
		assert_int_equal(atomic_load(&read[i]->references), 1);
		assert_int_equal(buf_len(&read[i]->lines), 3);
		log_batch_put(read[i]);
	}
	assert_null(log_batches_take(&l));
}

static void a_batch_of_a_long_line_is_not_kept(void **state)
{
	struct log_batches l = { 0 };
	struct log_batch *b = filled();

	(void)state;
	assert_non_null(buf_reserve(&b->lines, KEPT_BYTES_MAX + 1));
	log_batches_keep(&l, b);
	assert_null(log_batches_take(&l));
	assert_null(l.at[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_that_nobody_else_has_is_filled_again),
		cmocka_unit_test(the_oldest_is_let_go_of),
		cmocka_unit_test(a_batch_of_a_long_line_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
