/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name says which namespace the fds under it are of, by its inode number, which nothing else gets
 * while they live; what each of them is, it says itself. One that is something else is closed and
 * taken from the manager too. As that goes by name it takes all of the namespace's: those that are
 * right are ours by then, and stored again when their VPC moves in.
 */
#include "steer/keep.h"

#include "base/log.h"
#include "base/num.h"
#include "io/notify.h"
#include "model/address.h"
#include "steer/netns.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DNS_PORT = 53, MESSAGE_BYTES = 64 + PASSED_NAME_MAX };

static const struct str prefix = { "net-", 4 };

static struct str write_name(ino_t ino, char to[KEEP_NAME_BYTES])
{
	int n = snprintf(to, KEEP_NAME_BYTES, "net-%u", (unsigned)ino);

	return (struct str){ to, (size_t)n };
}

/* The inode number in a name of ours; 0: it is none. */
ino_t keep_name_parse(struct str name)
{
	char again[KEEP_NAME_BYTES];
	uint32_t ino;

	if (!str_starts(name, prefix) || num_parse_u32(str_skip(name, prefix.n), &ino))
		return 0;
	/* Another way to write the number would be another name. */
	return str_eq(name, write_name(ino, again)) ? ino : 0;
}

static int get_option(int fd, int name)
{
	int value = -1;
	socklen_t n = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &n) ? -1 : value;
}

static bool is_loopback(const struct sock_addr *a)
{
	return a->family == AF_INET ? a->v4.s_addr == htonl(INADDR_LOOPBACK)
				    : IN6_IS_ADDR_LOOPBACK(&a->v6);
}

static bool is_resolver(const struct sock_addr *a)
{
	struct sock_addr want = address_resolver(a->family);

	want.port = DNS_PORT;
	return sock_addr_eq(a, &want);
}

/* What is the socket of IPv4 or IPv6 @k->fd? NULL, or what is wrong with it. */
static const char *look_at_ip(struct kept *k)
{
	bool is_listening = get_option(k->fd, SO_ACCEPTCONN) == 1;
	struct sock_addr at;

	if (k->type == SOCK_STREAM && !is_listening)
		return "it does not listen";
	if (k->type != SOCK_STREAM && k->type != SOCK_DGRAM)
		return "it is neither of TCP nor of UDP";
	if (sock_local(k->fd, &at))
		return "it has no address";
	k->kind = KEPT_RESOLVER;
	if (is_resolver(&at))
		return NULL;
	k->kind = KEPT_HANDOFF;
	return is_listening && is_loopback(&at) ? NULL : "its address is none of ours";
}

/* Fill @k, whose fd and ino are set. NULL, or why it is not what its name says. */
static const char *look_at(struct kept *k)
{
	int family = get_option(k->fd, SO_DOMAIN);
	struct netns n;
	bool is_there;

	if (family < 0)
		return "it is no socket";
	if (netns_open_of_socket(&n, k->fd))
		return "its namespace cannot be told";
	is_there = n.ino == k->ino;
	netns_close(&n);
	if (!is_there)
		return "it is of another namespace";
	k->family = (unsigned)family;
	k->type = get_option(k->fd, SO_TYPE);
	if (family == AF_INET || family == AF_INET6)
		return look_at_ip(k);
	if (family != AF_NETLINK || get_option(k->fd, SO_PROTOCOL) != NETLINK_GENERIC)
		return "its family is none of ours";
	k->kind = KEPT_MODULE;
	return NULL;
}

/* The manager lets go of what it has under @name. */
static void remove_name(struct str name)
{
	char text[MESSAGE_BYTES];
	int n = snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=" STR_FMT, STR_ARG(name));

	if (n > 0 && (size_t)n < sizeof(text))
		notify_send((struct str){ text, (size_t)n });
}

/* Bring @p in, or close it, having said why. */
static void take_passed(struct keep *k, const struct passed *p)
{
	struct kept *next = &k->passed[k->passed_count];
	bool is_name = passed_name_is_valid(p->name);
	struct str shown = is_name ? p->name : STR("(not a name)");
	const char *wrong = "its name is none of ours";

	*next = (struct kept){ .ino = keep_name_parse(p->name), .fd = p->fd };
	if (next->ino)
		wrong = look_at(next);
	if (!wrong) {
		k->passed_count++;
		return;
	}
	log_warn("what the service manager kept is refused: %s name=" STR_FMT " fd=%d", wrong,
		 STR_ARG(shown), p->fd);
	close(p->fd);
	if (is_name)
		remove_name(p->name);
}

