/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is connected to the API, by what is known of them, and who has to go when there are too
 * many. A limit is shared by nobody but those of its own standing, and within it the one who takes
 * most gives way first, so that no crowd keeps others out.
 */
#ifndef LATTICE_API_GUESTS_H
#define LATTICE_API_GUESTS_H

#include "base/list.h"

#include <stdint.h>

/* What is known of the peer of a connection. */
enum guest_standing {
	GUEST_ADMIN,	/* on the own socket, by its credentials */
	GUEST_STRANGER, /* there, without the right to anything */
	GUEST_SCRAPER,	/* on the listener for metrics: anybody, for them alone */
	GUEST_UNSIGNED, /* where signatures are required: has shown none yet */
	GUEST_SIGNER,	/* there: has signed rightly */
	GUEST_STANDINGS,
};

/* Part of a connection. */
struct guest {
	struct list link; /* by when it was admitted or last seen */
	enum guest_standing standing;
	uint64_t crowd; /* whom it belongs to: those of one crowd count together */
};

/* Everybody who is connected. */
struct guests {
	struct list by_standing[GUEST_STANDINGS];
	unsigned counts[GUEST_STANDINGS];
};

void guests_init(struct guests *g);
struct guest *guests_admit(struct guests *g, struct guest *new, enum guest_standing standing,
			   uint64_t crowd);
struct guest *guests_see(struct guests *g, struct guest *seen, enum guest_standing standing,
			 uint64_t crowd);
void guests_leave(struct guests *g, struct guest *gone);
bool guests_is_full(const struct guests *g, enum guest_standing standing);

#endif
