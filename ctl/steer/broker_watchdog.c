/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service manager ends a daemon that does not say in time that it is well. It is when the
 * broker's loop turns and the plane's control thread answers: who would not serve changes any more
 * is not well either. Between planes the broker is enough.
 */
#include "base/log.h"
#include "io/notify.h"
#include "steer/broker_state.h"

enum {
	PARTS = 4,		  /* it is asked so often in the time that the manager waits */
	START_MS = 5 * 60 * 1000, /* for a plane to read its store */
};

static bool is_well(const struct broker *b)
{
	const struct broker_watchdog *w = &b->watchdog;

	return !b->plane || b->is_stopping || b->loop.now_ms <= w->alive_ms + w->wait_ms / 2;
}

static void look(struct timer *t)
{
	struct broker *b = container_of(t, struct broker, watchdog.timer);
	bool was_well = b->watchdog.is_well;

	b->watchdog.is_well = is_well(b);
	if (b->watchdog.is_well)
		notify_send(STR("WATCHDOG=1"));
	else if (was_well)
		log_error("the plane's control thread does not answer; the service manager is not "
			  "told that all is well pid=%d",
			  (int)b->plane);
	b->watchdog.must_ask = true;
	broker_link_flush(b);
	timer_arm(&b->loop, t, b->watchdog.wait_ms / PARTS);
}

/* Begin, where the service manager waits for such words. */
void broker_watchdog_start(struct broker *b)
{
	b->watchdog.timer.expired = look;
	b->watchdog.wait_ms = notify_watchdog_ms();
	if (b->watchdog.wait_ms)
		look(&b->watchdog.timer);
}

/* A plane was started: it cannot answer yet. */
void broker_watchdog_expect(struct broker *b)
{
	b->watchdog.must_ask = false;
	b->watchdog.alive_ms = b->loop.now_ms + START_MS;
}

/* The plane has answered. */
void broker_watchdog_hear(struct broker *b)
{
	b->watchdog.alive_ms = b->loop.now_ms;
}
