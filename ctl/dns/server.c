/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread of its own, and not the workers: four sockets a VPC whatever the number of workers, one
 * cache, and neither does a flood of questions delay requests nor the store's disk an answer. It
 * owns everything in struct dns_server but what is set once.
 */
#include "dns/server.h"

#include "dns/answer.h"
#include "dns/forward.h"
#include "dns/lookup.h"
#include "dns/response.h"
#include "dns/tcp.h"
#include "io/inbox.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UDP_BATCH = 32, ZONE_BYTES_MAX = 96 };

enum letter_kind { LETTER_SNAPSHOT, LETTER_VPC, LETTER_VPC_GONE, LETTER_SOCKETS, LETTER_STOP };

struct server_letter {
	struct letter letter;
	struct snapshot *snapshot; /* its reference moves to the server */
	uint32_t vpc;
	uint16_t family;
	int type;
	unsigned fd_count;
	int fds[LINK_SOCKETS_MAX];
};

/* What is listened on for one VPC. */
struct served_vpc {
	struct dns_server *server;
	uint32_t number;
	uint64_t epoch;
	struct served_socket {
		struct watch watch; /* fd -1: none */
		struct served_vpc *vpc;
	} sockets[DNS_SOCKETS];
};

/* Written by the server's thread, read by any. */
struct vpc_counts {
	atomic_ullong queries[DNS_FATES], responses[DNS_RESULTS];
};

struct dns_server {
	/* set once */
	struct dns_config config;
	char zone[ZONE_BYTES_MAX];
	pthread_t thread;
	struct inbox inbox;

	/* owner: the server's thread */
	struct loop loop;
	struct snapshot *snapshot;
	struct forwarder *forwarder;
	struct lookup lookup;
	struct part *hosts; /* whose names are looked up; not looked into */
	struct tcp tcp;
	struct served_vpc *vpcs[LATTICE_VPCS_MAX];
	uint64_t epoch;
	char in[DNS_QUERY_BYTES_MAX + 1]; /* one more shows that a query is too long */
	uint8_t out[DNS_MESSAGE_BYTES_MAX];

	struct vpc_counts counts[LATTICE_VPCS_MAX];
};

static void count(atomic_ullong *at)
{
	atomic_fetch_add_explicit(at, 1, memory_order_relaxed);
}

static void count_answer(struct dns_server *s, const struct dns_client *to, unsigned rcode)
{
	count(&s->counts[to->vpc].responses[rcode < DNS_RESULT_OTHER ? rcode : DNS_RESULT_OTHER]);
}

/* What @w answers; what only EDNS can say is not in the header. */
static unsigned rcode_of(const struct dns_writer *w)
{
	return dns_get_u16((struct str){ (const char *)w->p, w->n }, 2) & DNS_RCODE;
}

static void send_answer(struct dns_server *s, const struct dns_client *to,
			const struct dns_writer *w)
{
	const struct served_vpc *v = s->vpcs[to->vpc];
	struct sockaddr_storage os;
	socklen_t size;

	if (to->is_tcp) {
		tcp_send(&s->tcp, to, (struct str){ (const char *)w->p, w->n });
		return;
	}
	if (!v || v->epoch != to->epoch)
		return;
	size = sock_addr_to_os(&to->peer, &os);
	/* What has no room is lost, as any datagram may be. */
	sendto(v->sockets[to->family == AF_INET ? DNS_UDP4 : DNS_UDP6].watch.fd, w->p, w->n,
	       MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&os, size);
}

/* From the forwarder. */
static void need_sockets(void *ctx, uint16_t family, int type, unsigned count)
{
	const struct dns_server *s = ctx;

	s->config.need_sockets(s->config.ctx, family, type, count);
}

static size_t answer_bytes_max(const struct dns_client *to, const struct dns_query *q)
{
	return to->is_tcp ? DNS_MESSAGE_BYTES_MAX : q->udp_bytes;
}

static struct dns_writer writer_of(struct dns_server *s)
{
	return (struct dns_writer){ .p = s->out, .max = sizeof(s->out) };
}

/* From the forwarder. */
static void take_answer(void *ctx, const struct dns_client *to, const struct dns_query *q,
			struct str message, uint32_t age_seconds)
{
	struct dns_server *s = ctx;
	struct dns_writer w = writer_of(s);

