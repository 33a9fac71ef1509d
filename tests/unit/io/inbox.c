/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/io/inbox.c: letters of many threads, all of them, each sender's in order. */
#include "io/inbox.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SENDERS = 4, LETTERS = 20000 };

struct note {
	struct letter letter; /* kind: the sender */
	unsigned number;
};

struct office {
	struct loop loop;
	struct inbox inbox;
	unsigned next[SENDERS], total;
};

struct sender {
	struct office *office;
	int number;
	pthread_t thread;
};

static void open_note(struct inbox *i, struct letter *l)
{
	struct office *o = container_of(i, struct office, inbox);
	struct note *n = container_of(l, struct note, letter);

	assert_int_equal(n->number, o->next[l->kind]++);
	free(n);
	if (++o->total == SENDERS * LETTERS)
		loop_stop(&o->loop);
}

static void *send_notes(void *arg)
{
	struct sender *s = arg;
	unsigned i;

	for (i = 0; i < LETTERS; i++) {
		struct note *n = calloc(1, sizeof(*n));

		n->letter.kind = s->number;
		n->number = i;
		inbox_send(&s->office->inbox, &n->letter);
	}
	return NULL;
}

static void all_letters_arrive_in_the_order_of_their_sender(void **state)
{
	static struct office o;
	struct sender s[SENDERS];
	int i;

	(void)state;
	assert_int_equal(loop_init(&o.loop), 0);
	assert_int_equal(inbox_init(&o.inbox, &o.loop, open_note), 0);
	for (i = 0; i < SENDERS; i++) {
		s[i] = (struct sender){ .office = &o, .number = i };
		assert_int_equal(pthread_create(&s[i].thread, NULL, send_notes, &s[i]), 0);
	}
	loop_run(&o.loop);
	for (i = 0; i < SENDERS; i++) {
		pthread_join(s[i].thread, NULL);
		assert_int_equal(o.next[i], LETTERS);
	}
	inbox_fini(&o.inbox, &o.loop);
	loop_fini(&o.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_letters_arrive_in_the_order_of_their_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
