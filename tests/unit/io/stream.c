/* SPDX-License-Identifier: Apache-2.0 */
/* Streams, plain and over TLS, behave alike; and what TLS adds. */
#include "io/stream.c"
#include "credential.h"
#include "io/tls.c"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

enum { ROUNDS_MAX = 100000, BIG_BYTES = 3000000 };

/* Two ends of one connection, in one thread: nothing may ever block. */
struct pair {
	struct loop loop;
	struct stream client, server;
	struct tls_credential credential;
	struct tls_tickets tickets;
	SSL_CTX *server_context, *client_context;
	struct tls_server as_server;
	struct tls_client as_client;
	SSL_SESSION *last; /* that the client was given */
	struct turn_end last_of_turn;
	int calls; /* of the client's owner, without an event */
};

static void on_ready(struct watch *w, uint32_t events)
{
	(void)w, (void)events;
}

static void note_events(struct watch *w, uint32_t events)
{
	stream_note(container_of(w, struct stream, watch), events);
}

static void open_sockets(struct pair *p)
{
	int fds[2], size = 8192;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	assert_int_equal(stream_open(&p->client, &p->loop, fds[0], on_ready), 0);
	assert_int_equal(stream_open(&p->server, &p->loop, fds[1], on_ready), 0);
}

static void close_sockets(struct pair *p)
{
	if (p->client.watch.fd >= 0)
		stream_close(&p->client, &p->loop);
	if (p->server.watch.fd >= 0)
		stream_close(&p->server, &p->loop);
}

/* What epoll would say now. */
static void note(struct stream *s)
{
	stream_note(s, EPOLLIN | EPOLLOUT);
}

static int shake_hands(struct pair *p)
{
	struct buf none;
	int client = -EAGAIN, server = -EAGAIN, i;

	buf_init(&none, 1);
	stream_secure(&p->server, tls_accept(&p->as_server, p->server.watch.fd, &none));
	stream_secure(&p->client, tls_connect(&p->as_client, p->client.watch.fd));
	assert_non_null(p->server.tls);
	assert_non_null(p->client.tls);
	for (i = 0; i < ROUNDS_MAX && (client || server); i++) {
		note(&p->client);
		note(&p->server);
		if (client == -EAGAIN)
			client = stream_handshake(&p->client);
		if (server == -EAGAIN)
			server = stream_handshake(&p->server);
		if (server != -EAGAIN && server)
			return server;
		if (client != -EAGAIN && client)
			return client;
	}
	return client ? client : server;
}

static int open_plain(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	assert_int_equal(loop_init(&p->loop), 0);
	open_sockets(p);
	*state = p;
	return 0;
}

static void keep_last(void *ctx, SSL_SESSION *s)
{
	SSL_SESSION **last = ctx;

	SSL_SESSION_free(*last);
	*last = SSL_SESSION_dup(s);
	assert_non_null(*last);
}

static int prepare_tls(void **state)
{
	struct pair *p;

	open_plain(state);
	p = *state;
	credential_init(&p->credential, "a.example");
	tls_tickets_rotate(&p->tickets);
	p->server_context = tls_server_new();
	p->client_context = tls_client_new();
	assert_non_null(p->server_context);
	assert_non_null(p->client_context);
	p->as_server = (struct tls_server){ .context = p->server_context,
					    .credential = &p->credential,
					    .tickets = &p->tickets,
					    .scope = STR("svc-1") };
	p->as_client = (struct tls_client){ .context = p->client_context,
					    .name = "a.example",
					    .keep = keep_last,
					    .ctx = &p->last };
	return 0;
}

static int open_tls(void **state)
{
	prepare_tls(state);
	assert_int_equal(shake_hands(*state), 0);
	return 0;
}

static int close_pair(void **state)
{
	struct pair *p = *state;

	close_sockets(p);
	credential_fini(&p->credential);
	SSL_CTX_free(p->server_context);
	SSL_CTX_free(p->client_context);
	SSL_SESSION_free(p->last);
	loop_fini(&p->loop);
	free(p);
	return 0;
}