	if (lookup_is_asker(to)) {
		lookup_take(&s->lookup, to, q, message, age_seconds);
		return;
	}
	if (message.n)
		response_write(message, q, age_seconds, answer_bytes_max(to, q), &w);
	else
		answer_write_error(q, DNS_SERVFAIL, &w);
	count_answer(s, to, rcode_of(&w));
	send_answer(s, to, &w);
}

/* Answer @q, now or when others have. */
static void ask(struct dns_server *s, const struct dns_client *from, const struct dns_query *q)
{
	struct dns_writer w = writer_of(s);
	struct answer_source source = { .view.zone = str_of(s->zone) };

	if (s->snapshot) {
		source.serial = (uint32_t)s->snapshot->generation;
		source.view.snapshot = s->snapshot;
		source.view.v = snapshot_find_vpc(s->snapshot, from->vpc);
	}
	if (!answer_write(&source, q, &w)) {
		count(&s->counts[from->vpc].queries[forwarder_ask(s->forwarder, q, from)]);
		return;
	}
	count(&s->counts[from->vpc].queries[DNS_FATE_OWN]);
	count_answer(s, from, rcode_of(&w));
	if (w.n > answer_bytes_max(from, q))
		answer_write_truncated(q, dns_get_u16((struct str){ (char *)w.p, w.n }, 2), &w);
	send_answer(s, from, &w);
}

static void serve(struct dns_server *s, const struct dns_client *from, struct str message)
{
	struct dns_writer w = writer_of(s);
	enum dns_rcode rcode;
	struct dns_query q;

	switch (dns_query_parse(message, &q, &rcode)) {
	case DNS_DROP:
		count(&s->counts[from->vpc].queries[DNS_FATE_DROPPED]);
		w.n = 0;
		if (from->is_tcp)
			send_answer(s, from, &w);
		break;
	case DNS_REFUSE:
		count(&s->counts[from->vpc].queries[DNS_FATE_REFUSED]);
		count_answer(s, from, rcode);
		answer_write_error(&q, rcode, &w);
		send_answer(s, from, &w);
		break;
	case DNS_ASK:
		ask(s, from, &q);
		break;
	}
}

static void serve_tcp(struct tcp *t, const struct dns_client *from, struct str message)
{
	serve(container_of(t, struct dns_server, tcp), from, message);
}

static void udp_ready(struct watch *w, uint32_t events)
{
	struct served_socket *socket = container_of(w, struct served_socket, watch);
	struct served_vpc *v = socket->vpc;
	struct dns_server *s = v->server;
	struct dns_client from = { .vpc = v->number, .epoch = v->epoch };
	struct sockaddr_storage os;
	socklen_t size;
	ssize_t n;
	int i;

	(void)events;
	from.family = socket == &v->sockets[DNS_UDP4] ? AF_INET : AF_INET6;
	for (i = 0; i < UDP_BATCH; i++) {
		size = sizeof(os);
		n = recvfrom(w->fd, s->in, sizeof(s->in), MSG_DONTWAIT, (struct sockaddr *)&os,
			     &size);
		if (n < 0)
			return;
		if (sock_addr_from_os(&os, &from.peer) == 0)
			serve(s, &from, (struct str){ s->in, (size_t)n });
	}
}

static void tcp_ready(struct watch *w, uint32_t events)
{
	struct served_vpc *v = container_of(w, struct served_socket, watch)->vpc;

	(void)events;
	tcp_accept(&v->server->tcp, w->fd, v->number);
}

static void drop_vpc(struct dns_server *s, uint32_t number)
{
	struct served_vpc *v = s->vpcs[number];
	int i;

	if (!v)
		return;
	for (i = 0; i < DNS_SOCKETS; i++) {
		if (v->sockets[i].watch.fd < 0)
			continue;
		loop_remove(&s->loop, &v->sockets[i].watch);
		close(v->sockets[i].watch.fd);
	}
	tcp_close_vpc(&s->tcp, number);
	s->vpcs[number] = NULL;
	free(v);
}

static void close_fds(const struct server_letter *l)
{
	unsigned i;

	for (i = 0; i < l->fd_count; i++)
		close(l->fds[i]);
}

