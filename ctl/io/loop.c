/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: epoll for fds, a timer wheel for time. A watch may be removed, and its owner
 * freed, from any callback: what epoll had already reported for it is struck out of the batch.
 */
#include "io/loop.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

static void read_clock(struct loop *l)
{
	l->now_us = clock_mono_us();
	l->now_ms = l->now_us / 1000;
}

/* An empty loop. Returns 0 or -errno; on failure @l holds nothing. */
int loop_init(struct loop *l)
{
	size_t i;

	*l = (struct loop){ 0 };
	read_clock(l);
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return -errno;
	l->tick = l->now_ms / LOOP_TICK_MS;
	for (i = 0; i < LOOP_WHEEL_SLOTS; i++)
		list_init(&l->wheel[i]);
	list_init(&l->turn_end);
	list_init(&l->late);
	return 0;
}

/* Close the loop. Watches and timers that are still in it are their owners' affair. */
void loop_fini(struct loop *l)
{
	close(l->epoll_fd);
	l->epoll_fd = -1;
}

/* Watch w->fd for @events (EPOLL flags). Returns 0 or -errno. */
int loop_add(struct loop *l, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	assert(w->ready && w->fd >= 0);
	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, w->fd, &e) ? -errno : 0;
}

/* Watch for other @events from now on. Returns 0 or -errno. */
int loop_modify(struct loop *l, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	return epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, w->fd, &e) ? -errno : 0;
}

/* Stop watching; @w is not called again and may be freed. Its fd stays open and is the caller's. */
void loop_remove(struct loop *l, struct watch *w)
{
	int i;

	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	for (i = l->event_next; i < l->event_count; i++) {
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
	}
}

/* There is more to do at the end of the next turn: let it not wait for events. */
void loop_hurry(struct loop *l)
{
	l->is_hurried = true;
}

/* Call @t after every turn, for as long as the loop lives. */
void loop_each_turn(struct loop *l, struct turn_end *t)
{
	list_add_tail(&l->turn_end, &t->link);
}

/* Call @t once, at the end of this turn, unless its link is removed before. */
void loop_late(struct loop *l, struct turn_end *t)
{
	if (!turn_end_is_late(t))
		list_add_tail(&l->late, &t->link);
}

/*
 * Call t->expired once, @delay_ms from the current turn, give or take a tick, never early.
 * A timer that is armed already is moved.
 */
void timer_arm(struct loop *l, struct timer *t, uint64_t delay_ms)
{
	uint64_t tick;

	assert(t->expired);
	timer_disarm(l, t);
	t->due_ms = l->now_ms + delay_ms;
	tick = (t->due_ms + LOOP_TICK_MS - 1) / LOOP_TICK_MS;
	if (tick <= l->tick)
		tick = l->tick + 1;
	tick %= LOOP_WHEEL_SLOTS;
	list_add_tail(&l->wheel[tick], &t->link);
	l->occupied[tick / 64] |= UINT64_C(1) << tick % 64;
	l->timers++;
}

/* Forget @t; nothing happens when it is not armed. */
void timer_disarm(struct loop *l, struct timer *t)
{
	if (!timer_is_armed(t))
		return;
	list_remove(&t->link);
	l->timers--;
}

/* Expire what is due in slot @i; what is a turn of the wheel or more away stays. */
static void visit_slot(struct loop *l, unsigned i)
{
	struct list *slot = &l->wheel[i];
	struct list visit;

	list_init(&visit);
	list_splice_tail(&visit, slot);
	while (!list_empty(&visit)) {
		struct timer *t = list_entry(visit.next, struct timer, link);

		list_remove(&t->link);
		if (t->due_ms > l->now_ms) {
			list_add_tail(slot, &t->link);
			continue;
		}
		l->timers--;
		t->expired(t);
	}
	if (list_empty(slot))
		l->occupied[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static void run_timers(struct loop *l)
{
	uint64_t now_tick = l->now_ms / LOOP_TICK_MS;
	uint64_t missed = now_tick - l->tick;

	/* After a long pause every slot is visited once, not once a missed turn. */
	if (missed > LOOP_WHEEL_SLOTS)
		l->tick = now_tick - LOOP_WHEEL_SLOTS;
	while (l->tick < now_tick) {
		l->tick++;
		visit_slot(l, l->tick % LOOP_WHEEL_SLOTS);
	}
}

/* How many ticks after the last visited one the first slot comes that may hold a timer. */
static unsigned next_occupied(const struct loop *l)
{
	unsigned ahead = 1;

	while (ahead < LOOP_WHEEL_SLOTS) {
		unsigned i = (unsigned)((l->tick + ahead) % LOOP_WHEEL_SLOTS);
		uint64_t word = l->occupied[i / 64] >> i % 64;

		if (word)
			return ahead + (unsigned)__builtin_ctzll(word);
		ahead += 64 - i % 64;
	}
	return LOOP_WHEEL_SLOTS;
}

/* How long epoll may wait: to the first slot that may hold a timer. */
static int wait_ms(const struct loop *l)
{
	uint64_t at_ms;

	if (l->is_hurried)
		return 0;
	if (!l->timers)
		return -1;
	at_ms = (l->tick + next_occupied(l)) * LOOP_TICK_MS;
	return at_ms > l->now_ms ? (int)(at_ms - l->now_ms) : 0;
}

static void run_turn_ends(struct loop *l)
{
	struct list *pos, *after;

	list_each_safe (pos, after, &l->turn_end) {
		struct turn_end *t = list_entry(pos, struct turn_end, link);

		t->run(t);
	}
	while (!list_empty(&l->late)) {
		struct turn_end *t = list_entry(l->late.next, struct turn_end, link);

		list_remove(&t->link);
		t->run(t);
	}
}

static void deliver(struct loop *l)
{
	while (l->event_next < l->event_count) {
		struct epoll_event *e = &l->events[l->event_next++];
		struct watch *w = e->data.ptr;

		if (w)
			w->ready(w, e->events);
	}
}

/* Serve events and timers until loop_stop(). */
void loop_run(struct loop *l)
{
	while (!l->stopping) {
		int n = epoll_wait(l->epoll_fd, l->events, LOOP_EVENTS_MAX, wait_ms(l));

		read_clock(l);
		l->is_hurried = false;
		l->event_next = 0;
		l->event_count = n > 0 ? n : 0;
		deliver(l);
		run_timers(l);
		run_turn_ends(l);
	}
}

/* Make loop_run() return after this turn. */
void loop_stop(struct loop *l)
{
	l->stopping = true;
}