static char pattern(size_t i)
{
	return (char)(i * 31 + (i >> 8));
}

/* Send BIG_BYTES from @from to @to, which reads at its own pace; both see every byte once. */
static void carry(struct stream *from, struct stream *to)
{
	size_t sent = 0, seen = 0, i, round;

	for (round = 0; seen < BIG_BYTES; round++) {
		assert_true(round < ROUNDS_MAX);
		note(from);
		while (sent < BIG_BYTES && buf_len(&from->out) < STREAM_HIGH_BYTES)
			buf_add_char(&from->out, pattern(sent++));
		stream_flush(from);
		note(to);
		stream_fill(to);
		assert_true(buf_len(&to->in) < STREAM_HIGH_BYTES + STREAM_READ_BYTES);
		if (round % 3)
			continue; /* it is slow */
		for (i = 0; i < buf_len(&to->in); i++)
			assert_int_equal(to->in.p[to->in.start + i], pattern(seen + i));
		seen += i;
		buf_clear(&to->in);
	}
	assert_int_equal(seen, BIG_BYTES);
	assert_int_equal(from->error, 0);
	assert_int_equal(to->error, 0);
}

static void carries_every_byte_both_ways(void **state)
{
	struct pair *p = *state;

	carry(&p->client, &p->server);
	carry(&p->server, &p->client);
}

static void stops_reading_at_the_mark(void **state)
{
	struct pair *p = *state;
	int i;

	for (i = 0; i < 200; i++) {
		note(&p->client);
		while (buf_len(&p->client.out) < STREAM_HIGH_BYTES)
			buf_add_lit(&p->client.out, "0123456789abcdef");
		stream_flush(&p->client);
		note(&p->server);
		stream_fill(&p->server);
	}
	assert_in_range(buf_len(&p->server.in), STREAM_HIGH_BYTES,
			STREAM_HIGH_BYTES + STREAM_READ_BYTES);
	assert_int_equal(stream_fill(&p->server), 0);
	assert_true(buf_len(&p->client.out) > 0);
	assert_false(p->client.writable);
}

static void asks_nothing_twice(void **state)
{
	struct pair *p = *state;

	note(&p->client);
	note(&p->server);
	buf_add_lit(&p->client.out, "hello");
	assert_int_equal(stream_flush(&p->client), 5);
	assert_int_equal(stream_fill(&p->server), 5);
	assert_int_equal(stream_fill(&p->server), 0);
	assert_false(p->server.readable);
	buf_add_lit(&p->client.out, "again");
	stream_flush(&p->client);
	assert_int_equal(stream_fill(&p->server), 0); /* epoll has not said so yet */
	note(&p->server);
	assert_int_equal(stream_fill(&p->server), 5);
}

static void ends_one_direction_and_keeps_the_other(void **state)
{
	struct pair *p = *state;
	int i;

	note(&p->client);
	note(&p->server);
	buf_add_lit(&p->client.out, "last");
	stream_shut(&p->client);
	stream_fill(&p->server);
	note(&p->server);
	stream_fill(&p->server);
	assert_true(str_eq(buf_str(&p->server.in), STR("last")));
	assert_true(p->server.eof);
	assert_int_equal(p->server.error, 0);
	buf_add_lit(&p->server.out, "answer");
	stream_flush(&p->server);
	for (i = 0; i < 3; i++) {
		note(&p->client);
		stream_fill(&p->client);
	}
	assert_true(str_eq(buf_str(&p->client.in), STR("answer")));
	assert_false(p->client.eof);
}

