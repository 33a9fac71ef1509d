/* SPDX-License-Identifier: Apache-2.0 */
/* The module may be newer: counters that are not known here are passed over. */
#include "steer/kmod_counters.h"

#include <errno.h>
#include <linux/lattice.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

/* By enum lattice_counter. */
static const enum steer_counter ours[] = {
	[LATTICE_COUNTER_STEERED] = STEER_STEERED,
	[LATTICE_COUNTER_NO_SOCKET] = STEER_NO_SOCKET,
	[LATTICE_COUNTER_FILTERED] = STEER_FILTERED,
	[LATTICE_COUNTER_NO_SERVICE] = STEER_NO_SERVICE,
	[LATTICE_COUNTER_NOT_TCP] = STEER_NOT_TCP,
	[LATTICE_COUNTER_MALFORMED] = STEER_MALFORMED,
};

/* @answer's counters; none are known of a namespace that is not registered. 0 or -EBADMSG. */
int kmod_counters_read(struct nlmsghdr *answer, struct steer_counters *ret)
{
	struct nlattr *attrs[LATTICE_A_MAX + 1], *at[__LATTICE_COUNTER_MAX + 1];
	int i;

	*ret = (struct steer_counters){ 0 };
	if (!genlmsg_valid_hdr(answer, 0) ||
	    genlmsg_parse(answer, 0, attrs, LATTICE_A_MAX, NULL) < 0)
		return -EBADMSG;
	if (attrs[LATTICE_A_LOST] && nla_len(attrs[LATTICE_A_LOST]) == sizeof(uint64_t))
		steer_counters_set(ret, STEER_AUDIT_LOST, nla_get_u64(attrs[LATTICE_A_LOST]));
	if (!attrs[LATTICE_A_COUNTERS])
		return 0;
	if (nla_parse_nested(at, __LATTICE_COUNTER_MAX, attrs[LATTICE_A_COUNTERS], NULL) < 0)
		return -EBADMSG;
	for (i = 0; i < __LATTICE_COUNTER_MAX; i++) {
		if (at[i + 1] && nla_len(at[i + 1]) == sizeof(uint64_t))
			steer_counters_set(ret, ours[i], nla_get_u64(at[i + 1]));
	}
	return 0;
}
