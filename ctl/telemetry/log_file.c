/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file may be renamed, removed or cut to nothing under us at any time: it is only ever appended
 * to. A disk that is full is said once; lines are lost, and counted, until it takes some again,
 * and a line that fitted in part is taken back.
 */
#include "telemetry/log_file.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FLUSH_BYTES = 256 << 10, /* so much is written without waiting for the turn's end */
	DIRECT_BYTES = 32 << 10, /* and so much at once, without a copy */
	BUFFER_BYTES_MAX = 4 << 20,
	FILE_MODE = 0640,
};

struct log_file {
	struct log_sink sink;
	char path[PATH_MAX];
	uint64_t rotate_bytes;
	unsigned keep;
	int fd; /* -1: opened when there is something to write */
	struct buf out;
	uint32_t out_lines;
	bool is_failing;
	uint64_t lost; /* since it began to fail */
};

static void lose(struct log_file *f, uint32_t lines, int err)
{
	if (!f->is_failing)
		log_error("log file %s: %s; lines are lost until it can be written", f->path,
			  strerror(-err));
	f->is_failing = true;
	f->lost += lines;
	atomic_fetch_add_explicit(f->sink.lost, lines, memory_order_relaxed);
}

static void note_success(struct log_file *f, uint32_t lines)
{
	atomic_fetch_add_explicit(f->sink.written, lines, memory_order_relaxed);
	if (!f->is_failing)
		return;
	log_info("log file %s: it is written again lost=%llu", f->path,
		 (unsigned long long)f->lost);
	f->is_failing = false;
	f->lost = 0;
}

static void close_file(struct log_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static int open_file(struct log_file *f)
{
	if (f->fd >= 0)
		return 0;
	f->fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		     FILE_MODE);
	return f->fd < 0 ? -errno : 0;
}

static void rename_old(const struct log_file *f, unsigned from)
{
	char old[PATH_MAX + 8], new[PATH_MAX + 8];

	snprintf(new, sizeof(new), "%s.%u", f->path, from + 1);
	snprintf(old, sizeof(old), from ? "%s.%u" : "%s", f->path, from);
	rename(old, new); /* a gap in the row is none of our business */
}

/* NAME.1 becomes NAME.2 and so on, NAME becomes NAME.1; without any to keep it is emptied. */
static void rotate(struct log_file *f)
{
	unsigned i;

	for (i = f->keep; i-- > 0;)
		rename_old(f, i);
	if (!f->keep && ftruncate(f->fd, 0))
		log_warn("log file %s: cannot be emptied: %s", f->path, strerror(errno));
	else if (f->keep)
		close_file(f);
}

/* Make room for @bytes in a file that may not grow for ever. */
static int rotate_if_full(struct log_file *f, size_t bytes)
{
	struct stat st;

	if (!f->rotate_bytes || fstat(f->fd, &st) || !st.st_size ||
	    (uint64_t)st.st_size + bytes <= f->rotate_bytes)
		return 0;
	rotate(f);
	return open_file(f);
}

/* Take back the part of a line at the end of the @done bytes of @s that were written. */
static size_t drop_part(struct log_file *f, struct str s, size_t done)
{
	size_t whole = done;
	struct stat st;

	while (whole && s.p[whole - 1] != '\n')
		whole--;
	if (whole < done && fstat(f->fd, &st) == 0 && (size_t)st.st_size >= done - whole &&
	    ftruncate(f->fd, st.st_size - (off_t)(done - whole)))
		log_warn("log file %s: part of a line stays: %s", f->path, strerror(errno));
	return whole;
}

/* Write what fits of @s. Returns 0 or -errno, and in *@ret how many bytes, in whole lines. */
static int write_lines(struct log_file *f, struct str s, size_t *ret)
{
	size_t done = 0;
	int err = 0;

	while (done < s.n && !err) {
		ssize_t n = write(f->fd, s.p + done, s.n - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			err = n == 0 ? -ENOSPC : -errno;
	}
	*ret = err ? drop_part(f, s, done) : done;
	return err;
}

/* Write @s, which are @count lines. */
static void write_out(struct log_file *f, struct str s, uint32_t count)
{
	uint32_t lost = 0;
	size_t done = 0;
	int err = open_file(f);

	if (!err)
		err = rotate_if_full(f, s.n);
	if (!err)
		err = write_lines(f, s, &done);
	if (err)
		lost = done ? log_lines_count(str_skip(s, done)) : count;
	if (lost < count)
		note_success(f, count - lost);
	if (err)
		lose(f, lost, err);
}

static void flush(struct log_sink *k)
{
	struct log_file *f = container_of(k, struct log_file, sink);

	if (!buf_len(&f->out))
		return;
	write_out(f, buf_str(&f->out), f->out_lines);
	buf_clear(&f->out);
	f->out_lines = 0;
}

/* Many lines are written from where they are, few are collected. */
static void write_sink(struct log_sink *k, struct str lines, uint32_t count)
{
	struct log_file *f = container_of(k, struct log_file, sink);

	if (buf_len(&f->out) + lines.n > FLUSH_BYTES)
		flush(k);
	if (!buf_len(&f->out) && lines.n >= DIRECT_BYTES) {
		write_out(f, lines, count);
		return;
	}
	buf_add(&f->out, lines);
	if (!f->out.failed) {
		f->out_lines += count;
		return;
	}
	lose(f, f->out_lines + count, -ENOMEM);
	buf_fini(&f->out);
	f->out_lines = 0;
}

static void reopen(struct log_sink *k)
{
	flush(k);
	close_file(container_of(k, struct log_file, sink));
}

static void close_sink(struct log_sink *k)
{
	struct log_file *f = container_of(k, struct log_file, sink);

	reopen(k);
	buf_fini(&f->out);
	free(f);
}

static const struct log_sink_ops ops = { write_sink, flush, reopen, close_sink };

/* The file that @place names in @dir; NULL without memory or when the path is too long. */
struct log_sink *log_file_new(const char *dir, const struct log_place *place)
{
	struct log_file *f = calloc(1, sizeof(*f));
	int n;

	if (!f)
		return NULL;
	n = snprintf(f->path, sizeof(f->path), "%s/" STR_FMT, dir, STR_ARG(place->name));
	if (n < 0 || (size_t)n >= sizeof(f->path)) {
		free(f);
		return NULL;
	}
	f->sink.ops = &ops;
	f->rotate_bytes = place->rotate_bytes;
	f->keep = place->keep < LOG_FILE_KEEP_MAX ? place->keep : LOG_FILE_KEEP_MAX;
	f->fd = -1;
	buf_init(&f->out, BUFFER_BYTES_MAX);
	return &f->sink;
}
