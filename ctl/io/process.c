/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which process, and which container it is in. Runtimes put a container's processes into a cgroup
 * that is named after the container: .../docker-ID.scope, .../libpod-ID.scope/container,
 * .../cri-containerd-ID.scope, .../kubepods...:cri-containerd:ID, /docker/ID, /default/NAME.
 */
#include "io/process.h"

#include "base/num.h"
#include "base/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { BOOT_ID_BYTES = 36, SHORT_ID_DIGITS = 12, LONG_ID_DIGITS = 64, CONTAINER_ID_MAX = 128 };

/* The beginning of the file at @path, terminated. Its length or -errno. */
static int read_start(const char *path, char *to, size_t room)
{
	SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, to, room - 1);
	if (n < 0)
		return -errno;
	to[n] = '\0';
	return (int)n;
}

/*
 * The 22nd field of /proc/PID/stat, ticks from the boot to the start. The second is the program's
 * name in parentheses, which may hold anything.
 */
static int read_start_time(pid_t pid, uint64_t *ret)
{
	char path[32], text[1024];
	struct str_cut c;
	struct str s;
	int i, n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	n = read_start(path, text, sizeof(text));
	if (n < 0)
		return n;
	s = (struct str){ text, (size_t)n };
	while (s.n && s.p[s.n - 1] != ')')
		s.n--;
	c = (struct str_cut){ .tail = str_skip((struct str){ text, (size_t)n }, s.n + 1) };
	for (i = 3; i <= 22; i++)
		c = str_cut(c.tail, ' ');
	return num_parse_u64(c.head, ret);
}

/* What tells the process that has @pid now from any other that ever has. 0 or -errno. */
int process_mark(pid_t pid, char ret[PROCESS_MARK_BYTES])
{
	char boot[BOOT_ID_BYTES + 1];
	uint64_t start;
	int err;

	err = read_start_time(pid, &start);
	if (err)
		return err == -ENOENT ? -ESRCH : err;
	err = read_start("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	if (err < 0)
		return err;
	snprintf(ret, PROCESS_MARK_BYTES, "%d:%llu:%s", (int)pid, (unsigned long long)start, boot);
	return 0;
}

/* The pid in @mark; 0 when it is no mark. */
pid_t process_of_mark(struct str mark)
{
	struct str_cut pid = str_cut(mark, ':'), start = str_cut(pid.tail, ':');
	uint64_t ticks;
	uint32_t n;

	if (!start.found || start.tail.n != BOOT_ID_BYTES || num_parse_u32(pid.head, &n) < 0 ||
	    num_parse_u64(start.head, &ticks) < 0 || !n || n > INT32_MAX)
		return 0;
	return (pid_t)n;
}

/* Is the process of @mark, and no other, there? */
bool process_is_alive(struct str mark)
{
	pid_t pid = process_of_mark(mark);
	char now[PROCESS_MARK_BYTES];

	return pid && process_mark(pid, now) == 0 && str_eq(str_of(now), mark);
}

/* The text of PID/cgroup below @proc, terminated. 0 or -errno. */
int process_read_cgroup(const char *proc, pid_t pid, char ret[PROCESS_CGROUP_BYTES_MAX])
{
	char path[256];
	int n;

	snprintf(path, sizeof(path), "%s/%d/cgroup", proc, (int)pid);
	n = read_start(path, ret, PROCESS_CGROUP_BYTES_MAX);
	return n < 0 ? n : 0;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_hex(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return s.n > 0;
}

/* Letters, digits and inner . _ -, as containerd takes them; the others' ids are hexadecimal. */
bool process_is_container_id(struct str id)
{
	size_t i;

	if (!id.n || id.n > CONTAINER_ID_MAX || !is_alnum(id.p[0]))
		return false;
	for (i = 0; i < id.n; i++)
		if (!is_alnum(id.p[i]) && !memchr("._-", id.p[i], 3))
			return false;
	return true;
}

/* @name of a cgroup without ".scope". */
static struct str without_scope(struct str name)
{
	struct str suffix = STR(".scope");

	if (name.n > suffix.n && str_eq(str_skip(name, name.n - suffix.n), suffix))
		name.n -= suffix.n;
	return name;
}

/* What follows the last - or : of a cgroup's @name. */
static struct str last_word(struct str name)
{
	size_t at = name.n;

	while (at && name.p[at - 1] != '-' && name.p[at - 1] != ':')
		at--;
	return str_skip(name, at);
}

/* Is @name of a cgroup that of the container? The runtime's monitor has one that looks alike. */
static bool is_named_after(struct str name, struct str id)
{
	struct str last;

	name = without_scope(name);
	if (str_eq(name, id))
		return true;
	last = last_word(name);
	if (!is_hex(last) || !is_hex(id) || id.n < SHORT_ID_DIGITS || !str_starts(last, id))
		return false;
	return !memmem(name.p, name.n - last.n, "conmon", 6);
}

/* Is @name of a cgroup that of any container, as most runtimes name them? */
static bool is_container(struct str name)
{
	struct str last = last_word(without_scope(name));

	return last.n == LONG_ID_DIGITS && is_hex(last);
}

/*
 * How far below the cgroup of the container the one at @path is; -1: not below it. Who is in
 * another container may make cgroups there and call them what they like: that is no proof.
 */
static int depth_in(struct str path, struct str id)
{
	struct str_cut c = { .tail = path, .found = true };
	int depth = -1;

	while (c.found) {
		c = str_cut(c.tail, '/');
		if (depth >= 0)
			depth++;
		else if (is_named_after(c.head, id))
			depth = 0;
		else if (is_container(c.head))
			return -1;
	}
	return depth;
}

/*
 * How far below the container's cgroup a process is whose /proc/PID/cgroup is @cgroup; -1: not in
 * it. The container's own processes have 0 or 1, those of containers inside it more.
 */
int process_container_depth(struct str cgroup, struct str id)
{
	struct str_cut line = { .tail = cgroup, .found = true };
	int depth, best = -1;

	/* Most processes are in no container that is looked for. */
	if (!cgroup.n || !memmem(cgroup.p, cgroup.n, id.p, id.n))
		return -1;

	while (line.found) {
		line = str_cut(line.tail, '\n');
		/* "hierarchy:controllers:path" */
		depth = depth_in(str_cut(str_cut(line.head, ':').tail, ':').tail, id);
		if (depth >= 0 && (best < 0 || depth < best))
			best = depth;
	}
	return best;
}
