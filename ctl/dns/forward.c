/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question on its way has a socket of its own, bound to a random port by the kernel when it is
 * connected to a resolver, and a random id for each attempt: who would forge an answer must guess
 * both, and the resolver's address. A socket is disconnected, which gives its port up, and used
 * again. What a resolver cuts short is asked for again over TCP if somebody waits who came so.
 */
#include "dns/forward.h"

#include "base/rand.h"
#include "dns/cache.h"
#include "dns/hosts_resolvers.h"
#include "dns/response.h"

#include <errno.h>
#include <lattice/limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ROUNDS = 3,		/* of all resolvers */
	FIRST_ROUND_MS = 1000,	/* for each resolver to answer in */
	LATER_ROUNDS_MS = 2000, /* */
	STOCK_MAX = 64,
	UDP_ASKED_AT_ONCE = 16,
	TCP_ASKED_AT_ONCE = 4,
	FORGERIES_A_TURN = 32, /* datagrams that are no answer */
	LENGTH_BYTES = 2,      /* before a message over TCP */
};

/* Sockets by what they are for. */
enum socket_kind { UDP4, UDP6, TCP4, TCP6, SOCKET_KINDS };

struct stock {
	int fds[STOCK_MAX];
	unsigned count;
	bool is_asked; /* more are on their way */
	struct list wanting;
};

struct waiter {
	struct list link;
	struct dns_client client;
	struct dns_query q;
};

/* One question on its way. */
struct forward {
	struct forwarder *f;
	struct list link; /* in f->active */
	struct list want; /* in a stock's wanting, while it has no socket */
	struct watch watch;
	struct timer timer;
	struct dns_query q; /* with the id of the attempt */
	struct list waiters;
	unsigned waiter_count;
	unsigned attempt;
	uint64_t deadline_ms;
	enum socket_kind kind;
	bool is_tcp, is_sent;
	uint8_t *in; /* over TCP: the length and the message, as far as they came */
	size_t in_n;
};

struct forwarder {
	struct loop *loop;
	struct forward_hooks hooks;
	struct hosts_resolvers resolvers;
	struct cache cache;
	struct stock stock[SOCKET_KINDS];
	struct list active;
	/* read by any thread */
	atomic_uint active_count;
	atomic_uchar waiting[LATTICE_VPCS_MAX]; /* clients of each VPC */

	uint8_t in[DNS_MESSAGE_BYTES_MAX];
};

static void attempt(struct forward *w);

static enum socket_kind kind_of(uint16_t family, int type)
{
	if (type == SOCK_DGRAM)
		return family == AF_INET ? UDP4 : UDP6;
	return family == AF_INET ? TCP4 : TCP6;
}

static void ask_for_sockets(struct forwarder *f, enum socket_kind kind)
{
	bool is_udp = kind == UDP4 || kind == UDP6;
	uint16_t family = kind == UDP4 || kind == TCP4 ? AF_INET : AF_INET6;

	if (f->stock[kind].is_asked)
		return;
	f->stock[kind].is_asked = true;
	f->hooks.need_sockets(f->hooks.ctx, family, is_udp ? SOCK_DGRAM : SOCK_STREAM,
			      is_udp ? UDP_ASKED_AT_ONCE : TCP_ASKED_AT_ONCE);
}

/* Give up the port of a UDP socket, and what may still have come to it. */
static int disconnect_udp(int fd)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	char byte;
	int i;

	for (i = 0; i < FORGERIES_A_TURN && recv(fd, &byte, 1, MSG_DONTWAIT) >= 0; i++)
		;
	return connect(fd, &none, sizeof(none)) ? -errno : 0;
}

static void let_socket_go(struct forward *w)
{
	struct stock *s = &w->f->stock[w->kind];

	list_remove(&w->want);
	timer_disarm(w->f->loop, &w->timer);
	w->in_n = 0;
	w->is_sent = false;
	if (w->watch.fd < 0)
		return;
	loop_remove(w->f->loop, &w->watch);
	if (w->is_tcp || s->count == STOCK_MAX || disconnect_udp(w->watch.fd))
		close(w->watch.fd);
	else
		s->fds[s->count++] = w->watch.fd;
	w->watch.fd = -1;
}

