/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API's sockets: accepts clients up to a limit. Strangers, who only ever get a refusal, have
 * a small limit of their own, so that they cannot keep administrators out.
 */
#include "api/api.h"
#include "api/caller.h"
#include "api/client.h"
#include "api/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 64,
	STRANGERS_MAX = 16,
	SIGNERS_MAX = 64,
	REGION_BYTES_MAX = 32,
	ACCOUNT_BYTES_MAX = 16
};

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
};

struct api {
	struct api_context context;
	struct loop *loop;
	struct peer_admins admins;
	char region[REGION_BYTES_MAX], account[ACCOUNT_BYTES_MAX];
	struct list listeners; /* struct listener */
	struct list clients;   /* struct client */
	unsigned client_count, stranger_count, signer_count;
	struct sigv4 verifier;
	bool paused;
	struct timer retry;
};

static void listen_to_all(struct api *a, bool paused)
{
	struct list *l;

	if (a->paused == paused)
		return;
	a->paused = paused;
	list_each (l, &a->listeners)
		loop_modify(a->loop, &list_entry(l, struct listener, link)->watch,
			    paused ? 0 : EPOLLIN);
}

static void retry_expired(struct timer *t)
{
	struct api *a = container_of(t, struct api, retry);

	if (a->client_count < CLIENTS_MAX)
		listen_to_all(a, false);
}

static void client_gone(struct client *c, void *ctx)
{
	struct api *a = ctx;

	if (c->is_signed)
		a->signer_count--;
	else if (c->is_admin)
		a->client_count--;
	else
		a->stranger_count--;
	if (!timer_is_armed(&a->retry))
		listen_to_all(a, false);
}

/* Take over @fd; it is closed when there is no room for it. */
static void welcome(struct api *a, int fd, enum access access)
{
	struct client_config config = {
		.loop = a->loop,
		.on = &a->context,
		.is_admin = access == ACCESS_PEERS && peer_is_admin(fd, &a->admins),
		.is_metrics_only = access == ACCESS_METRICS,
		.is_signed = access == ACCESS_SIGNERS,
		.gone = client_gone,
		.ctx = a,
	};
	unsigned *count = config.is_signed  ? &a->signer_count
			  : config.is_admin ? &a->client_count
					    : &a->stranger_count;
	unsigned max = config.is_signed ? SIGNERS_MAX : STRANGERS_MAX;
	struct client *c;

	if (!config.is_admin && *count >= max) {
		close(fd);
		return;
	}
	c = client_new(&config, fd);
	if (!c) {
		close(fd);
		return;
	}
	list_add_tail(&a->clients, &c->link);
	++*count;
	if (a->client_count >= CLIENTS_MAX)
		listen_to_all(a, true);
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct listener *l = container_of(w, struct listener, watch);
	struct api *a = l->api;

	(void)events;
	while (!a->paused) {
		int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(a, fd, l->access);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EAGAIN) {
			listen_to_all(a, true);
			timer_arm(a->loop, &a->retry, ACCEPT_RETRY_MS);
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
	list_init(&a->clients);
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
	err = loop_add(a->loop, &l->watch, a->paused ? 0 : EPOLLIN);
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

/* End every connection; the listening fds stay open, they are the caller's. NULL is fine. */
void api_free(struct api *a)
{
	struct list *l, *after;

	if (!a)
		return;
	timer_disarm(a->loop, &a->retry);
	list_each_safe (l, after, &a->clients)
		client_free(list_entry(l, struct client, link));
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