static void set_vpc(struct dns_server *s, const struct server_letter *l)
{
	struct served_vpc *v = calloc(1, sizeof(*v));
	unsigned i;

	drop_vpc(s, l->vpc);
	if (!v) {
		close_fds(l);
		return;
	}
	v->server = s;
	v->number = l->vpc;
	v->epoch = ++s->epoch;
	for (i = 0; i < DNS_SOCKETS; i++) {
		bool is_udp = i == DNS_UDP4 || i == DNS_UDP6;

		v->sockets[i].vpc = v;
		v->sockets[i].watch = (struct watch){ i < l->fd_count ? l->fds[i] : -1,
						      is_udp ? udp_ready : tcp_ready };
		if (i >= l->fd_count || loop_add(&s->loop, &v->sockets[i].watch, EPOLLIN) == 0)
			continue;
		close(l->fds[i]);
		v->sockets[i].watch.fd = -1;
	}
	s->vpcs[l->vpc] = v;
}

/* Another VPC may be given the number. */
static void forget_counts(struct vpc_counts *c)
{
	int i;

	for (i = 0; i < DNS_FATES; i++)
		atomic_store_explicit(&c->queries[i], 0, memory_order_relaxed);
	for (i = 0; i < DNS_RESULTS; i++)
		atomic_store_explicit(&c->responses[i], 0, memory_order_relaxed);
}

/* From the lookup. */
static void ask_for_us(void *ctx, const struct dns_query *q, const struct dns_client *as)
{
	forwarder_ask(((struct dns_server *)ctx)->forwarder, q, as);
}

/* From the lookup. */
static void give_hosts(void *ctx, struct hosts *h)
{
	const struct dns_server *s = ctx;

	s->config.hosts_changed(s->config.ctx, h);
}

/* Look up those of the snapshot, and the one of the configuration. */
static void want_hosts(struct dns_server *s, const struct host_names *of)
{
	struct str at[HOSTS_MAX + 1];
	struct host_names all = { at, of->count };

	memcpy(at, of->at, of->count * sizeof(at[0]));
	if (s->config.host.n &&
	    !bsearch(&s->config.host, at, all.count, sizeof(at[0]), host_name_cmp))
		at[all.count++] = s->config.host;
	qsort(at, all.count, sizeof(at[0]), host_name_cmp);
	lookup_want(&s->lookup, &all);
}

static void take_snapshot(struct dns_server *s, struct snapshot *next)
{
	snapshot_put(s->snapshot);
	s->snapshot = next;
	if (next->lists[SNAPSHOT_HOSTS] == s->hosts)
		return;
	s->hosts = next->lists[SNAPSHOT_HOSTS];
	want_hosts(s, &next->hosts);
}

static void open_letter(struct inbox *i, struct letter *letter)
{
	struct dns_server *s = container_of(i, struct dns_server, inbox);
	struct server_letter *l = container_of(letter, struct server_letter, letter);

	switch ((enum letter_kind)letter->kind) {
	case LETTER_SNAPSHOT:
		take_snapshot(s, l->snapshot);
		break;
	case LETTER_VPC:
		set_vpc(s, l);
		break;
	case LETTER_VPC_GONE:
		drop_vpc(s, l->vpc);
		forget_counts(&s->counts[l->vpc]);
		break;
	case LETTER_SOCKETS:
		forwarder_give_sockets(s->forwarder, l->family, l->type, l->fds, l->fd_count);
		break;
	case LETTER_STOP:
		loop_stop(&s->loop);
		break;
	}
	free(l);
}

static void *server_main(void *arg)
{
	struct dns_server *s = arg;

	loop_run(&s->loop);
	return NULL;
}

