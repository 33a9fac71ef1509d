/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that is killed at any moment, 100 times, while it makes target groups with targets:
 * what it was granted is there afterwards, what it was not is there whole or not at all.
 */
#include "conversation.h"

#include "api/quota.h"

#include <signal.h>
#include <sys/wait.h>

enum { KILLS = 100, TARGETS = 3 };

/* What a line of the victim says: it asks for a group or its targets, and was granted them. */
enum word { ASK_GROUP = 'a', GROUP = 'g', TARGETS_TOO = 't' };

static void say(int fd, enum word word)
{
	char c = (char)word;

	if (write(fd, &c, 1) != 1)
		_exit(1);
}

/* Make groups until killed. */
static void be_victim(struct fixture *f, int fd, const char *vpc, unsigned round)
{
	struct quotas quotas;
	unsigned i;

	/* A slow machine's victims live longer, and make more than an account may have. */
	quotas_init(&quotas);
	quotas.max[QUOTA_TARGET_GROUPS] = UINT32_MAX;
	open_store(f);
	f->on.quotas = &quotas;
	for (i = 0;; i++) {
		say(fd, ASK_GROUP);
		if (ask(f, "POST", "/targetgroups",
			fmt("{\"name\":\"g%u-%u\",\"type\":\"IP\",\"config\":{\"port\":80,"
			    "\"protocol\":\"HTTP\",\"vpcIdentifier\":\"%s\"}}",
			    round, i, vpc)) != 201)
			_exit(1);
		keep_id(f, f->group);
		say(fd, GROUP);
		if (ask(f, "POST", fmt("/targetgroups/%s/registertargets", f->group),
			"{\"targets\":[{\"id\":\"10.0.0.1\"},{\"id\":\"10.0.0.2\"},"
			"{\"id\":\"10.0.0.3\"}]}") != 200)
			_exit(1);
		say(fd, TARGETS_TOO);
	}
}

/* What a victim said before it died: how many groups it asked for, was granted, and with targets.
 */
struct said {
	unsigned asked, groups, whole;
};

static void hear(struct said *s, const char *words, ssize_t n)
{
	ssize_t i;

	for (i = 0; i < n; i++) {
		s->asked += words[i] == ASK_GROUP;
		s->groups += words[i] == GROUP;
		s->whole += words[i] == TARGETS_TOO;
	}
}

/* Kill @victim when it has been granted something, after some microseconds more. */
static struct said kill_after(pid_t victim, int fd, unsigned grants, unsigned us)
{
	struct said s = { 0 };
	char words[64];
	ssize_t n;
	int status;

	while (s.groups + s.whole < grants && (n = read(fd, words, sizeof(words))) > 0)
		hear(&s, words, n);
	usleep(us);
	kill(victim, SIGKILL);
	while ((n = read(fd, words, sizeof(words))) > 0)
		hear(&s, words, n);
	assert_int_equal(waitpid(victim, &status, 0), victim);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return s;
}

static size_t count_targets(struct fixture *f, const char *group)
{
	assert_int_equal(ask(f, "POST", fmt("/targetgroups/%s/listtargets", group), ""), 200);
	return (size_t)items(f);
}

/* The groups of @round that there are, each with all targets or none. */
static void check_round(struct fixture *f, unsigned round, const struct said *s)
{
	unsigned i, there = 0, whole = 0;
	struct store_query q = { .kind = KIND_TARGET_GROUP, .account = STR("123456789012") };
	struct fault fault;
	struct arena arena;
	struct record *r;

	for (i = 0; i <= s->asked; i++) {
		char name[32];
		size_t targets;

		snprintf(name, sizeof(name), "g%u-%u", round, i);
		q.name = str_of(name);
		arena_init(&arena, 1 << 20);
		assert_int_equal(store_list(f->s, &q, &arena, &r, &fault), 0);
		if (r) {
			targets = count_targets(f, arena_cstr(&arena, r->id));
			assert_true(targets == 0 || targets == TARGETS);
			there++;
			whole += targets == TARGETS;
		}
		arena_fini(&arena);
	}
	/* One answer may have been on its way. */
	assert_true(there == s->groups || (there == s->groups + 1 && there == s->asked));
	assert_true(whole == s->whole || (whole == s->whole + 1 && whole <= s->groups));
}

static void a_killed_process_loses_nothing_that_it_granted(void **state)
{
	struct fixture *f = *state;
	unsigned round, granted = 0;
	char vpc[64];

	assert_int_equal(ask(f, "POST", "/lattice/v1/vpcs", "{\"name\":\"blue\"}"), 201);
	keep_id(f, vpc);
	for (round = 0; round < KILLS; round++) {
		int ends[2];
		struct said s;
		pid_t victim;

		store_close(f->s);
		f->s = NULL;
		assert_int_equal(pipe(ends), 0);
		victim = fork();
		assert_true(victim >= 0);
		if (victim == 0) {
			close(ends[0]);
			be_victim(f, ends[1], vpc, round);
		}
		close(ends[1]);
		s = kill_after(victim, ends[0], 1 + round % 7, round * 1237 % 5000);
		close(ends[0]);
		open_store(f);
		check_round(f, round, &s);
		granted += s.groups;
	}
	assert_true(granted > KILLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_killed_process_loses_nothing_that_it_granted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
