/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API's sockets: accepts clients, and sends others away for them (api/guests.h).
 * Administrators are the exception: there they wait until another has gone.
 */
#include "api/api.h"
#include "api/caller.h"
#include "api/client.h"
#include "api/guests.h"
#include "api/peer.h"
#include "base/num.h"
#include "io/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REGION_BYTES_MAX = 32, ACCOUNT_BYTES_MAX = 16 };

/* When the process is out of fds, accepting is tried again after this. */
enum { ACCEPT_RETRY_MS = 1000 };

/* Who may come to a listener. */
enum access {
	ACCESS_PEERS,	/* processes of this host, by their credentials */
	ACCESS_METRICS, /* anybody, for the metrics alone */
	ACCESS_SIGNERS, /* anybody who signs */
};

struct listener {
	struct list link;
	struct api *api;
	struct watch watch;
	enum access access;
	bool is_deaf; /* not waited for */
};

struct api {
	struct api_context context;
	struct loop *loop;
	struct peer_admins admins;
	char region[REGION_BYTES_MAX], account[ACCOUNT_BYTES_MAX];
	struct list listeners; /* struct listener */
	struct guests guests;  /* struct client */
	struct sigv4 verifier;
	struct timer retry; /* armed: the process is out of fds */
};

/* May @l accept now? */
static bool may_accept(const struct listener *l)
{
	const struct api *a = l->api;

	if (timer_is_armed(&a->retry))
		return false;
	return l->access != ACCESS_PEERS || !guests_is_full(&a->guests, GUEST_ADMIN);
}

/* Wait for those listeners, and for those only, that may accept. */
static void settle_listeners(struct api *a)
{
	struct list *i;

	list_each (i, &a->listeners) {
		struct listener *l = list_entry(i, struct listener, link);

		if (l->is_deaf == !may_accept(l))
			continue;
		l->is_deaf = !l->is_deaf;
		loop_modify(a->loop, &l->watch, l->is_deaf ? 0 : EPOLLIN);
	}
}

static void retry_expired(struct timer *t)
{
	settle_listeners(container_of(t, struct api, retry));
}

static void client_gone(struct client *c, void *ctx)
{
	struct api *a = ctx;

	guests_leave(&a->guests, &c->guest);
	settle_listeners(a);
}

/* End the connection of @g, for which there is no room left; NULL is fine. */
static void send_away(struct api *a, struct guest *g)
{
	if (!g)
		return;
	guests_leave(&a->guests, g);
	client_free(container_of(g, struct client, guest));
}

/* A client has shown who it is: it counts among the signers, together with its account's. */
static void client_signed(struct client *c, struct str account, void *ctx)
{
	struct api *a = ctx;
	uint64_t number = 0;

	/* Accounts are numbers of 12 digits. */
	if (num_parse_u64(account, &number))
		return;
	send_away(a, guests_see(&a->guests, &c->guest, GUEST_SIGNER, number));
}

static enum guest_standing standing_of(const struct api *a, int fd, enum access access)
{
	switch (access) {
	case ACCESS_PEERS:
		return peer_is_admin(fd, &a->admins) ? GUEST_ADMIN : GUEST_STRANGER;
	case ACCESS_METRICS:
		return GUEST_SCRAPER;
	case ACCESS_SIGNERS:
		break;
	}
	return GUEST_UNSIGNED;
}

/* Who counts together before they sign: an IPv4 address, the /64 of an IPv6 one, all local ones. */
static uint64_t crowd_of(const struct sock_addr *from)
{
	uint64_t prefix;

	if (from->family != AF_INET6)
		return from->family ? from->v4.s_addr : 0;
	memcpy(&prefix, &from->v6, sizeof(prefix));
	return prefix;
}

