/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one thread tells another something: letters in a list under a short lock, and an eventfd
 * that wakes the receiver's loop. Letters arrive in the order in which they were sent.
 */
#ifndef LATTICE_IO_INBOX_H
#define LATTICE_IO_INBOX_H

#include "io/loop.h"

#include <pthread.h>

/* Put first in the message; the receiver's @open gets it and owns it. */
struct letter {
	struct list link;
	int kind;
};

struct inbox {
	/* owner: the receiving thread */
	struct watch watch;
	void (*open)(struct inbox *i, struct letter *l);

	/* lock */
	pthread_mutex_t lock;
	struct list letters;
};

int inbox_init(struct inbox *i, struct loop *l, void (*open)(struct inbox *, struct letter *))
	__attribute__((warn_unused_result));
void inbox_fini(struct inbox *i, struct loop *l);
void inbox_send(struct inbox *i, struct letter *letter);

#endif
