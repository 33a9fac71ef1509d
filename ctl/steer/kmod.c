/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steering through lattice.ko over its generic netlink family (<linux/lattice.h>). One netlink
 * socket a namespace, opened inside and kept: the module lets the handoff sockets go when it
 * closes, and from then on refuses everything there.
 */
#include "steer/kmod.h"

#include "base/log.h"
#include "steer/kmod_counters.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/lattice.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ENTRIES_A_MESSAGE = 1000, /* up to 40 bytes each: a nest's length has 16 bits */
	MESSAGE_BYTES = 64 * 1024,
	AUDIT_BUFFER_BYTES = 8 << 20, /* events while no plane reads */
};

struct kmod {
	struct nl_sock *sock;
	int family;
	int error; /* of the request under way; -EINPROGRESS: not answered yet */
	struct steer_counters counters; /* of the last answer that had some */
};

/* The module's words for a refusal, if it sent any, borrowed from @e. */
static struct str find_words(const struct nlmsgerr *e)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)((const char *)e - NLMSG_HDRLEN);
	size_t skip = sizeof(*e);
	struct nlattr *attr;

	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - NLMSG_HDRLEN;
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || h->nlmsg_len < NLMSG_HDRLEN + skip)
		return (struct str){ 0 };
	attr = nla_find((struct nlattr *)((char *)e + skip),
			(int)(h->nlmsg_len - NLMSG_HDRLEN - skip), NLMSGERR_ATTR_MSG);
	if (!attr || nla_len(attr) < 1)
		return (struct str){ 0 };
	return (struct str){ nla_data(attr), strnlen(nla_data(attr), (size_t)nla_len(attr)) };
}

static int see_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *context)
{
	struct kmod *k = context;
	struct str words = find_words(e);

	(void)from;
	k->error = e->error;
	if (words.n)
		log_warn("the module refused a request (" STR_FMT ")", STR_ARG(words));
	return NL_STOP;
}

static int see_ack(struct nl_msg *m, void *context)
{
	struct kmod *k = context;

	(void)m;
	k->error = 0;
	return NL_STOP;
}

static int see_answer(struct nl_msg *m, void *context)
{
	struct kmod *k = context;

	return kmod_counters_read(nlmsg_hdr(m), &k->counters) ? NL_SKIP : NL_OK;
}

/* Send @m, which goes, and wait for the answer. 0 or the kernel's -errno. */
static int request(struct kmod *k, struct nl_msg *m)
{
	if (!m)
		return -ENOMEM;
	k->error = -EINPROGRESS;
	if (nl_send_auto(k->sock, m) >= 0)
		while (k->error == -EINPROGRESS && nl_recvmsgs_default(k->sock) >= 0)
			; /* an answer with something in it comes before the last word */
	nlmsg_free(m);
	return k->error == -EINPROGRESS ? -EIO : k->error;
}

/* A request with nothing in it yet; NULL without memory. */
static struct nl_msg *begin(const struct kmod *k, uint8_t command)
{
	struct nl_msg *m = nlmsg_alloc_size(MESSAGE_BYTES);

	if (m && !genlmsg_put(m, NL_AUTO_PORT, NL_AUTO_SEQ, k->family, 0, 0, command,
			      LATTICE_GENL_VERSION)) {
		nlmsg_free(m);
		return NULL;
	}
	return m;
}

/* Make the rest of @request fail when an attribute did not fit. */
static struct nl_msg *checked(struct nl_msg *m, bool is_whole)
{
	if (is_whole)
		return m;
	nlmsg_free(m);
	return NULL;
}

static bool put_sockets(struct nl_msg *m, const struct handoff *h)
{
	struct nlattr *nest = nla_nest_start(m, LATTICE_A_SOCKETS | NLA_F_NESTED);
	bool is_whole = nest != NULL;
	unsigned i;

	for (i = 0; i < h->count && is_whole; i++)
		is_whole = nla_put_u32(m, LATTICE_SOCKET_A_FD, (uint32_t)h->fds[i]) == 0;
	return is_whole && nla_nest_end(m, nest) >= 0;
}

/* Register with @pool, or as it is for NULL, and hand over to @h, or to nobody for NULL. */
static int set_handoff(struct kmod *k, const struct pool *pool, const struct handoff *h)
{
	struct nl_msg *m = begin(k, LATTICE_CMD_HANDOFF_SET);
	bool is_whole = true;

	if (!m)
		return -ENOMEM;
	if (pool)
		is_whole = nla_put_u32(m, LATTICE_A_POOL4, pool->addr.s_addr) == 0 &&
			   nla_put_u8(m, LATTICE_A_POOL4_LEN, (uint8_t)pool->bits) == 0 &&
			   nla_put(m, LATTICE_A_POOL6, sizeof(pool->addr6), &pool->addr6) == 0 &&
			   nla_put_u8(m, LATTICE_A_POOL6_LEN, (uint8_t)pool->bits6) == 0;
	if (h && is_whole)
		is_whole = put_sockets(m, h);
	if (h && is_whole)
		is_whole = nla_put_u8(m, LATTICE_A_FLOW_ENDS, h->tells_ends) == 0;
	return request(k, checked(m, is_whole));
}

