/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Written by the tool and not by the daemon: it is a file of the host's administrator, who is
 * asking for it. Its first line says whose it is, and only such a file is written over or removed.
 */
#include "latticectl/resolv_conf.h"

#include "base/scoped.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char mark[] = "# written by latticectl vpc add --resolv-conf\n";
static const char text[] = "# written by latticectl vpc add --resolv-conf\n"
			   "nameserver 169.254.169.253\n"
			   "nameserver fd00:ec2::253\n";

enum { PATH_BYTES = PATH_MAX };

/* The directory of the namespace at @netns, and the file in it. False when it has none. */
static bool find_paths(const char *netns, char dir[PATH_BYTES], char file[PATH_BYTES + 16])
{
	static const char prefix[] = "/run/netns/";
	struct str name = str_of(netns);

	if (!str_starts(name, str_of(prefix)))
		return false;
	name = str_skip(name, sizeof(prefix) - 1);
	if (!name.n || memchr(name.p, '/', name.n))
		return false;
	if (snprintf(dir, PATH_BYTES, "/etc/netns/" STR_FMT, STR_ARG(name)) >= PATH_BYTES)
		return false;
	snprintf(file, PATH_BYTES + 16, "%s/resolv.conf", dir);
	return true;
}

static bool is_ours(const char *file)
{
	SCOPED_FD fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char start[sizeof(mark) - 1];

	return fd >= 0 && read(fd, start, sizeof(start)) == sizeof(start) &&
	       memcmp(start, mark, sizeof(start)) == 0;
}

static enum exit_status refuse(const char *file, const char *why)
{
	fprintf(stderr, "latticectl: cannot write %s: %s; nothing is changed\n", file, why);
	return STATUS_REFUSED;
}

static int make_dir(const char *path)
{
	return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
}

/* Write the file for the namespace at @netns, unless there is one that is not ours. */
enum exit_status resolv_conf_write(const char *netns)
{
	char dir[PATH_BYTES], file[PATH_BYTES + 16];
	SCOPED_FD fd = -1;

	if (!find_paths(netns, dir, file))
		return refuse("resolv.conf", "the namespace is not one of /run/netns");
	if (is_ours(file))
		return STATUS_DONE;
	if (make_dir("/etc/netns") || make_dir(dir))
		return refuse(file, strerror(errno));
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return refuse(file, errno == EEXIST ? "there is one already" : strerror(errno));
	if (write(fd, text, sizeof(text) - 1) != sizeof(text) - 1) {
		unlink(file);
		return refuse(file, strerror(errno));
	}
	return STATUS_DONE;
}

/* Remove the file for the namespace at @netns if it is ours, and the directory if it is empty. */
void resolv_conf_remove(const char *netns)
{
	char dir[PATH_BYTES], file[PATH_BYTES + 16];

	if (!find_paths(netns, dir, file) || !is_ours(file))
		return;
	if (unlink(file))
		fprintf(stderr, "latticectl: %s stays: %s\n", file, strerror(errno));
	else
		rmdir(dir);
}
