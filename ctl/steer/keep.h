/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service manager keeps while one broker follows another: the sockets of each namespace,
 * under the name of that namespace. keep_init() with what was passed at start; a VPC that moves in
 * takes what is its namespace's (keep_take()), and has the manager keep what it has then
 * (keep_store()) until it is over (keep_forget()). Without a manager nothing of this happens.
 */
#ifndef LATTICE_STEER_KEEP_H
#define LATTICE_STEER_KEEP_H

#include "io/passed.h"
#include "steer/link.h"

#include <stdbool.h>

enum {
	KEEP_FDS_MAX = PASSED_MAX, /* what is kept beyond that could not be passed again */
	/* Handoff, name server, and the socket of the module. */
	KEEP_SET_MAX = LINK_FDS_MAX + 1,
	KEEP_NAME_BYTES = 16, /* "net-4026532281", terminated */
};

enum kept_kind { KEPT_HANDOFF, KEPT_RESOLVER, KEPT_MODULE };

struct kept {
	ino_t ino; /* of the namespace */
	enum kept_kind kind;
	unsigned family;
	int type;
	int fd;
};

/* What is kept of one namespace, and not taken yet. */
struct kept_set {
	struct kept at[KEEP_SET_MAX];
	unsigned count;
};

struct keep {
	bool is_on;	     /* there is a manager */
	unsigned room;	     /* how many fds it may still get */
	struct kept *passed; /* not taken yet */
	unsigned passed_count;
};

ino_t keep_name_parse(struct str name);
int keep_init(struct keep *k, const struct passed *passed, unsigned count);
void keep_fini(struct keep *k);
void keep_take(struct keep *k, ino_t ino, struct kept_set *ret);
ino_t keep_find_left(const struct keep *k, int *ret_fd);
bool keep_store(struct keep *k, ino_t ino, const int *fds, unsigned count);
void keep_forget(struct keep *k, ino_t ino, unsigned count);

int kept_set_take(struct kept_set *s, enum kept_kind kind, unsigned family, int type);
unsigned kept_set_close(struct kept_set *s);

#endif
