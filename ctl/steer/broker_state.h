/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the broker is made of, for its own files: broker.c has its life and the namespaces,
 * broker_link.c what it says to the plane and hears from it, broker_plane.c the process,
 * broker_watchdog.c whether it is well, broker_parting.c how it ends.
 */
#ifndef LATTICE_STEER_BROKER_STATE_H
#define LATTICE_STEER_BROKER_STATE_H

#include "steer/broker.h"
#include "steer/vpc.h"

enum { BROKER_LINGER_MS = 1000 }; /* for a plane that closed its link to end */

struct answer {
	bool is_waiting;
	struct link_msg msg;
	struct link_fds fds;
};

struct broker_watchdog {
	struct timer timer;
	uint64_t wait_ms;  /* the service manager waits so long; 0: it does not */
	uint64_t alive_ms; /* when the plane last answered, or has to */
	bool must_ask, is_well;
};

struct broker_parting {
	struct timer timer;
	uint64_t since_ms, moved_ms;
	uint64_t left; /* bytes */
};

struct broker {
	const struct broker_config *config;
	struct loop loop;
	struct vpc_site site;
	struct watch signals, changes;
	struct timer tick;
	int changes_in; /* inotify watch of /run/netns, -1 while that does not exist */

	pid_t plane; /* 0: none */
	uint64_t plane_since_ms;
	unsigned restart_ms;
	struct timer restart, kill;
	struct watch link;
	struct answer answer;
	struct broker_watchdog watchdog;
	struct broker_parting parting;

	bool is_stopping, was_ready;
	bool is_leaving;  /* stopping, and another broker will follow */
	bool must_reopen; /* the plane has not heard of a SIGHUP yet */
	unsigned untold;  /* VPCs with is_untold */
	struct vpc *vpcs[LATTICE_VPCS_MAX];
};

void broker_tell_later(struct broker *b, struct vpc *v);
void broker_hear_nothing_of(struct broker *b, struct vpc *v);
void broker_drop_vpc(struct broker *b, uint32_t number);

void broker_link_close(struct broker *b);
bool broker_link_flush(struct broker *b);
void broker_link_serve(struct watch *w, uint32_t events);

void broker_part(struct broker *b);

void broker_watchdog_start(struct broker *b);
void broker_watchdog_expect(struct broker *b);
void broker_watchdog_hear(struct broker *b);

void broker_plane_init(struct broker *b);
void broker_plane_start(struct broker *b);
void broker_plane_kill(struct broker *b, const char *why);
void broker_plane_bury(struct broker *b, int status);
void broker_plane_stop(struct broker *b);

#endif