static int unregister(struct kmod *k)
{
	return request(k, begin(k, LATTICE_CMD_UNREGISTER));
}

static void free_kmod(struct kmod *k)
{
	nl_socket_free(k->sock);
	free(k);
}

/* What was to be read by a broker that died is nothing for us. */
static int use_kept(struct nl_sock *sock, int fd)
{
	char rest[256];

	while (recv(fd, rest, sizeof(rest), MSG_DONTWAIT) >= 0)
		;
	return nl_socket_set_fd(sock, NETLINK_GENERIC, fd);
}

/*
 * A socket to the family in the namespace entered, @kept_fd if that is one; NULL, with errno, when
 * there is none, and then @kept_fd is closed.
 */
static struct kmod *new_kmod(int kept_fd)
{
	struct kmod *k = calloc(1, sizeof(*k));
	int on = 1;

	if (!k)
		goto err_kept;
	k->sock = nl_socket_alloc();
	if (!k->sock || (kept_fd < 0 ? genl_connect(k->sock) : use_kept(k->sock, kept_fd))) {
		errno = k->sock ? EPROTONOSUPPORT : ENOMEM;
		goto err_free;
	}
	kept_fd = -1;
	k->family = genl_ctrl_resolve(k->sock, LATTICE_GENL_NAME);
	if (k->family < 0) {
		errno = ENOPKG;
		goto err_free;
	}
	/* Only for better words: without these the answers are longer, or shorter, but the same. */
	setsockopt(nl_socket_get_fd(k->sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(k->sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	nl_socket_modify_err_cb(k->sock, NL_CB_CUSTOM, see_error, k);
	nl_socket_modify_cb(k->sock, NL_CB_ACK, NL_CB_CUSTOM, see_ack, k);
	nl_socket_modify_cb(k->sock, NL_CB_VALID, NL_CB_CUSTOM, see_answer, k);
	return k;

err_free:
	free_kmod(k);
err_kept:
	if (kept_fd >= 0)
		close(kept_fd);
	return NULL;
}

/*
 * The module knows who set the sockets by the netlink socket, so with that one everything is as it
 * was. With another pool than the one in force this is refused.
 */
static int resume(const struct pool *pool, struct handoff *h, void **ret_state)
{
	struct kmod *k = h->module < 0 ? NULL : new_kmod(h->module);
	int err;

	h->module = -1;
	if (!k)
		return -ESTALE;
	err = set_handoff(k, pool, h);
	if (err) {
		free_kmod(k);
		return err;
	}
	h->module = nl_socket_get_fd(k->sock);
	*ret_state = k;
	return 0;
}

static int attach(const struct pool *pool, struct handoff *h, void **ret_state)
{
	struct kmod *k = new_kmod(-1);
	int err;

	if (!k)
		return -errno;
	err = set_handoff(k, pool, h);
	/*
	 * A broker that died leaves its registration, perhaps with another pool. Where another
	 * one is alive and has sockets set, letting nobody have them is refused as well.
	 */
	if (err == -EBUSY && set_handoff(k, NULL, NULL) == 0) {
		err = unregister(k);
		if (!err)
			err = set_handoff(k, pool, h);
	}
	if (err) {
		free_kmod(k);
		return err;
	}
	h->module = nl_socket_get_fd(k->sock);
	*ret_state = k;
	return 0;
}

static int begin_table(struct kmod *k, const struct table *t)
{
	struct nl_msg *m = begin(k, LATTICE_CMD_TABLE_BEGIN);

	if (!m)
		return -ENOMEM;
	return request(k, checked(m, nla_put_u64(m, LATTICE_A_GENERATION, t->generation) == 0 &&
					     nla_put_u32(m, LATTICE_A_COUNT, t->count) == 0 &&
					     (!t->has_filter || nla_put_u32(m, LATTICE_A_RULE_COUNT,
									    t->rule_count) == 0)));
}

static bool put_entry(struct nl_msg *m, const struct link_binding *b)
{
	struct nlattr *nest = nla_nest_start(m, LATTICE_ENTRIES_A_ENTRY | NLA_F_NESTED);
	int err = -ENOMEM;

	if (nest && b->addr.family == AF_INET)
		err = nla_put(m, LATTICE_ENTRY_A_ADDR4, sizeof(b->addr.v4), &b->addr.v4);
	else if (nest)
		err = nla_put(m, LATTICE_ENTRY_A_ADDR6, sizeof(b->addr.v6), &b->addr.v6);
	return err == 0 && nla_put_u16(m, LATTICE_ENTRY_A_PORT, htons(b->addr.port)) == 0 &&
	       nla_put_u32(m, LATTICE_ENTRY_A_SERVICE, b->service) == 0 &&
	       nla_nest_end(m, nest) >= 0;
}

/* Send the bindings from *@at on that fit into one message; *@at moves behind them. */
static int add_entries(struct kmod *k, const struct table *t, uint32_t *at)
{
	struct nl_msg *m = begin(k, LATTICE_CMD_TABLE_ADD);
	struct nlattr *nest;
	bool is_whole;
	unsigned n;

	if (!m)
		return -ENOMEM;
	nest = nla_nest_start(m, LATTICE_A_ENTRIES | NLA_F_NESTED);
	is_whole = nest != NULL;
	for (n = 0; *at < t->count && n < ENTRIES_A_MESSAGE && is_whole; n++)
		is_whole = put_entry(m, &t->bindings[(*at)++]);
	if (is_whole)
		is_whole = nla_nest_end(m, nest) >= 0;
	return request(k, checked(m, is_whole));
}

static bool put_rule(struct nl_msg *m, const struct ingress *r)
{
	struct nlattr *nest = nla_nest_start(m, LATTICE_RULES_A_RULE | NLA_F_NESTED);
	const struct sock_addr *a = &r->source.addr;
	int err = -ENOMEM;

	if (nest && a->family == AF_INET)
		err = nla_put(m, LATTICE_RULE_A_ADDR4, sizeof(a->v4), &a->v4);
	else if (nest)
		err = nla_put(m, LATTICE_RULE_A_ADDR6, sizeof(a->v6), &a->v6);
	return err == 0 && nla_put_u8(m, LATTICE_RULE_A_LEN, (uint8_t)r->source.bits) == 0 &&
	       nla_put_u16(m, LATTICE_RULE_A_PORT_MIN, r->port_min) == 0 &&
	       nla_put_u16(m, LATTICE_RULE_A_PORT_MAX, r->port_max) == 0 &&
	       nla_nest_end(m, nest) >= 0;
}

/* The rules, which fit into one message. */
static int add_rules(struct kmod *k, const struct table *t)
{
	struct nl_msg *m = begin(k, LATTICE_CMD_TABLE_ADD);
	struct nlattr *nest;
	bool is_whole;
	uint32_t i;

	if (!m)
		return -ENOMEM;
	nest = nla_nest_start(m, LATTICE_A_RULES | NLA_F_NESTED);
	is_whole = nest != NULL;
	for (i = 0; i < t->rule_count && is_whole; i++)
		is_whole = put_rule(m, &t->rules[i]);
	if (is_whole)
		is_whole = nla_nest_end(m, nest) >= 0;
	return request(k, checked(m, is_whole));
}

static int commit_table(struct kmod *k, const struct table *t)
{
	struct nl_msg *m = begin(k, LATTICE_CMD_TABLE_COMMIT);

	if (!m)
		return -ENOMEM;
	return request(k, checked(m, nla_put_u64(m, LATTICE_A_GENERATION, t->generation) == 0));
}

/* The module builds its table anew in any case, and swaps it at once. */
static int publish(void *state, const struct table *t, const struct table *change)
{
	struct kmod *k = state;
	uint32_t at = 0;
	int err;

	(void)change;
	err = begin_table(k, t);
	while (!err && at < t->count)
		err = add_entries(k, t, &at);
	if (!err && t->rule_count)
		err = add_rules(k, t);
	return err ? err : commit_table(k, t);
}

static int count(void *state, struct steer_counters *ret)
{
	struct kmod *k = state;
	int err;

	k->counters = (struct steer_counters){ 0 };
	err = request(k, begin(k, LATTICE_CMD_STATUS_GET));
	*ret = k->counters;
	return err;
}

static void detach(void *state)
{
	struct kmod *k = state;
	int err = unregister(k);

	if (err && err != -ENOENT)
		log_warn("cannot unregister a namespace: %s; it refuses everything",
			 strerror(-err));
	free_kmod(k);
}

static void forget(void *state)
{
	free_kmod(state);
}

/*
 * A socket that hears the audit of all namespaces, from the one that the caller is in, which must
 * be the initial one. The fd or -errno.
 */
int kmod_open_audit(void)
{
	struct kmod *k = new_kmod(-1);
	int bytes = AUDIT_BUFFER_BYTES, group, fd;

	if (!k)
		return -errno;
	group = genl_ctrl_resolve_grp(k->sock, LATTICE_GENL_NAME, LATTICE_GENL_MCGRP_AUDIT_ALL);
	if (group < 0 || nl_socket_add_membership(k->sock, group)) {
		free_kmod(k);
		return -EPERM;
	}
	fd = fcntl(nl_socket_get_fd(k->sock), F_DUPFD_CLOEXEC, 3);
	if (fd < 0) {
		free_kmod(k);
		return -EMFILE;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	free_kmod(k);
	return fd;
}

/* Does the kernel have the family now? */
bool kmod_is_loaded(void)
{
	struct kmod *k = new_kmod(-1);

	if (!k)
		return false;
	free_kmod(k);
	return true;
}

const struct steer_ops kmod_steer_ops = {
	.name = "kmod",
	.attach = attach,
	.resume = resume,
	.publish = publish,
	.count = count,
	.detach = detach,
	.forget = forget,
};
