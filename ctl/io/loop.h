/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread's event loop over epoll: loop_init(), add watches and timers, loop_run() until
 * loop_stop(). Everything here belongs to the thread that runs the loop; other threads reach it
 * through an inbox (io/inbox.h).
 */
#ifndef LATTICE_IO_LOOP_H
#define LATTICE_IO_LOOP_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop;

/* One fd that is watched; embedded in its owner, who keeps it alive until loop_remove(). */
struct watch {
	int fd;
	void (*ready)(struct watch *w, uint32_t events);
};

/* One moment to be called at; embedded in its owner. All-zero is a disarmed timer. */
struct timer {
	struct list link;
	uint64_t due_ms;
	void (*expired)(struct timer *t);
};

/* Timers hang in a wheel of slots, so that arming and disarming cost a list operation. */
enum { LOOP_WHEEL_SLOTS = 1024, LOOP_TICK_MS = 16 };

enum { LOOP_EVENTS_MAX = 256 };

struct loop {
	int epoll_fd;
	bool stopping;
	bool is_hurried;
	unsigned timers;
	uint64_t now_us; /* monotonic, read once a turn */
	uint64_t now_ms; /* the same */
	uint64_t tick;	 /* the last tick whose slot was visited */
	struct list wheel[LOOP_WHEEL_SLOTS];
	uint64_t occupied[LOOP_WHEEL_SLOTS / 64]; /* slots that may hold timers, a bit each */
	struct list turn_end; /* struct turn_end hooks, called once after each turn */
	struct list late;     /* and those of this turn only, called after them */
	struct epoll_event events[LOOP_EVENTS_MAX];
	int event_count, event_next; /* what of events[] is still to be delivered */
};

/* Something to be done once at the end of each turn: flush logs, free the dead. */
struct turn_end {
	struct list link;
	void (*run)(struct turn_end *t);
};

int loop_init(struct loop *l) __attribute__((warn_unused_result));
void loop_fini(struct loop *l);
int loop_add(struct loop *l, struct watch *w, uint32_t events) __attribute__((warn_unused_result));
int loop_modify(struct loop *l, struct watch *w, uint32_t events);
void loop_remove(struct loop *l, struct watch *w);
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
void loop_hurry(struct loop *l);
void loop_each_turn(struct loop *l, struct turn_end *t);
void loop_late(struct loop *l, struct turn_end *t);

void timer_arm(struct loop *l, struct timer *t, uint64_t delay_ms);
void timer_disarm(struct loop *l, struct timer *t);

/* Is @t, all-zero at first, still to be called at the end of this turn? See loop_late(). */
static inline bool turn_end_is_late(const struct turn_end *t)
{
	return t->link.next && t->link.next != &t->link;
}

static inline bool timer_is_armed(const struct timer *t)
{
	return t->link.next && t->link.next != &t->link;
}

#endif
