/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's connection that speaks HTTP/2: each stream is a request like any other. It begins
 * when the client said so, by ALPN or by its preface, and ends with its struct conn.
 */
#ifndef LATTICE_PROXY_H2_CLIENT_H
#define LATTICE_PROXY_H2_CLIENT_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct h2_client;

bool h2_client_is_preface(struct str input);
struct h2_client *h2_client_new(struct conn *c);
void h2_client_free(struct h2_client *h);
void h2_client_run(struct h2_client *h);
uint64_t h2_client_look(struct h2_client *h);
void h2_client_drain(struct h2_client *h);
void h2_client_leave_vpc(struct h2_client *h, uint32_t vpc);

#endif
