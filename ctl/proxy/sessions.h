/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS sessions with targets, for the next connection to each: sessions_keep() what a target gave,
 * sessions_find() before a connection begins. A session is worth something only for the target,
 * name and trust that it was made with, and dies with that version of the target's group.
 */
#ifndef LATTICE_PROXY_SESSIONS_H
#define LATTICE_PROXY_SESSIONS_H

#include "base/list.h"
#include "model/snapshot.h"

struct ssl_session_st;

/* In each worker; the least recently used go. */
enum { SESSIONS_MAX = 256, SESSION_NAME_BYTES_MAX = 255 };

struct session_key {
	uint32_t group; /* its index */
	uint64_t group_serial;
	uint64_t trust_serial; /* 0: nobody was proved */
	uint32_t vpc;
	struct sock_addr addr;
	bool wants_h2;
	struct str name; /* sent as SNI, or proved */
};

/* One worker's. */
struct sessions {
	struct list by_use; /* the most recently used first */
	unsigned count;
};

void sessions_init(struct sessions *s);
void sessions_fini(struct sessions *s);
struct ssl_session_st *sessions_find(struct sessions *s, const struct session_key *k);
void sessions_keep(struct sessions *s, const struct session_key *k, struct ssl_session_st *session);
void sessions_drop(struct sessions *s, const struct session_key *k);
void sessions_sweep(struct sessions *s, const struct snapshot *in_force);
void sessions_forget_vpc(struct sessions *s, uint32_t vpc);

#endif
