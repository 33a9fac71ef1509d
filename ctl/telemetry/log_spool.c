/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spool is a directory of numbered segments. Lines are appended to the newest; when it is large
 * or old enough another begins, and the oldest that is complete is posted, and removed when it
 * was taken. So a collector, or the plane, may be away and nothing is lost: what an earlier plane
 * left is sent first. A post whose answer got lost is sent again: at least once, not once.
 */
#include "telemetry/log_spool.h"

#include "base/log.h"
#include "base/num.h"
#include "telemetry/poster.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SEGMENT_BYTES = 128 << 10, /* then another begins */
	SEGMENT_MS = 200,	   /* or this long after its first line */
	FLUSH_BYTES = 256 << 10,
	BUFFER_BYTES_MAX = 2 << 20,
	BACKOFF_MS_MIN = 250,
	BACKOFF_MS_MAX = 15 * 1000,
	NAME_BYTES = 32,
	DIR_MODE = 0750,
	FILE_MODE = 0640,
};

struct log_spool {
	struct log_sink sink;
	struct log_site site;
	char dir[PATH_MAX];
	char *url;
	uint64_t bytes_max, bytes; /* on disk */
	uint64_t oldest, newest;   /* segments; the newest is being written */
	uint64_t newest_bytes;
	int dir_fd, fd; /* -1: none */
	struct buf out;
	struct timer roll, retry;
	unsigned backoff_ms;
	struct poster poster;
	uint64_t posting_bytes;
	uint32_t posting_lines;
	bool is_full, is_away;		/* said already */
	char said[POSTER_REASON_BYTES]; /* why it is away */
	uint64_t dropped;
};

static void write_name(uint64_t segment, char to[NAME_BYTES])
{
	snprintf(to, NAME_BYTES, "%020llu", (unsigned long long)segment);
}

static void lose(struct log_spool *s, uint32_t lines, const char *why)
{
	if (!s->is_full)
		log_error("log spool %s: %s; lines are lost", s->dir, why);
	s->is_full = true;
	s->dropped += lines;
	atomic_fetch_add_explicit(s->sink.lost, lines, memory_order_relaxed);
}

/* A few lines fit where many did not: there is room again when a quarter is free. */
static void note_room(struct log_spool *s)
{
	if (s->bytes > s->bytes_max - s->bytes_max / 4)
		return;
	if (s->is_full)
		log_info("log spool %s: there is room again lost=%llu", s->dir,
			 (unsigned long long)s->dropped);
	s->is_full = false;
	s->dropped = 0;
}

static void remove_segment(struct log_spool *s, uint64_t segment, uint64_t bytes)
{
	char name[NAME_BYTES];

	write_name(segment, name);
	unlinkat(s->dir_fd, name, 0);
	s->bytes -= bytes < s->bytes ? bytes : s->bytes;
}

/* The bytes of @segment in @ret, to be freed by the caller. False: it is not there. */
static bool read_segment(struct log_spool *s, uint64_t segment, struct buf *ret)
{
	char name[NAME_BYTES];
	struct stat st;
	ssize_t n = -1;
	char *room;
	int fd;

	buf_init(ret, POSTER_BODY_BYTES_MAX);
	write_name(segment, name);
	fd = openat(s->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		room = buf_reserve(ret, (size_t)st.st_size);
		n = room ? read(fd, room, (size_t)st.st_size) : -1;
	}
	close(fd);
	if (n > 0)
		buf_commit(ret, (size_t)n);
	return n > 0;
}

/* Post the oldest segment that is complete, if there is one and nothing is under way. */
static void post_next(struct log_spool *s)
{
	struct buf body;

	if (s->poster.is_busy || timer_is_armed(&s->retry))
		return;
	for (; s->oldest < s->newest; s->oldest++) {
		bool is_there = read_segment(s, s->oldest, &body);

		if (is_there) {
			s->posting_bytes = buf_len(&body);
			s->posting_lines = log_lines_count(buf_str(&body));
			poster_post(&s->poster, buf_str(&body));
		} else {
			remove_segment(s, s->oldest, 0);
		}
		buf_fini(&body);
		if (is_there)
			return;
	}
}