/* As many servers do, over TLS too. */
static void takes_a_mere_close_for_the_end(void **state)
{
	struct pair *p = *state;

	note(&p->client);
	stream_fill(&p->client); /* a unix socket that is closed unread is reset */
	close(p->client.watch.fd);
	p->client.watch.fd = -1;
	tls_free(p->client.tls);
	buf_fini(&p->client.in);
	stream_note(&p->server, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
	stream_fill(&p->server);
	assert_true(p->server.eof);
	assert_int_equal(p->server.error, 0);
}

static void writing_to_the_gone_is_deaf(void **state)
{
	struct pair *p = *state;

	stream_close(&p->client, &p->loop);
	note(&p->server);
	buf_add_lit(&p->server.out, "anyone?");
	stream_flush(&p->server);
	assert_true(p->server.is_deaf);
	assert_int_equal(p->server.error, 0);
}

static void stop(struct turn_end *t)
{
	struct pair *p = container_of(t, struct pair, last_of_turn);

	loop_stop(&p->loop);
}

/* One turn of the loop, which waits for nothing. */
static void turn(struct pair *p)
{
	p->last_of_turn.run = stop;
	loop_late(&p->loop, &p->last_of_turn);
	loop_hurry(&p->loop);
	p->loop.stopping = false;
	loop_run(&p->loop);
}

static void what_is_late_goes_at_the_end_of_the_turn(void **state)
{
	struct pair *p = *state;

	note(&p->client);
	buf_add_lit(&p->client.out, "one,");
	stream_flush_late(&p->client, &p->loop);
	buf_add_lit(&p->client.out, "two");
	stream_flush_late(&p->client, &p->loop);
	assert_true(stream_is_late(&p->client));
	note(&p->server);
	assert_int_equal(stream_fill(&p->server), 0);
	turn(p);
	assert_false(stream_is_late(&p->client));
	assert_null(p->client.out.p);
	note(&p->server);
	assert_int_equal(stream_fill(&p->server), 7);
	assert_true(str_eq(buf_str(&p->server.in), STR("one,two")));
}

static void much_is_not_late(void **state)
{
	struct pair *p = *state;
	size_t i;

	note(&p->client);
	for (i = 0; i <= STREAM_LATE_BYTES_MAX; i++)
		buf_add_char(&p->client.out, 'x');
	stream_flush_late(&p->client, &p->loop);
	assert_false(stream_is_late(&p->client));
	assert_true(buf_len(&p->client.out) <= STREAM_LATE_BYTES_MAX);
}

static void a_close_does_not_lose_what_is_late(void **state)
{
	struct pair *p = *state;

	note(&p->client);
	buf_add_lit(&p->client.out, "last");
	stream_flush_late(&p->client, &p->loop);
	stream_close(&p->client, &p->loop);
	note(&p->server);
	stream_fill(&p->server);
	assert_true(str_eq(buf_str(&p->server.in), STR("last")));
	turn(p);
}

static void count_call(struct watch *w, uint32_t events)
{
	struct pair *p = container_of(w, struct pair, client.watch);

	p->calls += !events;
}

static void an_owner_is_told_what_became_of_what_was_late(void **state)
{
	struct pair *p = *state;

	note(&p->client);
	turn(p); /* what epoll has to say */
	p->client.watch.ready = count_call;
	buf_add_lit(&p->client.out, "fine");
	stream_flush_late(&p->client, &p->loop);
	turn(p);
	assert_int_equal(p->calls, 0);
	stream_close(&p->server, &p->loop);
	buf_add_lit(&p->client.out, "anyone?");
	stream_flush_late(&p->client, &p->loop);
	turn(p);
	assert_true(p->client.is_deaf);
	assert_int_equal(p->calls, 1);
}

static void who_is_not_watched_is_tried_until_he_is(void **state)
{
	struct pair *p = *state;
	int fds[2];

	close_sockets(p);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	stream_begin(&p->client, fds[0], on_ready);
	stream_begin(&p->server, fds[1], note_events);
	buf_add_lit(&p->client.out, "hello");
	assert_int_equal(stream_flush(&p->client), 5);
	assert_int_equal(stream_fill(&p->server), 5);
	assert_false(p->server.readable);
	stream_flush_late(&p->client, &p->loop);
	buf_add_lit(&p->client.out, "again");
	stream_flush(&p->client);
	turn(p);
	assert_false(p->server.readable); /* nobody has told */
	assert_int_equal(stream_watch(&p->server, &p->loop), 0);
	assert_int_equal(stream_watch(&p->server, &p->loop), 0);
	turn(p);
	assert_int_equal(stream_fill(&p->server), 5);
}

static void agrees_on_tls_1_3_and_http_1_1(void **state)
{
	struct pair *p = *state;

	assert_int_equal(shake_hands(p), 0);
	assert_string_equal(tls_version(p->server.tls), "TLSv1.3");
	assert_string_equal(tls_cipher(p->server.tls), "TLS_AES_128_GCM_SHA256");
	assert_false(tls_speaks_h2(p->server.tls));
	assert_false(tls_is_resumed(p->server.tls));
}

static void speaks_tls_1_2(void **state)
{
	struct pair *p = *state;

	SSL_CTX_set_max_proto_version(p->client_context, TLS1_2_VERSION);
	assert_int_equal(shake_hands(p), 0);
	assert_string_equal(tls_version(p->server.tls), "TLSv1.2");
	assert_string_equal(tls_cipher(p->server.tls), "ECDHE-ECDSA-AES128-GCM-SHA256");
	carry(&p->client, &p->server);
}

static void refuses_older_tls(void **state)
{
	struct pair *p = *state;

	SSL_CTX_set_min_proto_version(p->client_context, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(p->client_context, TLS1_1_VERSION);
	SSL_CTX_set_security_level(p->client_context, 0);
	assert_true(shake_hands(p) < 0);
	assert_true(p->server.error || p->client.error);
}

static void h2_is_agreed_on_when_both_want_it(void **state)
{
	struct pair *p = *state;

	p->as_server.offers_h2 = true;
	p->as_client.wants_h2 = true;
	assert_int_equal(shake_hands(p), 0);
	assert_true(tls_speaks_h2(p->server.tls));
	assert_true(tls_speaks_h2(p->client.tls));
}

static void another_protocol_is_refused(void **state)
{
	struct pair *p = *state;

	p->as_client.wants_h2 = true;
	assert_int_equal(shake_hands(p), -EPROTO);
	assert_int_equal(p->server.error, -EPROTO);
	assert_string_not_equal(tls_reason(p->server.tls), "");
}

static void garbage_is_not_a_handshake(void **state)
{
	struct pair *p = *state;
	struct buf first;

	buf_init(&first, 100);
	buf_add_lit(&first, "GET / HTTP/1.1\r\n\r\n");
	stream_secure(&p->server, tls_accept(&p->as_server, p->server.watch.fd, &first));
	assert_int_equal(buf_len(&first), 0);
	note(&p->server);
	assert_int_equal(stream_handshake(&p->server), -EPROTO);
	assert_string_equal(tls_reason(p->server.tls), "http request");
	assert_int_equal(stream_handshake(&p->server), -EPROTO);
	assert_int_equal(stream_fill(&p->server), 0);
}

/* The handshake begins with what was read before it. */
static void begins_with_bytes_read_before(void **state)
{
	struct pair *p = *state;
	struct buf first;
	int err, i;

	buf_init(&first, STREAM_BUFFER_BYTES_MAX);
	stream_secure(&p->client, tls_connect(&p->as_client, p->client.watch.fd));
	note(&p->client);
	assert_int_equal(stream_handshake(&p->client), -EAGAIN);
	note(&p->server);
	assert_true(stream_fill(&p->server) > 100);
	stream_secure(&p->server, tls_accept(&p->as_server, p->server.watch.fd, &p->server.in));
	assert_int_equal(buf_len(&p->server.in), 0);
	for (i = 0, err = -EAGAIN; err == -EAGAIN && i < 10; i++) {
		err = stream_handshake(&p->server);
		note(&p->client);
		stream_handshake(&p->client);
		note(&p->server);
	}
	assert_int_equal(err, 0);
	carry(&p->client, &p->server);
}

/* Offer the session of the first connection in another; is it resumed? */
static bool resumes(struct pair *p)
{
	bool is_resumed;
	int i;

	for (i = 0; i < 3; i++) {
		note(&p->client);
		stream_fill(&p->client); /* takes the ticket in */
	}
	p->as_client.session = p->last;
	close_sockets(p);
	open_sockets(p);
	stream_secure(&p->client, tls_connect(&p->as_client, p->client.watch.fd));
	stream_secure(&p->server,
		      tls_accept(&p->as_server, p->server.watch.fd, &(struct buf){ .max = 1 }));
	for (i = 0; i < 10; i++) {
		note(&p->client);
		stream_handshake(&p->client);
		note(&p->server);
		stream_handshake(&p->server);
	}
	assert_true(tls_is_ready(p->server.tls));
	assert_true(tls_is_ready(p->client.tls));
	is_resumed = tls_is_resumed(p->server.tls);
	assert_int_equal(is_resumed, tls_is_resumed(p->client.tls));
	return is_resumed;
}

static void a_session_is_resumed(void **state)
{
	struct pair *p = *state;

	assert_true(resumes(p));
	tls_tickets_rotate(&p->tickets);
	assert_true(resumes(p)); /* the key before is still there */
}

/* The certificate of @c in PEM is all that is believed. */
static struct tls_trust *trust_in(const struct tls_credential *c)
{
	BIO *to = BIO_new(BIO_s_mem());
	struct tls_trust *t;
	char *text;
	long n;

	assert_int_equal(PEM_write_bio_X509(to, c->leaf), 1);
	n = BIO_get_mem_data(to, &text);
	t = tls_trust_new((struct str){ text, (size_t)n });
	assert_non_null(t);
	BIO_free(to);
	return t;
}

/* Who is asked for as @host and believed if @trust says so. */
static int prove(struct pair *p, const struct tls_trust *trust, const char *host)
{
	p->as_client.trust = trust;
	p->as_client.host = host;
	close_sockets(p);
	open_sockets(p);
	return shake_hands(p);
}

/* Over both versions; one that was proved stays so. */
static void what_the_server_offers_is_told_and_resumes(void **state)
{
	static const int versions[] = { TLS1_3_VERSION, TLS1_2_VERSION };
	struct pair *p = *state;
	struct tls_trust *trust = trust_in(&p->credential);
	size_t i, k;

	for (i = 0; i < 2; i++) {
		SSL_CTX_set_max_proto_version(p->client_context, versions[i]);
		p->as_client.session = NULL;
		assert_int_equal(prove(p, trust, "a.example"), 0);
		note(&p->client);
		stream_fill(&p->client); /* takes the ticket in */
		assert_non_null(p->last);
		assert_false(tls_is_resumed(p->client.tls));
		for (k = 0; k < 3; k++) {
			p->as_client.session = p->last;
			assert_int_equal(prove(p, trust, "a.example"), 0);
			assert_true(tls_is_resumed(p->client.tls));
			assert_true(tls_is_resumed(p->server.tls));
			note(&p->client);
			stream_fill(&p->client);
		}
		SSL_SESSION_free(p->last);
		p->last = NULL;
	}
	p->as_client.session = NULL;
	tls_trust_free(trust);
}

static void a_session_is_resumed_over_tls_1_2(void **state)
{
	struct pair *p = *state;

	SSL_CTX_set_max_proto_version(p->client_context, TLS1_2_VERSION);
	assert_int_equal(shake_hands(p), 0);
	assert_true(resumes(p));
}

static void a_session_ends_with_its_key(void **state)
{
	struct pair *p = *state;

	tls_tickets_rotate(&p->tickets);
	tls_tickets_rotate(&p->tickets);
	assert_false(resumes(p));
}

static void a_session_is_worth_nothing_elsewhere(void **state)
{
	struct pair *p = *state;

	p->as_server.scope = STR("svc-2");
	assert_false(resumes(p));
}

#define BOTH(test)                                                  \
	{ #test " plain", test, open_plain, close_pair, NULL },     \
	{                                                           \
#test " over TLS", test, open_tls, close_pair, NULL \
	}

static void who_must_prove_its_name_does(void **state)
{
	struct tls_credential other;
	struct pair *p = *state;
	struct tls_trust *trust = trust_in(&p->credential), *wrong;

	credential_init(&other, "a.example");
	wrong = trust_in(&other);
	assert_int_equal(prove(p, trust, "a.example"), 0);
	assert_int_equal(prove(p, trust, "A.EXAMPLE"), 0);
	assert_int_equal(prove(p, trust, "b.example"), -EPROTO);
	assert_string_equal(tls_reason(p->client.tls), "hostname mismatch");
	assert_int_equal(prove(p, trust, "10.0.0.1"), -EPROTO);
	assert_string_equal(tls_reason(p->client.tls), "IP address mismatch");
	assert_int_equal(prove(p, wrong, "a.example"), -EPROTO);
	X509_gmtime_adj(X509_getm_notAfter(p->credential.leaf), -1);
	X509_sign(p->credential.leaf, p->credential.key, EVP_sha256());
	tls_trust_free(trust);
	trust = trust_in(&p->credential);
	assert_int_equal(prove(p, trust, "a.example"), -EPROTO);
	assert_string_equal(tls_reason(p->client.tls), "certificate has expired");
	assert_int_equal(prove(p, NULL, NULL), 0);
	tls_trust_free(trust);
	tls_trust_free(wrong);
	credential_fini(&other);
}

static void what_is_no_certificate_is_no_trust(void **state)
{
	(void)state;
	assert_null(tls_trust_new(STR("")));
	assert_null(tls_trust_new(STR("hello")));
	assert_null(tls_trust_new(
		STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")));
	assert_null(tls_trust_new(STR("-----BEGIN CERTIFICATE-----\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(carries_every_byte_both_ways),
		BOTH(stops_reading_at_the_mark),
		BOTH(asks_nothing_twice),
		BOTH(ends_one_direction_and_keeps_the_other),
		BOTH(takes_a_mere_close_for_the_end),
		BOTH(writing_to_the_gone_is_deaf),
		BOTH(what_is_late_goes_at_the_end_of_the_turn),
		cmocka_unit_test_setup_teardown(much_is_not_late, open_plain, close_pair),
		BOTH(a_close_does_not_lose_what_is_late),
		BOTH(an_owner_is_told_what_became_of_what_was_late),
		cmocka_unit_test_setup_teardown(who_is_not_watched_is_tried_until_he_is, open_plain,
						close_pair),
		cmocka_unit_test_setup_teardown(agrees_on_tls_1_3_and_http_1_1, prepare_tls,
						close_pair),
		cmocka_unit_test_setup_teardown(speaks_tls_1_2, prepare_tls, close_pair),
		cmocka_unit_test_setup_teardown(refuses_older_tls, prepare_tls, close_pair),
		cmocka_unit_test_setup_teardown(h2_is_agreed_on_when_both_want_it, prepare_tls,
						close_pair),
		cmocka_unit_test_setup_teardown(another_protocol_is_refused, prepare_tls,
						close_pair),
		cmocka_unit_test_setup_teardown(garbage_is_not_a_handshake, prepare_tls,
						close_pair),
		cmocka_unit_test_setup_teardown(begins_with_bytes_read_before, prepare_tls,
						close_pair),
		cmocka_unit_test_setup_teardown(who_must_prove_its_name_does, prepare_tls,
						close_pair),
		cmocka_unit_test(what_is_no_certificate_is_no_trust),
		cmocka_unit_test_setup_teardown(a_session_is_resumed, open_tls, close_pair),
		cmocka_unit_test_setup_teardown(what_the_server_offers_is_told_and_resumes,
						prepare_tls, close_pair),
		cmocka_unit_test_setup_teardown(a_session_is_resumed_over_tls_1_2, prepare_tls,
						close_pair),
		cmocka_unit_test_setup_teardown(a_session_ends_with_its_key, open_tls, close_pair),
		cmocka_unit_test_setup_teardown(a_session_is_worth_nothing_elsewhere, open_tls,
						close_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
