/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what people name a namespace by to the namespace. No container runtime is asked: their
 * daemons need not run, and a process tells by its cgroup which container it is in. All processes
 * are read at most once a moment, whatever number of containers is looked for.
 */
#include "steer/place.h"

#include "base/num.h"
#include "io/process.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* More processes than the kernel gives pids are none; a path of one, terminated. */
enum { PROCESSES_MAX = 4 << 20, PATH_BYTES = 64 };

struct process {
	pid_t pid;
	char *cgroup;
};

static const struct str pid_word = { "pid:", 4 };
static const struct str container_word = { "container:", 10 };

static const char *check_path(struct str path)
{
	struct str_cut c;

	if (!path.n || path.p[0] != '/')
		return "path is not absolute";
	for (c = str_cut(path, '/'); c.found; c = str_cut(c.tail, '/')) {
		if (str_eq(c.head, STR("..")))
			return "path has a .. in it";
	}
	return str_eq(c.head, STR("..")) ? "path has a .. in it" : NULL;
}

/* NULL when @how is one of the ways to name a namespace; otherwise what is wrong with it. */
const char *place_check(struct str how)
{
	if (str_starts(how, pid_word))
		return process_of_mark(str_skip(how, pid_word.n)) ? NULL : "not a process";
	if (str_starts(how, container_word))
		return process_is_container_id(str_skip(how, container_word.n)) ? NULL
										: "not a container";
	return check_path(how);
}

static void forget(struct processes *all)
{
	while (all->count)
		free(all->at[--all->count].cgroup);
}

void processes_fini(struct processes *all)
{
	forget(all);
	free(all->at);
	*all = (struct processes){ .proc = all->proc };
}

static int add(struct processes *all, pid_t pid)
{
	char cgroup[PROCESS_CGROUP_BYTES_MAX];
	struct process *p;

	/* It may have ended meanwhile. */
	if (process_read_cgroup(all->proc, pid, cgroup) < 0)
		return 0;
	if (all->count == all->room) {
		size_t room = all->room ? 2 * all->room : 256;

		p = room > PROCESSES_MAX ? NULL : realloc(all->at, room * sizeof(*p));
		if (!p)
			return -ENOMEM;
		all->at = p;
		all->room = room;
	}
	p = &all->at[all->count];
	*p = (struct process){ pid, strdup(cgroup) };
	if (!p->cgroup)
		return -ENOMEM;
	all->count++;
	return 0;
}

/* Read the processes there are, unless that was done at this very time. 0 or -errno. */
static int refresh(struct processes *all, uint64_t now_ms)
{
	struct dirent *e;
	int err = 0;
	DIR *dir;

	if (all->read_ms == now_ms)
		return 0;
	dir = opendir(all->proc);
	if (!dir)
		return -errno;
	forget(all);
	while (!err && (e = readdir(dir))) {
		uint32_t pid;

		if (num_parse_u32(str_of(e->d_name), &pid) == 0 && pid <= INT32_MAX)
			err = add(all, (pid_t)pid);
	}
	closedir(dir);
	if (!err)
		all->read_ms = now_ms;
	return err;
}

/* The process nearest to the top of the container @id, the oldest pid of several; 0: none. */
static pid_t find_container(const struct processes *all, struct str id)
{
	int depth, best = -1;
	pid_t found = 0;
	size_t i;

	for (i = 0; i < all->count; i++) {
		const struct process *p = &all->at[i];

		depth = process_container_depth(str_of(p->cgroup), id);
		if (depth < 0 || (best >= 0 && depth > best))
			continue;
		if (depth == best && p->pid > found)
			continue;
		best = depth;
		found = p->pid;
	}
	return found;
}

/* Hold the namespace of the process @pid; -ENOENT when it is gone. */
static int open_of(const struct processes *all, pid_t pid, struct netns *ret)
{
	char path[PATH_BYTES];
	int err;

	snprintf(path, sizeof(path), "%s/%d/ns/net", all->proc, (int)pid);
	err = netns_open(ret, path);
	return err == -ESRCH ? -ENOENT : err;
}

static int open_pid(struct processes *all, struct str mark, struct netns *ret)
{
	int err;

	if (!process_is_alive(mark))
		return -ENOENT;
	err = open_of(all, process_of_mark(mark), ret);
	/* It was alive before and is after, so what was opened is its own. */
	if (!err && !process_is_alive(mark)) {
		netns_close(ret);
		err = -ENOENT;
	}
	return err;
}

static bool is_in_container(const struct processes *all, pid_t pid, struct str id)
{
	char cgroup[PROCESS_CGROUP_BYTES_MAX];

	return process_read_cgroup(all->proc, pid, cgroup) == 0 &&
	       process_container_depth(str_of(cgroup), id) >= 0;
}

static int open_container(struct place *p, struct processes *all, uint64_t now_ms, struct str id,
			  struct netns *ret)
{
	int err = refresh(all, now_ms);

	if (err)
		return err;
	p->pid = find_container(all, id);
	if (!p->pid)
		return -ENOENT;
	err = open_of(all, p->pid, ret);
	/* The pid may have become another's. */
	if (!err && !is_in_container(all, p->pid, id)) {
		netns_close(ret);
		err = -ENOENT;
	}
	return err;
}

/* Find the namespace and hold it. 0 or -errno as netns_open(). */
int place_open(struct place *p, struct processes *all, uint64_t now_ms, struct netns *ret)
{
	struct str how = str_of(p->how);

	*ret = (struct netns){ .fd = -1 };
	if (str_starts(how, pid_word))
		return open_pid(all, str_skip(how, pid_word.n), ret);
	if (str_starts(how, container_word))
		return open_container(p, all, now_ms, str_skip(how, container_word.n), ret);
	return netns_open(ret, p->how);
}

static bool is_of(const struct processes *all, pid_t pid, const struct netns *n)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%d/ns/net", all->proc, (int)pid);
	return netns_is_at(n, path);
}

/*
 * Is @n still what is found there? The process that a container was found by may end while the
 * container goes on: then another one of it tells.
 */
bool place_holds(struct place *p, struct processes *all, uint64_t now_ms, const struct netns *n)
{
	struct str how = str_of(p->how);

	if (str_starts(how, pid_word)) {
		how = str_skip(how, pid_word.n);
		return process_is_alive(how) && is_of(all, process_of_mark(how), n);
	}
	if (!str_starts(how, container_word))
		return netns_is_at(n, p->how);
	if (p->pid && is_of(all, p->pid, n))
		return true;
	if (refresh(all, now_ms) < 0)
		return false;
	p->pid = find_container(all, str_skip(how, container_word.n));
	return p->pid && is_of(all, p->pid, n);
}