/* Take over @fd; it is closed when there is no memory for it. */
static void welcome(struct api *a, int fd, enum access access, const struct sockaddr_storage *from)
{
	struct client_config config = {
		.loop = a->loop,
		.on = &a->context,
		.standing = standing_of(a, fd, access),
		.signed_by = client_signed,
		.gone = client_gone,
		.ctx = a,
	};
	struct client *c;

	/* All-zero is a peer without an address. */
	if (sock_addr_from_os(from, &config.source) < 0)
		config.source = (struct sock_addr){ 0 };
	c = client_new(&config, fd);
	if (!c) {
		close(fd);
		return;
	}
	send_away(a,
		  guests_admit(&a->guests, &c->guest, config.standing, crowd_of(&config.source)));
	settle_listeners(a);
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct listener *l = container_of(w, struct listener, watch);
	struct api *a = l->api;

	(void)events;
	while (!l->is_deaf) {
		struct sockaddr_storage from = { 0 };
		socklen_t bytes = sizeof(from);
		int fd = accept4(w->fd, (struct sockaddr *)&from, &bytes,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(a, fd, l->access, &from);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EAGAIN) {
			timer_arm(a->loop, &a->retry, ACCEPT_RETRY_MS);
			settle_listeners(a);
		}
		return;
	}
}

static int copy_str(char *to, size_t room, struct str s, struct str *ret)
{
	if (!s.n || s.n >= room)
		return -EINVAL;
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	*ret = (struct str){ to, s.n };
	return 0;
}

/* An API that listens to nothing yet. Returns 0 or -errno. */
int api_new(const struct api_config *c, struct api **ret)
{
	struct api *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->loop = c->loop;
	a->context.store = c->store;
	a->context.hooks = c->hooks;
	a->context.quotas = c->quotas;
	a->context.pool = c->pool;
	a->context.vault = c->vault;
	a->context.ca = c->ca;
	a->retry.expired = retry_expired;
	list_init(&a->listeners);
	guests_init(&a->guests);
	if (copy_str(a->region, sizeof(a->region), c->region, &a->context.region) < 0 ||
	    copy_str(a->account, sizeof(a->account), c->account, &a->context.account) < 0) {
		free(a);
		return -EINVAL;
	}
	peer_admins_init(&a->admins);
	*ret = a;
	return 0;
}

static int listen_on(struct api *a, int listen_fd, enum access access)
{
	struct listener *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->api = a;
	l->access = access;
	l->watch = (struct watch){ .fd = listen_fd, .ready = listener_ready };
	l->is_deaf = !may_accept(l);
	err = loop_add(a->loop, &l->watch, l->is_deaf ? 0 : EPOLLIN);
	if (err) {
		free(l);
		return err;
	}
	list_add_tail(&a->listeners, &l->link);
	return 0;
}

/* Accept on @listen_fd, a unix socket that listens and does not block; it stays the caller's. */
int api_listen(struct api *a, int listen_fd)
{
	return listen_on(a, listen_fd, ACCESS_PEERS);
}

/* The same with a socket of any kind, from which anybody gets the metrics and nothing else. */
int api_listen_metrics(struct api *a, int listen_fd)
{
	return listen_on(a, listen_fd, ACCESS_METRICS);
}

/* The same with a TCP socket, on which every request must be signed (api/caller.h). */
int api_listen_signed(struct api *a, int listen_fd)
{
	int err = 0;

	if (!a->context.verifier)
		err = caller_init(&a->verifier, a->context.region, a->context.vault);
	if (err)
		return err;
	a->context.verifier = &a->verifier;
	return listen_on(a, listen_fd, ACCESS_SIGNERS);
}

static void send_all_away(struct api *a)
{
	struct list *l, *after;
	int i;

	for (i = 0; i < GUEST_STANDINGS; i++)
		list_each_safe (l, after, &a->guests.by_standing[i])
			send_away(a, list_entry(l, struct guest, link));
}

/* End every connection; the listening fds stay open, they are the caller's. NULL is fine. */
void api_free(struct api *a)
{
	struct list *l, *after;

	if (!a)
		return;
	timer_disarm(a->loop, &a->retry);
	send_all_away(a);
	list_each_safe (l, after, &a->listeners) {
		struct listener *listener = list_entry(l, struct listener, link);

		loop_remove(a->loop, &listener->watch);
		list_remove(&listener->link);
		free(listener);
	}
	if (a->context.verifier)
		sigv4_fini(&a->verifier);
	free(a);
}
