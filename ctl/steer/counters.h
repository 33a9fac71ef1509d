/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of connection attempts, and of packets that are none, in one namespace, as far as
 * the way it is steered counts it.
 */
#ifndef LATTICE_STEER_COUNTERS_H
#define LATTICE_STEER_COUNTERS_H

#include <stdint.h>

enum steer_counter {
	STEER_STEERED,	  /* handed to a handoff socket */
	STEER_NO_SOCKET,  /* refused: no handoff socket listened */
	STEER_FILTERED,	  /* refused: no rule of a security group admits the client */
	STEER_NO_SERVICE, /* refused: no service there */
	STEER_NOT_TCP,	  /* refused: another protocol */
	STEER_MALFORMED,  /* dropped */
	STEER_VERDICTS,
	STEER_AUDIT_LOST = STEER_VERDICTS, /* audit events that nobody took in time */
	STEER_COUNTERS,
};

struct steer_counters {
	uint32_t known; /* which are: a bit each */
	uint64_t at[STEER_COUNTERS];
};

static inline void steer_counters_set(struct steer_counters *c, enum steer_counter which,
				      uint64_t value)
{
	c->known |= 1U << which;
	c->at[which] = value;
}

#endif