/* Start the thread, which serves nobody yet. 0 or -errno, and then nothing is held. */
int dns_server_start(const struct dns_config *config, struct dns_server **ret)
{
	struct dns_server *s = calloc(1, sizeof(*s));
	struct forward_hooks hooks = { need_sockets, take_answer, s };
	struct lookup_hooks lookup_hooks = { ask_for_us, give_hosts, s };
	int err;

	if (!s)
		return -ENOMEM;
	s->config = *config;
	snprintf(s->zone, sizeof(s->zone), "vpc-lattice-svcs." STR_FMT ".on.aws",
		 STR_ARG(config->region));
	err = loop_init(&s->loop);
	if (err)
		goto err_free;
	err = inbox_init(&s->inbox, &s->loop, open_letter);
	if (err)
		goto err_loop;
	tcp_init(&s->tcp, &s->loop, serve_tcp);
	lookup_init(&s->lookup, &s->loop, &lookup_hooks);
	s->forwarder = forwarder_new(&s->loop, config->resolv_conf, &hooks);
	err = s->forwarder ? -pthread_create(&s->thread, NULL, server_main, s) : -ENOMEM;
	if (err)
		goto err_forwarder;
	*ret = s;
	return 0;

err_forwarder:
	forwarder_free(s->forwarder);
	inbox_fini(&s->inbox, &s->loop);
err_loop:
	loop_fini(&s->loop);
err_free:
	free(s);
	return err;
}

static struct server_letter *new_letter(enum letter_kind kind, uint32_t vpc)
{
	struct server_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort(); /* the broker starts a plane that has memory again */
	l->letter.kind = (int)kind;
	l->vpc = vpc;
	return l;
}

static void send_letter(struct dns_server *s, struct server_letter *l)
{
	inbox_send(&s->inbox, &l->letter);
}

/* Answer from @snapshot, of which the server takes a reference. */
void dns_server_publish(struct dns_server *s, struct snapshot *snapshot)
{
	struct server_letter *l = new_letter(LETTER_SNAPSHOT, 0);

	l->snapshot = snapshot_get(snapshot);
	send_letter(s, l);
}

/* Serve @vpc on these sockets, in the order of enum dns_socket, which are the server's now. */
void dns_server_set_vpc(struct dns_server *s, uint32_t vpc, const int *fds, unsigned count)
{
	struct server_letter *l = new_letter(LETTER_VPC, vpc);

	l->fd_count = count;
	memcpy(l->fds, fds, count * sizeof(*fds));
	send_letter(s, l);
}

/* Close all that @vpc has. */
void dns_server_drop_vpc(struct dns_server *s, uint32_t vpc)
{
	send_letter(s, new_letter(LETTER_VPC_GONE, vpc));
}

/* What need_sockets() asked for came, or none of it; the sockets are the server's now. */
void dns_server_give_sockets(struct dns_server *s, const struct link_msg *m,
			     const struct link_fds *fds)
{
	struct server_letter *l = new_letter(LETTER_SOCKETS, 0);

	l->family = (uint16_t)m->family;
	l->type = (int)m->type;
	for (; l->fd_count < fds->count && l->fd_count < LINK_SOCKETS_MAX; l->fd_count++)
		l->fds[l->fd_count] = fds->at[l->fd_count];
	send_letter(s, l);
}

/* What happened to questions of @vpc; from any thread. A VPC has its number's counts. */
void dns_server_count(const struct dns_server *s, uint32_t vpc, struct dns_counts *ret)
{
	const struct vpc_counts *c = &s->counts[vpc];
	int i;

	for (i = 0; i < DNS_FATES; i++)
		ret->queries[i] = atomic_load_explicit(&c->queries[i], memory_order_relaxed);
	for (i = 0; i < DNS_RESULTS; i++)
		ret->responses[i] = atomic_load_explicit(&c->responses[i], memory_order_relaxed);
	ret->waiting = forwarder_waiting(s->forwarder, vpc);
}

/* Questions that others are asked now; from any thread. */
unsigned dns_server_in_flight(const struct dns_server *s)
{
	return forwarder_in_flight(s->forwarder);
}

/* End the thread and free all that it held. */
void dns_server_stop(struct dns_server *s)
{
	unsigned i;

	send_letter(s, new_letter(LETTER_STOP, 0));
	pthread_join(s->thread, NULL);
	for (i = 0; i < LATTICE_VPCS_MAX; i++)
		drop_vpc(s, i);
	tcp_fini(&s->tcp);
	lookup_fini(&s->lookup);
	forwarder_free(s->forwarder);
	snapshot_put(s->snapshot);
	inbox_fini(&s->inbox, &s->loop);
	loop_fini(&s->loop);
	free(s);
}
