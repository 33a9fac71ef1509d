/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the clocks: monotonic for intervals and timers, wall for what people read. */
#include "base/clock.h"

#include <time.h>

static uint64_t read_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Milliseconds since some fixed moment; never steps back. */
uint64_t clock_mono_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

/* Microseconds since some fixed moment; never steps back. */
uint64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

/* Milliseconds since 1970-01-01 UTC; may step. */
uint64_t clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

/* Microseconds since 1970-01-01 UTC; may step. */
uint64_t clock_wall_us(void)
{
	return read_us(CLOCK_REALTIME);
}
