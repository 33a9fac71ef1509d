/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wrong requests by the thousand to the module: random commands and attributes, lengths that lie,
 * nests in nests, messages as long as the socket takes. The kernel may refuse them as it likes; a
 * right request must be answered as ever afterwards. Repeats with the same seed.
 *
 *   nl-fuzz MESSAGES SEED
 */
#include "base/num.h"
#include "nl_talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { NEST_MAX = 6, ATTRS_MAX = 12, FILL_MAX = 64, DRAIN_EVERY = 16 };

static uint32_t state = 1;

static uint32_t roll(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static size_t room(const struct nlmsghdr *h)
{
	return 16000 - h->nlmsg_len;
}

/* A payload of a size that some attribute wants, or of none. */
static void put_value(struct nlmsghdr *h, uint16_t type)
{
	static const uint8_t sizes[] = { 0, 1, 2, 4, 8, 16 };
	uint8_t bytes[FILL_MAX];
	size_t n = roll(8) ? sizes[roll(sizeof(sizes))] : roll(FILL_MAX), i;

	for (i = 0; i < n; i++)
		bytes[i] = roll(3) ? (uint8_t)roll(256) : 0;
	mnl_attr_put(h, type, n, bytes);
}

static void put_attrs(struct nlmsghdr *h, int depth)
{
	uint32_t n = roll(ATTRS_MAX);

	while (n-- && room(h) > 2 * FILL_MAX + 64) {
		uint16_t type = (uint16_t)roll(roll(10) ? LATTICE_A_MAX + 2 : 0x4000);

		if (depth < NEST_MAX && !roll(3)) {
			struct nlattr *nest = mnl_attr_nest_start(h, type);

			put_attrs(h, depth + 1);
			mnl_attr_nest_end(h, nest);
			if (!roll(4))
				nest->nla_type &= NLA_TYPE_MASK;
		} else {
			put_value(h, type);
		}
	}
}

/* One entry or rule with everything that belongs to it, so that deeper checks are reached. */
static void put_likely(struct nlmsghdr *h)
{
	bool is_entry = roll(2);
	struct nlattr *nest =
		mnl_attr_nest_start(h, is_entry ? LATTICE_A_ENTRIES : LATTICE_A_RULES);
	uint32_t n = 1 + roll(4);

	while (n--) {
		struct nlattr *one = mnl_attr_nest_start(h, 1);
		uint16_t type;

		for (type = 1; type <= LATTICE_RULE_A_MAX; type++) {
			static const uint8_t entry[] = { 0, 4, 2, 4, 16, 0 };
			static const uint8_t rule[] = { 0, 4, 16, 1, 2, 2 };
			uint8_t bytes[16] = { (uint8_t)roll(256), (uint8_t)roll(4) };

			if (roll(5))
				mnl_attr_put(h, type, is_entry ? entry[type] : rule[type], bytes);
		}
		mnl_attr_nest_end(h, one);
	}
	mnl_attr_nest_end(h, nest);
}

/* Lengths and bytes that lie, after all was put together. */
static void damage(struct nlmsghdr *h)
{
	uint8_t *bytes = (uint8_t *)h;
	uint32_t n = roll(4);

	while (n--) {
		size_t at = NLMSG_HDRLEN + roll(h->nlmsg_len - NLMSG_HDRLEN);

		bytes[at] = (uint8_t)roll(256);
	}
}

static struct nlmsghdr *next_message(void)
{
	struct nlmsghdr *h = nl_begin((uint8_t)(1 + roll(LATTICE_CMD_MAX + 1)));
	struct genlmsghdr *g = mnl_nlmsg_get_payload(h);

	switch (roll(8)) {
	case 0: /* a transaction that may begin and end */
		g->cmd = roll(2) ? LATTICE_CMD_TABLE_BEGIN : LATTICE_CMD_TABLE_COMMIT;
		mnl_attr_put_u64(h, LATTICE_A_GENERATION, roll(3));
		mnl_attr_put_u32(h, LATTICE_A_COUNT, roll(5) ? roll(4) : state);
		if (roll(2))
			mnl_attr_put_u32(h, LATTICE_A_RULE_COUNT, roll(5) ? roll(3) : state);
		break;
	case 1:
	case 2:
		g->cmd = LATTICE_CMD_TABLE_ADD;
		put_likely(h);
		break;
	case 3: /* huge */
		while (room(h) > 2 * FILL_MAX + 64)
			put_value(h, (uint16_t)roll(LATTICE_A_MAX + 2));
		break;
	default:
		put_attrs(h, 0);
	}
	if (!roll(20))
		h->nlmsg_flags |= NLM_F_DUMP;
	if (!roll(3))
		damage(h);
	return h;
}

static void drain(void)
{
	static char answer[65536];

	while (recv(mnl_socket_get_fd(nl), answer, sizeof(answer), MSG_DONTWAIT) > 0)
		continue;
}

/* A message, cut short now and then. */
static void send_one(void)
{
	struct nlmsghdr *h = next_message();
	size_t n = roll(10) ? h->nlmsg_len : roll(h->nlmsg_len + 1);

	mnl_socket_sendto(nl, h, n);
}

int main(int argc, char **argv)
{
	uint32_t count, i;

	if (argc < 3 || num_parse_u32(str_of(argv[1]), &count) ||
	    num_parse_u32(str_of(argv[2]), &state) || !state) {
		fprintf(stderr, "usage: nl-fuzz MESSAGES SEED\n");
		return 2;
	}
	if (nl_open() || nl_handoff_set(NULL, 0)) {
		fprintf(stderr, "no family: %m\n");
		return 1;
	}
	for (i = 0; i < count; i++) {
		send_one();
		if (i % DRAIN_EVERY == 0)
			drain();
	}
	drain();
	mnl_socket_close(nl);
	if (nl_open() || nl_handoff_set(NULL, 0) || nl_table_begin(7, 1, -1) ||
	    nl_table_add("169.254.171.9", 80, 1) || nl_table_commit(7)) {
		fprintf(stderr, "right requests are refused: %s\n", nl_words);
		return 1;
	}
	return 0;
}
