/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the API for one command line: faults go to stderr here, answers to the caller. */
#ifndef LATTICE_LATTICECTL_SESSION_H
#define LATTICE_LATTICECTL_SESSION_H

#include "io/sock.h"
#include "latticectl/command.h"

struct cJSON;

struct session {
	const char *socket;   /* path of the API's socket */
	struct sock_addr tcp; /* in its place; family AF_UNSPEC: none */
	const char *account;  /* acted for; NULL: the daemon's own */
	bool json;	      /* print the API's own JSON */
};

/* Both take @members, which may be NULL. *@ret is the caller's to delete; NULL without a body. */
enum exit_status session_call(struct session *s, const char *operation, struct cJSON *members,
			      struct cJSON **ret);
/* All pages of a list as one. */
enum exit_status session_list(struct session *s, const char *operation, struct cJSON *members,
			      struct cJSON **ret);

/* Call and print. */
enum exit_status session_show(struct session *s, const char *operation, struct cJSON *members);
/* The same with @members that are only whole when @status says so; else drop them and return it. */
enum exit_status session_show_if(struct session *s, enum exit_status status, const char *operation,
				 struct cJSON *members);
enum exit_status session_table(struct session *s, const char *operation, struct cJSON *members,
			       const char *columns);

#endif