static void drop_waiter(struct forward *w, struct waiter *x)
{
	list_remove(&x->link);
	w->waiter_count--;
	w->f->waiting[x->client.vpc]--;
	free(x);
}

/* Tell those who wait, all or only those who asked over UDP. */
static void tell(struct forward *w, struct str message, bool with_tcp)
{
	struct forwarder *f = w->f;
	struct list *pos, *after;

	list_each_safe (pos, after, &w->waiters) {
		struct waiter *x = list_entry(pos, struct waiter, link);

		if (x->client.is_tcp && !with_tcp)
			continue;
		f->hooks.answer(f->hooks.ctx, &x->client, &x->q, message, 0);
		drop_waiter(w, x);
	}
}

static void end(struct forward *w, struct str message)
{
	let_socket_go(w);
	list_remove(&w->link);
	w->f->active_count--;
	tell(w, message, true);
	free(w->in);
	free(w);
}

static void attempt_next(struct forward *w)
{
	let_socket_go(w);
	w->attempt++;
	attempt(w);
}

static void attempt_expired(struct timer *t)
{
	attempt_next(container_of(t, struct forward, timer));
}

/* Would another resolver perhaps say something else? */
static bool is_no_help(uint16_t flags)
{
	enum dns_rcode rcode = flags & DNS_RCODE;

	return rcode == DNS_SERVFAIL || rcode == DNS_REFUSED || rcode == DNS_NOTIMP;
}

/* @message, @r, came from the resolver of this attempt. */
static void take_response(struct forward *w, uint8_t *message, const struct response *r)
{
	struct forwarder *f = w->f;
	struct str kept = { (const char *)message, r->n };

	if (is_no_help(r->flags) && w->attempt + 1 < f->resolvers.list.count) {
		attempt_next(w);
		return;
	}
	f->resolvers.preferred = (f->resolvers.preferred + w->attempt) % f->resolvers.list.count;
	if (r->flags & DNS_TC && !w->is_tcp) {
		tell(w, kept, false);
		if (w->waiter_count) {
			let_socket_go(w);
			w->is_tcp = true;
			w->attempt = 0;
			attempt(w);
			return;
		}
	}
	cache_put(&f->cache, &w->q, kept, r->keep_seconds, f->loop->now_ms);
	end(w, kept);
}

