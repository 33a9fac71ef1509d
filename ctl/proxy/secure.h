/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes before the first request when a client speaks TLS: its hello names the service, that
 * shows its certificate, hands are shaken. secure_begin() when the input looks like it, then
 * secure_run() until it says that requests may follow.
 */
#ifndef LATTICE_PROXY_SECURE_H
#define LATTICE_PROXY_SECURE_H

#include "io/tls_hello.h"
#include "model/snapshot.h"

struct conn;

/* Of a connection over TLS. */
struct secure {
	struct tls_hello hello;
	bool is_ready; /* hands are shaken */
};

bool secure_begin(struct conn *c);
bool secure_run(struct conn *c);
bool secure_is_pending(const struct conn *c);
void secure_expire(struct conn *c);
struct str secure_name(const struct conn *c);

#endif
