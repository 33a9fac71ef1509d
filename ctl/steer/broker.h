/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The privileged half: fill a struct broker_config and call broker_run(), which returns when
 * SIGTERM or SIGINT has been obeyed and everything is undone, or SIGUSR1 and what the service
 * manager keeps is left to the next one.
 */
#ifndef LATTICE_STEER_BROKER_H
#define LATTICE_STEER_BROKER_H

#include "io/passed.h"
#include "steer/steer.h"

struct broker_config {
	const struct steer_ops *steer;
	struct pool pool;
	unsigned workers;
	int api_fd, access_fd;	/* listeners that each plane gets a copy of */
	int metrics_fd;		/* another one; 0: none */
	int audit_fd, flows_fd; /* the audit and who reads flow logs; 0: none are kept */
	const int *peer_fds;	/* more unix sockets of the API */
	const int *signed_fds;	/* those of the API on TCP */
	unsigned peer_count, signed_count;
	const struct passed *passed; /* by the service manager; the broker's from the start on */
	unsigned passed_count;

	/* Start a process that speaks for the plane on @link_fd. Its pid or -errno. */
	pid_t (*start_plane)(void *context, int link_fd);
	/* The first plane has said LINK_SYNCED, or the broker is on its way out. */
	void (*notify)(void *context, bool is_ready);
	void *context;
};

int broker_run(const struct broker_config *config);

#endif
