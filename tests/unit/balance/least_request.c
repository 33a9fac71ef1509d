/* SPDX-License-Identifier: Apache-2.0 */
/* The least busy target is chosen, also after the group has changed. */
#include "balance/least_request.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { TARGETS = 4 };

struct fixture {
	struct snap_target targets[TARGETS];
	struct snap_target_group group;
	struct round_robin turns;
	struct least_request least;
};

static void begin(struct fixture *f)
{
	size_t i;

	*f = (struct fixture){ .group = { .target_count = TARGETS, .serial = 1 } };
	f->group.targets = f->targets;
	for (i = 0; i < TARGETS; i++)
		f->targets[i].addr =
			(struct sock_addr){ .family = AF_INET, .port = (uint16_t)(i + 1) };
}

static void end(struct fixture *f)
{
	round_robin_fini(&f->turns);
	least_request_fini(&f->least);
}

static size_t take(struct fixture *f, struct least_ticket *t)
{
	return (size_t)(least_request_begin(&f->least, &f->turns, &f->group, t) - f->targets);
}

static void equally_busy_targets_take_turns(void **state)
{
	unsigned seen[TARGETS] = { 0 };
	struct least_ticket t;
	struct fixture f;
	size_t i;

	(void)state;
	begin(&f);
	for (i = 0; i < 5 * TARGETS; i++) {
		seen[take(&f, &t)]++;
		least_request_end(&f.least, &t);
	}
	for (i = 0; i < TARGETS; i++)
		assert_int_equal(seen[i], 5);
	end(&f);
}

static void who_is_slow_gets_no_more(void **state)
{
	struct least_ticket slow, t[3 * TARGETS];
	struct fixture f;
	size_t i, at;

	(void)state;
	begin(&f);
	at = take(&f, &slow);
	for (i = 0; i < TARGETS - 1; i++)
		assert_int_not_equal(take(&f, &t[i]), at);
	/* All have one now. */
	for (i = 0; i < TARGETS - 1; i++)
		least_request_end(&f.least, &t[i]);
	for (i = 0; i < 3 * TARGETS; i++) {
		assert_int_not_equal(take(&f, &t[0]), at);
		least_request_end(&f.least, &t[0]);
	}
	least_request_end(&f.least, &slow);
	least_request_end(&f.least, &slow); /* no more than once */
	for (i = 0; i < TARGETS; i++)
		assert_int_equal(f.least.at[i].requests, 0);
	end(&f);
}

static void counts_follow_a_target_to_another_place(void **state)
{
	struct least_ticket busy, t;
	struct sock_addr addr;
	struct fixture f;
	size_t i;

	(void)state;
	begin(&f);
	addr = f.targets[take(&f, &busy)].addr;
	/* Another version of the group, the other way round and without the last. */
	f.group.serial = 2;
	f.group.target_count = TARGETS - 1;
	for (i = 0; i < TARGETS - 1; i++)
		f.targets[i].addr.port = (uint16_t)(TARGETS - 1 - i);
	for (i = 0; i < 10; i++) {
		assert_int_not_equal(f.targets[take(&f, &t)].addr.port, addr.port);
		least_request_end(&f.least, &t);
	}
	least_request_end(&f.least, &busy);
	for (i = 0; i < TARGETS - 1; i++)
		assert_int_equal(f.least.at[i].requests, 0);
	end(&f);
}

static void those_that_are_out_get_nothing(void **state)
{
	struct least_ticket t;
	struct fixture f;
	size_t i;

	(void)state;
	begin(&f);
	f.targets[0].is_out = f.targets[2].is_out = true;
	f.group.changes++;
	for (i = 0; i < 10; i++)
		assert_int_equal(take(&f, &t) % 2, 1);
	f.group.serial = 2;
	f.group.target_count = 0;
	assert_null(least_request_begin(&f.least, &f.turns, &f.group, &t));
	assert_false(t.is_counted);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equally_busy_targets_take_turns),
		cmocka_unit_test(who_is_slow_gets_no_more),
		cmocka_unit_test(counts_follow_a_target_to_another_place),
		cmocka_unit_test(those_that_are_out_get_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
