/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the program's own log, as they leave on standard error. */
#include "base/log.c"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* What log_line() writes when standard error is a pipe that JOURNAL_STREAM names, off by @off. */
static void capture(const char *text, bool names_it, unsigned off, char *to, size_t room)
{
	int saved = dup(STDERR_FILENO), fds[2];
	char stream[64];
	struct stat s;
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fstat(fds[1], &s), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)s.st_dev,
		 (unsigned long long)s.st_ino + off);
	if (names_it)
		setenv("JOURNAL_STREAM", stream, 1);
	else
		unsetenv("JOURNAL_STREAM");
	dup2(fds[1], STDERR_FILENO);
	log_open("test", LOG_LEVEL_INFO);
	log_line(LOG_LEVEL_DEBUG, "not shown");
	log_line(LOG_LEVEL_WARN, "%s", text);
	dup2(saved, STDERR_FILENO);
	n = read(fds[0], to, room - 1);
	assert_true(n > 0);
	to[n] = '\0';
	close(saved);
	close(fds[0]);
	close(fds[1]);
}

static void a_line_is_plain_but_in_the_journal(void **state)
{
	char line[128];

	(void)state;
	capture("it goes on vpc=1", false, 0, line, sizeof(line));
	assert_string_equal(line, "test: warn: it goes on vpc=1\n");
	capture("it goes on vpc=1", true, 0, line, sizeof(line));
	assert_string_equal(line, "<4>test: warn: it goes on vpc=1\n");
	/* The environment is that of a parent whose stream was another. */
	capture("it goes on vpc=1", true, 1, line, sizeof(line));
	assert_string_equal(line, "test: warn: it goes on vpc=1\n");
}

static void nobody_fakes_a_line(void **state)
{
	char line[128];

	(void)state;
	capture("a\nb\033[2J", false, 0, line, sizeof(line));
	assert_string_equal(line, "test: warn: a?b?[2J\n");
}

static void a_long_line_is_cut(void **state)
{
	static char text[2 * LOG_LINE_BYTES_MAX], line[2 * LOG_LINE_BYTES_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	capture(text, false, 0, line, sizeof(line));
	assert_int_equal(strlen(line), LOG_LINE_BYTES_MAX - 1);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

static void levels_have_names(void **state)
{
	enum log_level level;

	(void)state;
	assert_int_equal(log_level_parse(STR("debug"), &level), 0);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse(STR("loud"), &level), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_plain_but_in_the_journal),
		cmocka_unit_test(nobody_fakes_a_line),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