static void retry_expired(struct timer *t)
{
	post_next(container_of(t, struct log_spool, retry));
}

static void try_again(struct log_spool *s)
{
	if (!s->is_away || strcmp(s->said, s->poster.reason) != 0)
		log_warn("log collector %s: no success (status %u%s%s); its lines wait in %s",
			 s->url, s->poster.status, s->poster.reason[0] ? ": " : "",
			 s->poster.reason, s->dir);
	s->is_away = true;
	memcpy(s->said, s->poster.reason, sizeof(s->said));
	timer_arm(s->site.loop, &s->retry, s->backoff_ms);
	s->backoff_ms = s->backoff_ms * 2 < BACKOFF_MS_MAX ? s->backoff_ms * 2 : BACKOFF_MS_MAX;
}

static void posted(struct poster *p, enum poster_result result)
{
	struct log_spool *s = container_of(p, struct log_spool, poster);

	if (result == POSTER_FAILED) {
		try_again(s);
		return;
	}
	if (result == POSTER_REFUSED) {
		log_error("log collector %s: refuses lines (status %u); they are lost lines=%u",
			  s->url, p->status, s->posting_lines);
		atomic_fetch_add_explicit(s->sink.lost, s->posting_lines, memory_order_relaxed);
	} else {
		atomic_fetch_add_explicit(s->sink.written, s->posting_lines, memory_order_relaxed);
		if (s->is_away)
			log_info("log collector %s: takes lines again", s->url);
		s->is_away = false;
	}
	s->backoff_ms = BACKOFF_MS_MIN;
	remove_segment(s, s->oldest++, s->posting_bytes);
	post_next(s);
}

/* What was written so far is complete. */
static void begin_segment(struct log_spool *s)
{
	timer_disarm(s->site.loop, &s->roll);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (s->newest_bytes)
		s->newest++;
	s->newest_bytes = 0;
	post_next(s);
}

static void roll_expired(struct timer *t)
{
	begin_segment(container_of(t, struct log_spool, roll));
}

static int open_newest(struct log_spool *s)
{
	char name[NAME_BYTES];

	if (s->fd >= 0)
		return 0;
	write_name(s->newest, name);
	s->fd = openat(s->dir_fd, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		       FILE_MODE);
	return s->fd < 0 ? -errno : 0;
}

/* Append all of @lines to the newest segment, or nothing. 0 or -errno. */
static int append(struct log_spool *s, struct str lines)
{
	int err = open_newest(s);
	ssize_t n;

	if (err)
		return err;
	n = write(s->fd, lines.p, lines.n);
	if (n == (ssize_t)lines.n)
		return 0;
	err = n < 0 ? -errno : -ENOSPC;
	if (n > 0 && ftruncate(s->fd, (off_t)s->newest_bytes))
		return -errno;
	return err;
}

static void flush(struct log_sink *k)
{
	struct log_spool *s = container_of(k, struct log_spool, sink);
	struct str lines = buf_str(&s->out);
	int err;

	if (!lines.n)
		return;
	err = s->bytes + lines.n > s->bytes_max ? -EDQUOT : append(s, lines);
	if (err) {
		lose(s, log_lines_count(lines),
		     err == -EDQUOT ? "it holds as much as it may" : strerror(-err));
	} else {
		note_room(s);
		s->newest_bytes += lines.n;
		s->bytes += lines.n;
	}
	buf_clear(&s->out);
	if (s->newest_bytes >= SEGMENT_BYTES)
		begin_segment(s);
	else if (s->newest_bytes && !timer_is_armed(&s->roll))
		timer_arm(s->site.loop, &s->roll, SEGMENT_MS);
}

