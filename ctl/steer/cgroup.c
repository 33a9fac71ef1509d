/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup's id is the handle of its directory: the kernel opens it by that, and says where it is.
 * Nothing is searched, and a cgroup that was made a moment ago is found like any other.
 */
#include "steer/cgroup.h"

#include "base/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>

/* Where cgroup v2 is mounted: alone, or beside the hierarchies of version 1. */
static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

/* FILEID_KERNFS of the kernel's exportfs.h. */
enum { HANDLE_TYPE = 0xfe };

/* A handle as open_by_handle_at() has it, with the id for its bytes. */
struct id_handle {
	struct file_handle head;
	uint64_t id;
};

static int open_root(const char **ret_mount)
{
	struct statfs fs;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		fd = open(mounts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC) {
			*ret_mount = mounts[i];
			return fd;
		}
		close(fd);
	}
	return -ENODEV;
}

/*
 * Write @path, or as many of its first parts as fit, to @to, terminated. The rule of an ancestor is
 * for what is below it too, so that what is cut off can only make a closer rule be missed.
 */
void cgroup_fit_path(struct str path, char *to, size_t room)
{
	size_t n = path.n;

	if (n >= room) {
		n = room - 1;
		while (n > 1 && path.p[n] != '/')
			n--;
	}
	memcpy(to, path.p, n);
	to[n] = '\0';
}

/* Write the path of the cgroup @id, "/" or "/a/b", to @to. 0 or -errno: -ESTALE when it is gone. */
int cgroup_find_path(uint64_t id, char *to, size_t room)
{
	struct id_handle handle = { { .handle_bytes = sizeof(id), .handle_type = HANDLE_TYPE },
				    id };
	const char *mount = NULL;
	SCOPED_FD root = open_root(&mount), fd = -1;
	char link[64], path[PATH_MAX];
	struct str found;
	ssize_t n;

	if (root < 0)
		return root;
	fd = open_by_handle_at(root, &handle.head, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	if (n < 0)
		return -errno;
	found = (struct str){ path, (size_t)n };
	if (!str_starts(found, str_of(mount)))
		return -ESTALE;
	found = str_skip(found, strlen(mount));
	cgroup_fit_path(found.n ? found : STR("/"), to, room);
	return 0;
}
