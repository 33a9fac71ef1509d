/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/flow_event.c: the module's messages, and what is none of them. */
#include "telemetry/flow_event.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char message[4096];
static size_t length;

static void put_attr(uint16_t type, const void *value, size_t n)
{
	struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + n), .nla_type = type };

	memcpy(message + length, &a, sizeof(a));
	memcpy(message + length + NLA_HDRLEN, value, n);
	length += padded(NLA_HDRLEN + n);
}

/* A message of @count records of @bytes each, appended; its end is the end of all. */
static void put_event(uint8_t cmd, uint32_t bytes, size_t count)
{
	size_t start = length;
	struct nlmsghdr head = { .nlmsg_type = NLMSG_MIN_TYPE + 7 };
	struct genlmsghdr generic = { .cmd = cmd };
	uint64_t lost = 9;
	uint32_t inum = 4711;
	char records[1024] = { 0 };
	size_t i;

	length += NLMSG_HDRLEN;
	memcpy(message + length, &generic, sizeof(generic));
	length += GENL_HDRLEN;
	for (i = 0; i < count; i++)
		records[i * bytes] = (char)(i + 1);
	put_attr(LATTICE_A_NETNS_INUM, &inum, sizeof(inum));
	put_attr(LATTICE_A_LOST, &lost, sizeof(lost));
	put_attr(LATTICE_A_RECORD_SIZE, &bytes, sizeof(bytes));
	put_attr(LATTICE_A_RECORDS, records, bytes * count);
	head.nlmsg_len = (uint32_t)(length - start);
	memcpy(message + start, &head, sizeof(head));
}

static void events_are_read_one_after_another(void **state)
{
	struct lattice_record r;
	struct flow_event e;
	struct str all;

	(void)state;
	length = 0;
	put_event(LATTICE_CMD_AUDIT_EVENT, sizeof(r), 2);
	put_event(LATTICE_CMD_STATUS_GET, sizeof(r), 1);
	put_event(LATTICE_CMD_AUDIT_EVENT, sizeof(r) + 8, 1);
	all = (struct str){ message, length };
	assert_true(flow_event_next(&all, &e));
	assert_int_equal(e.inum, 4711);
	assert_int_equal(e.lost, 9);
	assert_true(flow_event_record(&e, 1, &r));
	assert_int_equal(r.kind, 2);
	assert_false(flow_event_record(&e, 2, &r));
	assert_true(flow_event_next(&all, &e)); /* of a later module: longer records */
	assert_true(flow_event_record(&e, 0, &r));
	assert_false(flow_event_record(&e, 1, &r));
	assert_false(flow_event_next(&all, &e));
}

static void what_is_cut_short_is_passed_over(void **state)
{
	struct flow_event e;
	struct str all;
	size_t n;

	(void)state;
	length = 0;
	put_event(LATTICE_CMD_AUDIT_EVENT, sizeof(struct lattice_record), 1);
	for (n = 0; n < length; n++) {
		all = (struct str){ message, n };
		assert_false(flow_event_next(&all, &e));
	}
	length = 0;
	put_event(LATTICE_CMD_AUDIT_EVENT, sizeof(struct lattice_record) - 8, 1);
	all = (struct str){ message, length };
	assert_false(flow_event_next(&all, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_read_one_after_another),
		cmocka_unit_test(what_is_cut_short_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
