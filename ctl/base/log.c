/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's own log. Each line is one write(), so lines of two processes never mix. In the
 * journal it starts with a prefix that says its priority (sd-daemon(3)).
 */
#include "base/log.h"

#include "base/array.h"
#include "base/num.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_LINE_BYTES_MAX = 2048 };

static const struct {
	struct str name;
	const char *priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { { "error", 5 }, "<3>" },
	[LOG_LEVEL_WARN] = { { "warn", 4 }, "<4>" },
	[LOG_LEVEL_INFO] = { { "info", 4 }, "<6>" },
	[LOG_LEVEL_DEBUG] = { { "debug", 5 }, "<7>" },
};

static const char *process_name = "lattice";
static enum log_level level_max = LOG_LEVEL_INFO;
static bool is_to_journal;

/* Does standard error lead to the journal? systemd names the stream, which may be another by now.
 */
static bool finds_journal(void)
{
	struct str_cut named = str_cut(str_of(getenv("JOURNAL_STREAM")), ':');
	uint64_t device, inode;
	struct stat s;

	if (num_parse_u64(named.head, &device) < 0 || num_parse_u64(named.tail, &inode) < 0)
		return false;
	return fstat(STDERR_FILENO, &s) == 0 && s.st_dev == device && s.st_ino == inode;
}

void log_open(const char *process, enum log_level level)
{
	process_name = process;
	level_max = level;
	is_to_journal = finds_journal();
}

/* The level called @name: error, warn, info or debug. -EINVAL for any other. */
int log_level_parse(struct str name, enum log_level *ret)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		if (str_eq(name, levels[i].name)) {
			*ret = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Control bytes from a peer must not be able to fake a second line. */
static void make_printable(char *line, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 127)
			line[i] = '?';
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[LOG_LINE_BYTES_MAX];
	va_list args;
	size_t n;
	int add;

	if (level > level_max)
		return;
	n = (size_t)snprintf(line, sizeof(line),
			     "%s%s: %s: ", is_to_journal ? levels[level].priority : "",
			     process_name, levels[level].name.p);
	va_start(args, format);
	add = vsnprintf(line + n, sizeof(line) - n - 1, format, args);
	va_end(args);
	if (add < 0)
		return;
	n += (size_t)add;
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	make_printable(line, n);
	line[n++] = '\n';
	/* Nobody is left to tell when standard error itself is gone. */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}
