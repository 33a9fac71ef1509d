/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/log_file.c: what is left when a disk takes only part. */
#include "telemetry/log_file.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void a_line_that_fits_in_part_is_taken_back(void **state)
{
	char dir[] = "/tmp/lattice-file-XXXXXX", text[64] = "";
	const struct log_place place = { .name = STR("a.log") };
	atomic_ullong written = 0, lost = 0;
	struct log_file *file;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	file = container_of(log_file_new(dir, &place), struct log_file, sink);
	file->sink.written = &written;
	file->sink.lost = &lost;
	assert_int_equal(open_file(file), 0);
	assert_int_equal(write(file->fd, "one\ntwo\nthr", 11), 11);
	assert_int_equal(drop_part(file, STR("one\ntwo\nthree\n"), 11), 8);
	assert_int_equal(drop_part(file, STR("one\ntwo\n"), 8), 8);
	fd = open(file->path, O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text)), 8);
	assert_string_equal(text, "one\ntwo\n");
	close(fd);
	unlink(file->path);
	rmdir(dir);
	file->sink.ops->close(&file->sink);
}

static void a_place_whose_path_is_too_long_is_none(void **state)
{
	char dir[PATH_MAX];
	const struct log_place place = { .name = STR("a.log") };

	(void)state;
	memset(dir, 'a', sizeof(dir) - 1);
	dir[sizeof(dir) - 1] = '\0';
	assert_null(log_file_new(dir, &place));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_that_fits_in_part_is_taken_back),
		cmocka_unit_test(a_place_whose_path_is_too_long_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
