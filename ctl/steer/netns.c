/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, holding and entering network namespaces. */
#include "steer/netns.h"

#include "base/log.h"
#include "base/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/*
 * Hold the namespace at @path. 0 or -errno: -ENOENT when there is none yet, which includes the
 * plain file that `ip netns add` makes before it mounts the namespace there, -EINVAL for any
 * other file. O_PATH first, so that nothing but a namespace is ever really opened: a device or
 * a pipe would notice.
 */
int netns_open(struct netns *n, const char *path)
{
	char self[sizeof("/proc/self/fd/") + 12];
	SCOPED_FD place = -1;
	struct statfs fs;
	struct stat st;
	int fd;

	*n = (struct netns){ .fd = -1 };
	place = open(path, O_PATH | O_CLOEXEC);
	if (place < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	if (fstatfs(place, &fs) || fstat(place, &st))
		return -errno;
	if (fs.f_type != NSFS_MAGIC)
		return S_ISREG(st.st_mode) ? -ENOENT : -EINVAL;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", place);
	fd = open(self, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
		close(fd);
		return -EINVAL;
	}
	*n = (struct netns){ fd, st.st_dev, st.st_ino };
	return 0;
}

/* Hold the namespace that the calling thread is in. 0 or -errno. */
int netns_open_home(struct netns *n)
{
	return netns_open(n, "/proc/thread-self/ns/net");
}

/* Hold the namespace that the socket @fd is of. 0 or -errno. */
int netns_open_of_socket(struct netns *n, int fd)
{
	int of = ioctl(fd, SIOCGSKNS), err;
	struct stat st;

	*n = (struct netns){ .fd = -1 };
	if (of < 0)
		return -errno;
	if (fstat(of, &st)) {
		err = -errno;
		close(of);
		return err;
	}
	*n = (struct netns){ of, st.st_dev, st.st_ino };
	return 0;
}

void netns_close(struct netns *n)
{
	if (n->fd >= 0)
		close(n->fd);
	*n = (struct netns){ .fd = -1 };
}

/* Is what @path leads to now still the namespace that is held? */
bool netns_is_at(const struct netns *n, const char *path)
{
	struct stat st;

	return n->fd >= 0 && stat(path, &st) == 0 && st.st_dev == n->dev && st.st_ino == n->ino;
}

/* Move the calling thread into @n. 0 or -errno, and then it has not moved. */
int netns_enter(const struct netns *n)
{
	return setns(n->fd, CLONE_NEWNET) ? -errno : 0;
}

/* Come home. To go on in another's namespace would be worse than to end. */
void netns_leave(const struct netns *home)
{
	if (setns(home->fd, CLONE_NEWNET)) {
		log_error("cannot return to the home namespace (%s); ending", strerror(errno));
		abort();
	}
}
