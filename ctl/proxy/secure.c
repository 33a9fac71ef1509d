/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS with clients. The hello is read before any of OpenSSL's memory is spent on the connection,
 * because the name in it decides what is served: among services that share an address, and with
 * which certificate.
 */
#include "proxy/secure.h"

#include "auth/certificate.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/tls.h"
#include "model/binding.h"
#include "proxy/conn.h"
#include "proxy/passthrough.h"
#include "proxy/worker.h"

#include <errno.h>
#include <stdlib.h>

enum {
	HANDSHAKE_MS_MAX = 10 * 1000,
	LOG_EVERY_MS = 1000, /* failures in between are counted only */
};

/* A fatal alert: content type, version 1.2, length, level, and the description behind it. */
#define ALERT "\x15\x03\x03\x00\x02\x02"

enum alert {
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_DECODE_ERROR = 50,
	ALERT_INTERNAL_ERROR = 80,
	ALERT_UNRECOGNIZED_NAME = 112,
};

/* The client is not served: count it, and say why now and then. */
static void give_up(struct conn *c, const char *why)
{
	struct worker *w = c->worker;
	char text[SOCK_ADDR_TEXT_MAX];
	struct str peer = sock_addr_write(&c->peer, text);

	c->closing = true;
	atomic_fetch_add_explicit(&w->tls_failures, 1, memory_order_relaxed);
	meter_count(worker_meter_vpc(w, c->vpc), METER_TLS_ERRORS, 1);
	if (w->tls_logged_ms && w->loop.now_ms - w->tls_logged_ms < LOG_EVERY_MS)
		return;
	w->tls_logged_ms = w->loop.now_ms;
	log_info("TLS handshake failed client=" STR_FMT " sni=" STR_FMT ": %s", STR_ARG(peer),
		 STR_ARG(secure_name(c)), why);
}

/* The same before there is a session that could say it to the client. */
static void refuse(struct conn *c, enum alert alert, const char *why)
{
	buf_clear(&c->s.in);
	buf_add_lit(&c->s.out, ALERT);
	buf_add_char(&c->s.out, (char)alert);
	give_up(c, why);
}

/* Speak TLS on @c from here on. False without memory. */
bool secure_begin(struct conn *c)
{
	c->secure = calloc(1, sizeof(*c->secure));
	if (!c->secure)
		return false;
	timer_arm(&c->worker->loop, &c->timer, HANDSHAKE_MS_MAX);
	return true;
}

/* What @s shows to a client that asks for @name; NULL: nothing. */
static struct certificate *choose_certificate(const struct snap_service *s, struct str name)
{
	if (s->certificate && name.n && str_eq_nocase(name, s->domain))
		return s->certificate;
	return s->own_certificate;
}

/* Shake hands for @s. What was read goes to the session. */
static void shake_hands(struct conn *c, const struct snap_service *s)
{
	const struct worker_tls *shared = c->worker->hooks->tls;
	struct certificate *certificate = choose_certificate(s, secure_name(c));
	struct tls_server as = {
		.tickets = &c->worker->tickets,
		.scope = s->id,
		.offers_h2 = true,
	};
	struct tls *tls;

	if (shared && certificate)
		as.credential =
			certificate_credential(certificate, (int64_t)(clock_wall_ms() / 1000));
	if (!as.credential) {
		refuse(c, ALERT_INTERNAL_ERROR, "there is no certificate");
		return;
	}
	as.context = shared->server;
	tls = tls_accept(&as, c->s.watch.fd, &c->s.in);
	if (tls)
		stream_secure(&c->s, tls);
	else
		refuse(c, ALERT_INTERNAL_ERROR, "out of memory");
}

/* The name that is asked for must be the service's custom one, to the letter. */
static void pass_through(struct conn *c, const struct snap_service *s)
{
	if (!s->domain.n || !str_eq_nocase(secure_name(c), s->domain))
		refuse(c, ALERT_UNRECOGNIZED_NAME, "not the name that is passed through");
	else if (!passthrough_begin(c))
		refuse(c, ALERT_INTERNAL_ERROR, "out of memory");
}

/* Who is it for? */
static void take_hello(struct conn *c)
{
	const struct snapshot *s = c->worker->lease->snapshot;
	const struct snap_vpc *v = snapshot_find_vpc(s, c->vpc);
	struct binding b;

	if (!v || !binding_find(s, v, &c->local, secure_name(c), &b))
		refuse(c, ALERT_UNRECOGNIZED_NAME, "no service of this name");
	else if (b.listener->kind == SNAP_LISTENER_HTTPS)
		shake_hands(c, b.service);
	else if (b.listener->kind == SNAP_LISTENER_PASSTHROUGH)
		pass_through(c, b.service);
	else
		refuse(c, ALERT_HANDSHAKE_FAILURE, "the listener does not speak TLS");
}

/* Read the hello. False: wait, or see closing. */
static bool read_hello(struct conn *c)
{
	for (;;) {
		size_t got = stream_fill(&c->s);

		switch (tls_hello_parse(buf_str(&c->s.in), &c->secure->hello)) {
		case TLS_HELLO_DONE:
			take_hello(c);
			return !c->closing;
		case TLS_HELLO_BAD:
			refuse(c, ALERT_DECODE_ERROR, c->secure->hello.reason);
			return false;
		case TLS_HELLO_MORE:
			break;
		}
		if (c->s.eof || c->s.error)
			give_up(c, "closed by the client");
		if (!got)
			return false;
	}
}

/* Go on with @c: true when requests may follow; false: wait, or see closing. */
bool secure_run(struct conn *c)
{
	int err;

	if (c->secure->is_ready)
		return true;
	if (!c->s.tls && !read_hello(c))
		return false;
	if (c->secure->is_ready)
		return true; /* passed through */
	err = stream_handshake(&c->s);
	if (err == -EAGAIN)
		return false;
	if (err) {
		give_up(c, tls_reason(c->s.tls));
		return false;
	}
	c->secure->is_ready = true;
	atomic_fetch_add_explicit(&c->worker->tls_handshakes, 1, memory_order_relaxed);
	meter_count(worker_meter_vpc(c->worker, c->vpc), METER_TLS_HANDSHAKES, 1);
	timer_arm(&c->worker->loop, &c->timer, c->activity.idle_ms_max);
	if (tls_speaks_h2(c->s.tls))
		conn_speak_h2(c);
	return true;
}

/* Has @c begun with TLS and not come to its end? */
bool secure_is_pending(const struct conn *c)
{
	return c->secure && !c->secure->is_ready;
}

/* The time for the handshake is up; @c is to be closed. */
void secure_expire(struct conn *c)
{
	give_up(c, "not finished in time");
}

/* The name that the client asked for in its hello, in lower case; empty: none. */
struct str secure_name(const struct conn *c)
{
	if (!c->secure)
		return (struct str){ 0 };
	return (struct str){ c->secure->hello.name, c->secure->hello.name_n };
}
