/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/latticed/plane_counters.c: rounds through the VPCs that are there. */
#include "latticed/plane_counters.c"
#include "latticed/plane_link.c"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop loop;
static struct plane_link line;
static struct plane_vpcs vpcs;
static struct plane_counters counters;
static int broker;

static int set_up(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(loop_init(&loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	broker = ends[1];
	plane_link_init(&line, &loop, ends[0]);
	vpcs = (struct plane_vpcs){
		.state = { [3] = PLANE_VPC_ACTIVE, [4] = PLANE_VPC_MISSING, [9] = PLANE_VPC_ACTIVE }
	};
	counters = (struct plane_counters){ .loop = &loop, .link = &line, .vpcs = &vpcs };
	assert_int_equal(plane_counters_start(&counters), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(line.watch.fd);
	close(broker);
	loop_fini(&loop);
	return 0;
}

/* Which VPC is asked for; 0: none. */
static uint32_t asked(void)
{
	struct link_fds fds;
	struct link_msg m;

	if (link_recv(broker, &m, &fds))
		return 0;
	assert_int_equal(m.kind, LINK_COUNTERS);
	return m.vpc;
}

static int say(uint32_t vpc, int error, uint64_t steered)
{
	struct link_msg m = { .kind = LINK_COUNTERS, .vpc = vpc, .error = error };

	steer_counters_set(&m.counters, STEER_STEERED, steered);
	return plane_counters_take(&counters, &m);
}

static void one_vpc_is_asked_for_at_a_time(void **state)
{
	(void)state;
	assert_int_equal(asked(), 3);
	assert_int_equal(asked(), 0);
	assert_int_equal(say(3, 0, 7), 0);
	assert_int_equal(asked(), 9);
	assert_int_equal(say(9, 0, 8), 0);
	assert_int_equal(asked(), 0);
	assert_int_equal(counters.at[3].at[STEER_STEERED], 7);
	assert_int_equal(counters.at[9].at[STEER_STEERED], 8);
	assert_true(timer_is_armed(&counters.round));
	timer_disarm(&loop, &counters.round);
	begin_round(&counters.round);
	assert_int_equal(asked(), 3);
}

static void what_cannot_be_had_is_not_known(void **state)
{
	struct link_msg gone = { .kind = LINK_VPC_STATE, .vpc = 9, .error = -ENOENT };

	(void)state;
	say(3, 0, 7);
	say(9, 0, 8);
	plane_counters_vpc(&counters, &gone);
	assert_int_equal(counters.at[9].known, 0);
	timer_disarm(&loop, &counters.round);
	begin_round(&counters.round);
	say(3, -ENOENT, 9);
	assert_int_equal(counters.at[3].known, 0);
}

static void an_answer_that_nobody_asked_for_is_none(void **state)
{
	(void)state;
	assert_int_equal(say(LATTICE_VPCS_MAX, 0, 7), -EBADMSG);
	say(3, 0, 7);
	say(9, 0, 8);
	assert_int_equal(say(3, 0, 9), -EBADMSG);
	assert_int_equal(counters.at[3].at[STEER_STEERED], 7);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_vpc_is_asked_for_at_a_time),
		CASE(what_cannot_be_had_is_not_known),
		CASE(an_answer_that_nobody_asked_for_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