static void write_sink(struct log_sink *k, struct str lines, uint32_t count)
{
	struct log_spool *s = container_of(k, struct log_spool, sink);

	if (buf_len(&s->out) && buf_len(&s->out) + lines.n > FLUSH_BYTES)
		flush(k);
	buf_add(&s->out, lines);
	if (!s->out.failed)
		return;
	lose(s, count, "out of memory");
	buf_fini(&s->out);
	buf_init(&s->out, BUFFER_BYTES_MAX);
}

static void reopen(struct log_sink *k)
{
	(void)k; /* nobody renames what is in a spool */
}

/* A subscription that ended wants nothing more; an end of the plane leaves all for the next. */
static void close_sink(struct log_sink *k)
{
	struct log_spool *s = container_of(k, struct log_spool, sink);

	flush(k);
	timer_disarm(s->site.loop, &s->roll);
	timer_disarm(s->site.loop, &s->retry);
	poster_fini(&s->poster);
	for (; !k->is_wanted && s->oldest <= s->newest; s->oldest++)
		remove_segment(s, s->oldest, 0);
	if (!k->is_wanted)
		rmdir(s->dir);
	if (s->fd >= 0)
		close(s->fd);
	close(s->dir_fd);
	buf_fini(&s->out);
	free(s->url);
	free(s);
}

static const struct log_sink_ops ops = { write_sink, flush, reopen, close_sink };

/* Count what an earlier plane left. 0 or -errno. */
static int find_segments(struct log_spool *s)
{
	DIR *dir = opendir(s->dir);
	const struct dirent *e;
	uint64_t n, first = UINT64_MAX, last = 0;
	struct stat st;

	if (!dir)
		return -errno;
	while ((e = readdir(dir))) {
		if (num_parse_u64(str_of(e->d_name), &n) || n >= UINT64_MAX / 2 ||
		    fstatat(s->dir_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		first = n < first ? n : first;
		last = n > last ? n : last;
		s->bytes += (uint64_t)st.st_size;
	}
	closedir(dir);
	s->oldest = first == UINT64_MAX ? 1 : first;
	s->newest = first == UINT64_MAX ? 1 : last + 1;
	return 0;
}

/* Make the directory and look into it. 0 or -errno; on failure nothing is open. */
static int open_dir(struct log_spool *s, const struct log_place *place)
{
	int n = snprintf(s->dir, sizeof(s->dir), "%s/spool-" STR_FMT, s->site.dir,
			 STR_ARG(place->id));
	int err;

	if (n < 0 || (size_t)n >= sizeof(s->dir))
		return -ENAMETOOLONG;
	if (mkdir(s->dir, DIR_MODE) && errno != EEXIST)
		return -errno;
	s->dir_fd = open(s->dir, O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dir_fd < 0)
		return -errno;
	err = find_segments(s);
	if (err)
		close(s->dir_fd);
	return err;
}

/* The spool of @place; NULL when it cannot be. */
struct log_sink *log_spool_new(const struct log_site *site, const struct log_place *place)
{
	struct log_spool *s = calloc(1, sizeof(*s));
	struct log_url url;

	if (!s)
		return NULL;
	s->site = *site;
	s->url = strndup(place->name.p, place->name.n);
	if (!s->url || log_url_parse(str_of(s->url), &url) || open_dir(s, place)) {
		free(s->url);
		free(s);
		return NULL;
	}
	url.ca = place->ca; /* read in poster_init() */
	s->sink.ops = &ops;
	s->bytes_max = place->spool_bytes;
	s->fd = -1;
	s->backoff_ms = BACKOFF_MS_MIN;
	s->roll.expired = roll_expired;
	s->retry.expired = retry_expired;
	buf_init(&s->out, BUFFER_BYTES_MAX);
	poster_init(&s->poster, site->loop, site->desk, &url, STR("application/x-ndjson"));
	s->poster.done = posted;
	post_next(s);
	return &s->sink;
}
