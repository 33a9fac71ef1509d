/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Netlink by hand: a header, a generic header, and attributes, each padded to four bytes. What is
 * not an audit event, or is cut short, is passed over.
 */
#include "telemetry/flow_event.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>

/* Of later modules, which append members: still no more than this. */
enum { RECORD_BYTES_MAX = 1024 };

static size_t padded(size_t n)
{
	return (n + NLMSG_ALIGNTO - 1) & ~(size_t)(NLMSG_ALIGNTO - 1);
}

static void take_attribute(uint16_t type, struct str value, struct flow_event *e)
{
	uint32_t u32;

	switch (type) {
	case LATTICE_A_NETNS_INUM:
		if (value.n == sizeof(e->inum))
			memcpy(&e->inum, value.p, value.n);
		break;
	case LATTICE_A_LOST:
		if (value.n == sizeof(e->lost))
			memcpy(&e->lost, value.p, value.n);
		break;
	case LATTICE_A_RECORD_SIZE:
		if (value.n == sizeof(u32)) {
			memcpy(&u32, value.p, value.n);
			e->record_bytes = u32;
		}
		break;
	case LATTICE_A_RECORDS:
		e->records = value;
		break;
	}
}

/* The attributes of one message. False: it is no audit event. */
static bool read_event(struct str body, struct flow_event *e)
{
	struct genlmsghdr head;

	if (body.n < GENL_HDRLEN)
		return false;
	memcpy(&head, body.p, sizeof(head));
	if (head.cmd != LATTICE_CMD_AUDIT_EVENT)
		return false;
	body = str_skip(body, GENL_HDRLEN);
	*e = (struct flow_event){ 0 };
	while (body.n >= NLA_HDRLEN) {
		struct nlattr attr;

		memcpy(&attr, body.p, sizeof(attr));
		if (attr.nla_len < NLA_HDRLEN || attr.nla_len > body.n)
			return false;
		take_attribute(attr.nla_type & NLA_TYPE_MASK,
			       str_skip(str_first(body, attr.nla_len), NLA_HDRLEN), e);
		body = str_skip(body, padded(attr.nla_len));
	}
	return e->record_bytes >= sizeof(struct lattice_record) &&
	       e->record_bytes <= RECORD_BYTES_MAX;
}

/* The next event in @messages, which then begin behind it. False: there is none. */
bool flow_event_next(struct str *messages, struct flow_event *ret)
{
	while (messages->n >= NLMSG_HDRLEN) {
		struct nlmsghdr head;
		struct str body;

		memcpy(&head, messages->p, sizeof(head));
		if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > messages->n)
			break;
		body = str_skip(str_first(*messages, head.nlmsg_len), NLMSG_HDRLEN);
		*messages = str_skip(*messages, padded(head.nlmsg_len));
		if (head.nlmsg_type >= NLMSG_MIN_TYPE && read_event(body, ret))
			return true;
	}
	messages->n = 0;
	return false;
}

/* Record number @at of @e. False: there are not so many. */
bool flow_event_record(const struct flow_event *e, size_t at, struct lattice_record *ret)
{
	if (at >= e->records.n / e->record_bytes)
		return false;
	memcpy(ret, e->records.p + at * e->record_bytes, sizeof(*ret));
	return true;
}
