/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/scribe.c, with its files: whose lines go where, and what is left of them.
 */
#include "telemetry/scribe.c"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64];
	struct scribe *s;
	bool is_stopped;
};

static void no_socket(void *ctx, uint16_t family, int type, uint64_t tag)
{
	(void)family;
	(void)type;
	scribe_give_socket(((struct fixture *)ctx)->s, tag, -1);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-scribe-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(scribe_start(&(struct scribe_config){ .log_dir = f->dir,
							       .need_socket = no_socket,
							       .ctx = f },
				      &f->s),
			 0);
	*state = f;
	return 0;
}

static void settle(struct fixture *f)
{
	if (!f->is_stopped)
		scribe_stop(f->s);
	f->is_stopped = true;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[96];

	settle(f);
	scribe_free(f->s);
	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* Subscriptions with the numbers from 1 on to @places. */
static void publish(struct fixture *f, const struct log_place *places, size_t count)
{
	struct snapshot *s = snapshot_new(1, &pool_default);
	struct part *p = part_new(sizeof(*p), 1 << 20);
	size_t i;

	s->lists[SNAPSHOT_LOGS] = p;
	s->logs.at = arena_new(&p->arena, struct log_subscription, count + 1);
	for (i = 0; i < count; i++)
		s->logs.at[s->logs.count++] =
			(struct log_subscription){ .number = (uint16_t)(i + 1),
						   .place = places[i] };
	scribe_publish(f->s, s);
}

static void write_lines_to(struct fixture *f, const char *lines, uint16_t a, uint16_t b)
{
	struct log_mark m = { .bytes = (uint32_t)strlen(lines),
			      .lines = log_lines_count(str_of(lines)),
			      .count = (uint16_t)(!!a + !!b),
			      .numbers = { a, b } };
	struct log_batch *batch = log_batch_of(str_of(lines));

	log_marks_add(&batch->marks, &m);
	scribe_write(f->s, batch);
}

/* What is in the file @name, terminated; "" when there is none. */
static const char *content(struct fixture *f, const char *name)
{
	static char text[4096];
	char path[128];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void lines_go_where_they_are_wanted(void **state)
{
	const struct log_place places[] = { { .name = STR("a.log") }, { .name = STR("b.log") } };
	struct fixture *f = *state;

	publish(f, places, 2);
	write_lines_to(f, "one\n", 1, 0);
	write_lines_to(f, "two\n", 2, 1);
	write_lines_to(f, "three\n", 7, 0);
	settle(f);
	assert_string_equal(content(f, "a.log"), "one\ntwo\n");
	assert_string_equal(content(f, "b.log"), "two\n");
	assert_int_equal(scribe_counts(f->s).written, 3);
	assert_int_equal(scribe_counts(f->s).lost, 0);
	assert_int_equal(scribe_counts(f->s).waiting_bytes, 0);
}

static void two_subscriptions_to_one_file_write_once(void **state)
{
	const struct log_place places[] = { { .name = STR("a.log") }, { .name = STR("a.log") } };
	struct fixture *f = *state;

	publish(f, places, 2);
	write_lines_to(f, "one\n", 1, 2);
	settle(f);
	assert_string_equal(content(f, "a.log"), "one\n");
}

static void collectors_of_one_url_are_two(void **state)
{
	const struct log_place places[] = {
		{ .way = LOG_WAY_HTTP, .name = STR("http://127.0.0.1:1/"), .id = STR("one") },
		{ .way = LOG_WAY_HTTP, .name = STR("http://127.0.0.1:1/"), .id = STR("two") },
	};
	struct fixture *f = *state;
	char path[128];

	publish(f, places, 2);
	settle(f);
	snprintf(path, sizeof(path), "%s/spool-one", f->dir);
	assert_int_equal(rmdir(path), 0);
	snprintf(path, sizeof(path), "%s/spool-two", f->dir);
	assert_int_equal(rmdir(path), 0);
}

static void a_subscription_that_ended_gets_nothing(void **state)
{
	const struct log_place places[] = { { .name = STR("a.log") }, { .name = STR("b.log") } };
	struct fixture *f = *state;

	publish(f, places, 2);
	write_lines_to(f, "one\n", 1, 2);
	publish(f, places, 1);
	write_lines_to(f, "two\n", 1, 2);
	settle(f);
	assert_string_equal(content(f, "a.log"), "one\ntwo\n");
	assert_string_equal(content(f, "b.log"), "one\n");
}

static void a_file_rotates_at_its_size(void **state)
{
	const struct log_place place = { .name = STR("a.log"), .rotate_bytes = 8, .keep = 1 };
	static const char *const lines[] = { "aaaaaa\n", "bbbbbb\n", "cccccc\n" };
	struct fixture *f = *state;
	size_t i;

	publish(f, &place, 1);
	for (i = 0; i < 3; i++) {
		write_lines_to(f, lines[i], 1, 0);
		scribe_reopen(f->s); /* which writes what there is */
	}
	settle(f);
	assert_string_equal(content(f, "a.log"), "cccccc\n");
	assert_string_equal(content(f, "a.log.1"), "bbbbbb\n");
	assert_string_equal(content(f, "a.log.2"), "");
}

static void without_old_ones_to_keep_it_is_emptied(void **state)
{
	const struct log_place place = { .name = STR("a.log"), .rotate_bytes = 8, .keep = 0 };
	struct fixture *f = *state;

	publish(f, &place, 1);
	write_lines_to(f, "aaaaaa\n", 1, 0);
	scribe_reopen(f->s);
	write_lines_to(f, "bbbbbb\n", 1, 0);
	settle(f);
	assert_string_equal(content(f, "a.log"), "bbbbbb\n");
	assert_string_equal(content(f, "a.log.1"), "");
}

static void what_cannot_be_written_is_counted(void **state)
{
	const struct log_place place = { .name = STR("a.log") };
	struct fixture *f = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/a.log", f->dir);
	assert_int_equal(symlink("/dev/full", path), 0); /* never followed */
	publish(f, &place, 1);
	write_lines_to(f, "one\ntwo\n", 1, 0);
	settle(f);
	assert_int_equal(scribe_counts(f->s).lost, 2);
	assert_int_equal(scribe_counts(f->s).written, 0);
}

static void neighbours_that_go_the_same_way_share_a_mark(void **state)
{
	struct log_mark a = { .bytes = 10, .lines = 1, .count = 1, .numbers = { 5 } }, b = a, m;
	struct buf marks;

	(void)state;
	b.numbers[0] = 6;
	buf_init(&marks, LOG_MARKS_BYTES_MAX);
	log_marks_add(&marks, &a);
	log_marks_add(&marks, &a);
	log_marks_add(&marks, &b);
	assert_int_equal(buf_len(&marks), 2 * sizeof(m));
	memcpy(&m, marks.p, sizeof(m));
	assert_int_equal(m.bytes, 20);
	assert_int_equal(m.lines, 2);
	buf_fini(&marks);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(lines_go_where_they_are_wanted),
		CASE(two_subscriptions_to_one_file_write_once),
		CASE(collectors_of_one_url_are_two),
		CASE(a_subscription_that_ended_gets_nothing),
		CASE(a_file_rotates_at_its_size),
		CASE(without_old_ones_to_keep_it_is_emptied),
		CASE(what_cannot_be_written_is_counted),
		CASE(neighbours_that_go_the_same_way_share_a_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
