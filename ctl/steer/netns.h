/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network namespaces: netns_open() one by path, netns_enter() it with the calling thread,
 * netns_leave() to come home again (netns_open_home(), once). Holding one open keeps it alive.
 */
#ifndef LATTICE_STEER_NETNS_H
#define LATTICE_STEER_NETNS_H

#include <stdbool.h>
#include <sys/types.h>

/* One namespace, held by its fd (-1: none) and told from others by device and inode. */
struct netns {
	int fd;
	dev_t dev;
	ino_t ino;
};

int netns_open(struct netns *n, const char *path);
int netns_open_home(struct netns *n);
int netns_open_of_socket(struct netns *n, int fd);
void netns_close(struct netns *n);
bool netns_is_at(const struct netns *n, const char *path);
int netns_enter(const struct netns *n) __attribute__((warn_unused_result));
void netns_leave(const struct netns *home);

#endif