/* How many fds the manager takes; where it does not say (before version 254), enough. */
static unsigned find_room(void)
{
	uint32_t room;

	if (num_parse_u32(str_of(getenv("FDSTORE")), &room) || room > KEEP_FDS_MAX)
		return KEEP_FDS_MAX;
	return room;
}

/* Begin with the @count fds of @passed, which are ours from now on. 0 or -ENOMEM. */
int keep_init(struct keep *k, const struct passed *passed, unsigned count)
{
	unsigned i;

	*k = (struct keep){ .is_on = notify_is_heard(), .room = find_room() };
	k->passed = calloc(count + 1, sizeof(*k->passed));
	if (!k->passed)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		take_passed(k, &passed[i]);
	if (k->passed_count)
		log_info("the service manager kept sockets for us count=%u", k->passed_count);
	return 0;
}

/* Close what nobody took. The manager has it still. */
void keep_fini(struct keep *k)
{
	while (k->passed_count)
		close(k->passed[--k->passed_count].fd);
	free(k->passed);
	k->passed = NULL;
}

/* Move what is of namespace @ino to @ret; what does not fit into it is closed. */
void keep_take(struct keep *k, ino_t ino, struct kept_set *ret)
{
	unsigned i, left = 0;

	ret->count = 0;
	for (i = 0; i < k->passed_count; i++) {
		const struct kept *p = &k->passed[i];

		if (p->ino != ino)
			k->passed[left++] = *p;
		else if (ret->count < KEEP_SET_MAX)
			ret->at[ret->count++] = *p;
		else
			close(p->fd);
	}
	k->passed_count = left;
}

/* A namespace of which something was not taken, and an fd of it; 0: there is none. */
ino_t keep_find_left(const struct keep *k, int *ret_fd)
{
	if (!k->passed_count)
		return 0;
	*ret_fd = k->passed[0].fd;
	return k->passed[0].ino;
}

/* Have @fds kept, and nothing else, of namespace @ino. False: they are not. */
bool keep_store(struct keep *k, ino_t ino, const int *fds, unsigned count)
{
	char name[KEEP_NAME_BYTES], text[MESSAGE_BYTES];
	int n;

	if (!k->is_on)
		return false;
	if (count > k->room) {
		log_warn("the service manager keeps no more: a restart will refuse connections of "
			 "a namespace inode=%u",
			 (unsigned)ino);
		return false;
	}
	/* It watches fds for errors, as when a datagram was not delivered: these are no end. */
	n = snprintf(text, sizeof(text), "FDSTORE=1\nFDPOLL=0\nFDNAME=" STR_FMT,
		     STR_ARG(write_name(ino, name)));
	if (notify_send_fds((struct str){ text, (size_t)n }, fds, count))
		return false;
	k->room -= count;
	return true;
}

/* The @count fds that are kept of namespace @ino, 0 where that is not known, are kept no more. */
void keep_forget(struct keep *k, ino_t ino, unsigned count)
{
	char name[KEEP_NAME_BYTES];

	if (!k->is_on)
		return;
	remove_name(write_name(ino, name));
	k->room += count;
}

/* Take such a socket out of @s. The fd, or -1. */
int kept_set_take(struct kept_set *s, enum kept_kind kind, unsigned family, int type)
{
	unsigned i;
	int fd;

	for (i = 0; i < s->count; i++) {
		const struct kept *k = &s->at[i];

		if (k->kind != kind || k->family != family || k->type != type)
			continue;
		fd = k->fd;
		memmove(&s->at[i], &s->at[i + 1], (--s->count - i) * sizeof(s->at[0]));
		return fd;
	}
	return -1;
}

/* Close what was not taken. How much that was. */
unsigned kept_set_close(struct kept_set *s)
{
	unsigned count = s->count;

	while (s->count)
		close(s->at[--s->count].fd);
	return count;
}