static void udp_ready(struct watch *watch, uint32_t events)
{
	struct forward *w = container_of(watch, struct forward, watch);
	uint8_t *in = w->f->in;
	struct response r;
	ssize_t n;
	int i;

	(void)events;
	for (i = 0; i < FORGERIES_A_TURN; i++) {
		n = recv(watch->fd, in, sizeof(w->f->in), MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			attempt_next(w); /* nobody is there, say ICMP and the kernel */
		if (n < 0)
			return;
		if (response_take(in, (size_t)n, &w->q, &r)) {
			take_response(w, in, &r);
			return;
		}
	}
}

static size_t write_question(const struct forward *w, uint8_t *to, size_t max)
{
	struct dns_writer out = { .p = to, .max = max };

	/* AD: we understand it, whoever waits. */
	dns_put_question(&out, &w->q, (w->q.flags & (DNS_RD | DNS_CD)) | DNS_AD);
	dns_put_opt(&out, &w->q, DNS_NOERROR);
	return out.is_full ? 0 : out.n;
}

static int send_tcp(struct forward *w)
{
	uint8_t out[LENGTH_BYTES + DNS_UDP_BYTES];
	size_t n = write_question(w, out + LENGTH_BYTES, DNS_UDP_BYTES);

	dns_set_u16(out, 0, (uint16_t)n);
	/* A new connection has room for so little. */
	if (send(w->watch.fd, out, n + LENGTH_BYTES, MSG_NOSIGNAL) != (ssize_t)(n + LENGTH_BYTES))
		return -EIO;
	w->is_sent = true;
	return loop_modify(w->f->loop, &w->watch, EPOLLIN);
}

/* How many more bytes of the length and the message there must be. */
static size_t missing(const struct forward *w)
{
	struct str in = { (const char *)w->in, w->in_n };

	if (w->in_n < LENGTH_BYTES)
		return LENGTH_BYTES - w->in_n;
	return LENGTH_BYTES + dns_get_u16(in, 0) - w->in_n;
}

static int receive_tcp(struct forward *w)
{
	struct response r;
	ssize_t n;

	while (missing(w)) {
		n = recv(w->watch.fd, w->in + w->in_n, missing(w), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return -ECONNRESET;
		w->in_n += (size_t)n;
	}
	if (!response_take(w->in + LENGTH_BYTES, w->in_n - LENGTH_BYTES, &w->q, &r))
		return -EBADMSG;
	take_response(w, w->in + LENGTH_BYTES, &r);
	return 0;
}

static void tcp_ready(struct watch *watch, uint32_t events)
{
	struct forward *w = container_of(watch, struct forward, watch);
	int err;

	if (!w->is_sent)
		err = events & (EPOLLERR | EPOLLHUP) ? -ECONNREFUSED : send_tcp(w);
	else
		err = receive_tcp(w);
	if (err)
		attempt_next(w);
}

/* Ask over the socket that @w has now. 0 or -errno. */
static int ask(struct forward *w)
{
	struct forwarder *f = w->f;
	struct sockaddr_storage os;
	socklen_t size = sock_addr_to_os(hosts_resolvers_nth(&f->resolvers, w->attempt), &os);
	uint8_t out[DNS_UDP_BYTES];
	size_t n;

	w->q.id = (uint16_t)rand_u64();
	w->watch.ready = w->is_tcp ? tcp_ready : udp_ready;
	if (w->is_tcp && !w->in) {
		w->in = malloc(LENGTH_BYTES + DNS_MESSAGE_BYTES_MAX);
		if (!w->in)
			return -ENOMEM;
	}
	if (connect(w->watch.fd, (struct sockaddr *)&os, size) && errno != EINPROGRESS)
		return -errno;
	if (w->is_tcp)
		return 0;
	n = write_question(w, out, sizeof(out));
	return send(w->watch.fd, out, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static void use_socket(struct forward *w, int fd)
{
	struct watch *watch = &w->watch;

	list_remove(&w->want);
	watch->fd = fd;
	watch->ready = udp_ready;
	if (loop_add(w->f->loop, watch, w->is_tcp ? EPOLLOUT : EPOLLIN)) {
		close(fd);
		watch->fd = -1;
		return; /* the timer goes on */
	}
	/* One tick, and then the next resolver: calling on from here might never end. */
	if (ask(w))
		timer_arm(w->f->loop, &w->timer, 0);
}

/* Ask the resolver whose turn it is, as soon as there is a socket; or give up. */
static void attempt(struct forward *w)
{
	struct forwarder *f = w->f;
	unsigned count = f->resolvers.list.count;
	struct stock *s;

	if (w->attempt >= ROUNDS * count || f->loop->now_ms >= w->deadline_ms) {
		end(w, STR(""));
		return;
	}
	w->kind = kind_of(hosts_resolvers_nth(&f->resolvers, w->attempt)->family,
			  w->is_tcp ? SOCK_STREAM : SOCK_DGRAM);
	timer_arm(f->loop, &w->timer, w->attempt < count ? FIRST_ROUND_MS : LATER_ROUNDS_MS);
	s = &f->stock[w->kind];
	if (s->count) {
		use_socket(w, s->fds[--s->count]);
		return;
	}
	list_add_tail(&s->wanting, &w->want);
	ask_for_sockets(f, w->kind);
}

/* Sockets that were needed, unconnected and nonblocking: they are the forwarder's now. */
void forwarder_give_sockets(struct forwarder *f, uint16_t family, int type, const int *fds,
			    unsigned count)
{
	enum socket_kind kind = kind_of(family, type);
	struct stock *s = &f->stock[kind];
	unsigned i;

	s->is_asked = false;
	for (i = 0; i < count; i++) {
		if (!list_empty(&s->wanting))
			use_socket(list_entry(s->wanting.next, struct forward, want), fds[i]);
		else if (s->count < STOCK_MAX)
			s->fds[s->count++] = fds[i];
		else
			close(fds[i]);
	}
	if (count && !list_empty(&s->wanting))
		ask_for_sockets(f, kind);
}

static struct forward *find_active(struct forwarder *f, const struct dns_query *q)
{
	struct list *pos;

	list_each (pos, &f->active) {
		struct forward *w = list_entry(pos, struct forward, link);

		if (cache_same_question(&w->q, q))
			return w;
	}
	return NULL;
}

static struct forward *new_forward(struct forwarder *f, const struct dns_query *q)
{
	struct forward *w;

	if (f->active_count == FORWARDS_MAX)
		return NULL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	w->f = f;
	w->q = *q;
	w->watch.fd = -1;
	w->timer.expired = attempt_expired;
	w->deadline_ms = f->loop->now_ms + FORWARD_MS_MAX;
	list_init(&w->waiters);
	list_init(&w->want);
	list_add_tail(&f->active, &w->link);
	f->active_count++;
	return w;
}

/* Let @client wait for what @w brings. False when too many do. */
static bool add_waiter(struct forward *w, const struct dns_query *q,
		       const struct dns_client *client)
{
	struct waiter *x;

	if (w->waiter_count == FORWARD_WAITERS_MAX)
		return false;
	x = malloc(sizeof(*x));
	if (!x)
		return false;
	x->client = *client;
	x->q = *q;
	list_add_tail(&w->waiters, &x->link);
	w->waiter_count++;
	w->f->waiting[client->vpc]++;
	return true;
}

/*
 * Answer @q to @client, at once or later; what is too much at once is answered that there is no
 * answer. A loop of resolvers ends here: its question is on its way already. Returns which it was.
 */
enum dns_fate forwarder_ask(struct forwarder *f, const struct dns_query *q,
			    const struct dns_client *client)
{
	struct forward *w = NULL;
	bool is_new = false, waits;
	struct str message;
	uint32_t age;

	if (cache_find(&f->cache, q, f->loop->now_ms, &message, &age)) {
		f->hooks.answer(f->hooks.ctx, client, q, message, age);
		return DNS_FATE_CACHED;
	}
	if (f->waiting[client->vpc] < FORWARD_VPC_MAX)
		w = find_active(f, q);
	if (!w && f->waiting[client->vpc] < FORWARD_VPC_MAX) {
		w = new_forward(f, q);
		is_new = w != NULL;
	}
	waits = w && add_waiter(w, q, client);
	if (!waits)
		f->hooks.answer(f->hooks.ctx, client, q, STR(""), 0);
	if (is_new) {
		hosts_resolvers_refresh(&f->resolvers, f->loop->now_ms);
		attempt(w);
	}
	return waits ? DNS_FATE_FORWARDED : DNS_FATE_TOO_MANY;
}

/* Clients of @vpc who wait for an answer; from any thread. */
unsigned forwarder_waiting(const struct forwarder *f, uint32_t vpc)
{
	return atomic_load_explicit(&f->waiting[vpc], memory_order_relaxed);
}

/* Questions on their way; from any thread. */
unsigned forwarder_in_flight(const struct forwarder *f)
{
	return atomic_load_explicit(&f->active_count, memory_order_relaxed);
}

/* Ask those whom the file @resolv_conf, borrowed, names. NULL without memory. */
struct forwarder *forwarder_new(struct loop *loop, const char *resolv_conf,
				const struct forward_hooks *hooks)
{
	struct forwarder *f = calloc(1, sizeof(*f));
	int i;

	if (!f)
		return NULL;
	f->loop = loop;
	f->hooks = *hooks;
	hosts_resolvers_init(&f->resolvers, resolv_conf);
	cache_init(&f->cache, rand_u64());
	list_init(&f->active);
	for (i = 0; i < SOCKET_KINDS; i++)
		list_init(&f->stock[i].wanting);
	return f;
}

/* Nobody who waits is answered any more. NULL is fine. */
void forwarder_free(struct forwarder *f)
{
	int i;

	if (!f)
		return;
	while (!list_empty(&f->active)) {
		struct forward *w = list_entry(f->active.next, struct forward, link);

		while (!list_empty(&w->waiters))
			drop_waiter(w, list_entry(w->waiters.next, struct waiter, link));
		end(w, STR(""));
	}
	for (i = 0; i < SOCKET_KINDS; i++) {
		while (f->stock[i].count)
			close(f->stock[i].fds[--f->stock[i].count]);
	}
	cache_fini(&f->cache);
	free(f);
}
