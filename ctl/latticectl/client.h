/* SPDX-License-Identifier: Apache-2.0 */
/* One blocking HTTP/1.1 exchange with the control API, over its Unix socket or signed over TCP. */
#ifndef LATTICE_LATTICECTL_CLIENT_H
#define LATTICE_LATTICECTL_CLIENT_H

#include "io/sock.h"

struct cJSON;

enum { CLIENT_ERROR_TYPE_MAX = 64 };

struct client_reply {
	unsigned status;
	char error_type[CLIENT_ERROR_TYPE_MAX]; /* of x-amzn-errortype; may be empty */
	struct cJSON *body; /* the caller's to delete; NULL when there is none */
};

/* Returns a socket connected to @path, or a negative errno. */
int client_connect(const char *path);

/* Whom to ask, and for whom. */
struct client_server {
	const char *path;     /* of the API's socket */
	struct sock_addr tcp; /* in its place, signing; family AF_UNSPEC: none */
	const char *account;  /* NULL: the daemon's own */
};

/* @body may be empty. Returns -EPROTO when the answer is not HTTP and JSON. */
int client_call(const struct client_server *server, const char *method, struct str target,
		struct str body, struct client_reply *ret);

#endif
