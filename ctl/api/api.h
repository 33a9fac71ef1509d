/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control API: AWS VPC Lattice's operations and our own under /lattice/v1/, as HTTP on unix
 * sockets. api_new(), api_listen() for each socket, api_free(). All of it runs in the thread of
 * the loop it is given.
 */
#ifndef LATTICE_API_API_H
#define LATTICE_API_API_H

#include "base/str.h"

#include <stdint.h>

struct api;
struct buf;
struct cJSON;
struct hosts;
struct local_ca;
struct loop;
struct pool;
struct quotas;
struct refusal;
struct snapshot;
struct sock_addr;
struct store;
struct vault;

/* What the API asks of, and tells, the process that it runs in. Each may be NULL. */
struct api_hooks {
	/* After a committed write that affects the data path. */
	void (*changed)(void *ctx);
	/* After each request: what may take long had better wait. */
	void (*answered)(void *ctx);
	/* "active", "missing", ... and why, or nothing; borrowed until the next call. */
	struct str (*vpc_state)(void *ctx, uint32_t vpc_number, struct str *ret_reason);
	/* Add members to the answer of GetStatus. */
	void (*status)(void *ctx, struct cJSON *into);
	/* The words for a registered target; *@ret_reason may stay empty. False: it is not known.
	 */
	bool (*target_status)(void *ctx, struct str group_id, const struct sock_addr *addr,
			      struct str *ret_status, struct str *ret_reason);
	/* The @nth deregistered target of the group that still drains. False: no so many. */
	bool (*target_draining)(void *ctx, struct str group_id, size_t nth, struct sock_addr *ret);
	/* The configuration in force; borrowed until the call ends. */
	const struct snapshot *(*snapshot)(void *ctx);
	/* The request @id if it was refused lately, or NULL; borrowed alike. */
	const struct refusal *(*refusal)(void *ctx, struct str id);
	/* What is known of names outside, or NULL; borrowed alike. */
	const struct hosts *(*hosts)(void *ctx);
	/* Write the metrics as OpenMetrics text. */
	void (*metrics)(void *ctx, struct buf *to);
	/* Add what each service did to @items. */
	void (*service_metrics)(void *ctx, struct cJSON *into);
	void *ctx;
};

/* Strings are copied; loop, store and hooks stay the caller's and outlive the API. */
struct api_config {
	struct loop *loop;
	struct store *store;
	struct str region, account;
	const struct api_hooks *hooks;
	const struct quotas *quotas; /* the caller's; NULL: the defaults */
	const struct pool *pool;     /* the caller's; NULL: the default */
	const struct vault *vault;   /* the caller's; NULL: no secret is kept */
	const struct local_ca *ca;   /* the caller's; may be NULL */
};

int api_new(const struct api_config *c, struct api **ret);
int api_listen(struct api *a, int listen_fd);
int api_listen_signed(struct api *a, int listen_fd);
int api_listen_metrics(struct api *a, int listen_fd);
void api_free(struct api *a);

#endif
