/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS by OpenSSL over a BIO of our own: it knows from epoll and from short reads when the socket
 * is empty, so that no call is made to be told EAGAIN; and it begins with bytes that were read
 * before anyone knew that they were a handshake.
 */
#include "io/tls.h"

#include "base/array.h"

#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/socket.h>

/*
 * Forward secrecy and authenticated encryption only. AWS's list also has CBC and RSA key exchange
 * for clients that know nothing better: whoever speaks TLS 1.2 does.
 */
static const char ciphers_v12[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
				  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
				  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char ciphers_v13[] =
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
static const char groups[] = "X25519:P-256:P-384";

/* ALPN protocols, each behind its length. */
static const unsigned char alpn_h1[] = "\x08http/1.1";
static const unsigned char alpn_h2[] = "\x02h2";
static const unsigned char alpn_both[] = "\x02h2\x08http/1.1";

struct tls {
	SSL *ssl;
	int fd;
	const struct tls_tickets *tickets;
	struct buf first; /* read before the handshake began */
	bool is_drained;  /* the socket has nothing to read until epoll says so */
	bool is_ending;	  /* an end is to be read: a short read proves nothing */
	bool has_eof;	  /* and it was read */
	bool is_ready, has_failed, offers_h2;
	void (*keep)(void *ctx, SSL_SESSION *s);
	void *keep_ctx;
	char reason[128]; /* of the failure */
};

/* The socket as OpenSSL sees it */

static int bio_read(BIO *b, char *to, int n)
{
	struct tls *t = BIO_get_data(b);
	ssize_t got;

	BIO_clear_retry_flags(b);
	if (buf_len(&t->first)) {
		struct str s = str_first(buf_str(&t->first), (size_t)n);

		memcpy(to, s.p, s.n);
		buf_consume(&t->first, s.n);
		if (!buf_len(&t->first))
			buf_fini(&t->first);
		return (int)s.n;
	}
	do
		got = t->is_drained ? -1 : recv(t->fd, to, (size_t)n, 0);
	while (got < 0 && !t->is_drained && errno == EINTR);
	if (t->is_drained || (got < 0 && errno == EAGAIN)) {
		t->is_drained = true;
		BIO_set_retry_read(b);
		return -1;
	}
	t->has_eof = got == 0;
	if (got > 0 && got < n && !t->is_ending)
		t->is_drained = true;
	return (int)got;
}

static int bio_write(BIO *b, const char *from, int n)
{
	struct tls *t = BIO_get_data(b);
	ssize_t put;

	BIO_clear_retry_flags(b);
	do
		put = send(t->fd, from, (size_t)n, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put < 0 && errno == EAGAIN)
		BIO_set_retry_write(b);
	return (int)put;
}

static long bio_ctrl(BIO *b, int command, long number, void *with)
{
	const struct tls *t = BIO_get_data(b);

	(void)number, (void)with;
	return command == BIO_CTRL_FLUSH || (command == BIO_CTRL_EOF && t->has_eof);
}

/* Made once, before there are threads that could make it twice; never freed. */
static BIO_METHOD *bio_method(void)
{
	static BIO_METHOD *method;

	if (method)
		return method;
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lattice socket");
	if (!method)
		return NULL;
	BIO_meth_set_read(method, bio_read);
	BIO_meth_set_write(method, bio_write);
	BIO_meth_set_ctrl(method, bio_ctrl);
	return method;
}

/* What all connections share */

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
		     EVP_MAC_CTX *mac, int is_sealing)
{
	const struct tls *t = SSL_get_app_data(ssl);

	return tls_tickets_use(t->tickets, name, iv, cipher, mac, is_sealing);
}

/* A client that wants another protocol than ours is refused, not answered in HTTP/1.1. */
static int on_alpn(SSL *ssl, const unsigned char **ret, unsigned char *ret_n,
		   const unsigned char *in, unsigned in_n, void *ctx)
{
	const struct tls *t = SSL_get_app_data(ssl);
	const unsigned char *ours = t->offers_h2 ? alpn_both : alpn_h1;
	unsigned n = t->offers_h2 ? sizeof(alpn_both) - 1 : sizeof(alpn_h1) - 1;
	unsigned char *chosen;

	(void)ctx;
	if (SSL_select_next_proto(&chosen, ret_n, ours, n, in, in_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* The server may be resumed: whoever wants to takes a reference. */
static int on_session(SSL *ssl, SSL_SESSION *s)
{
	const struct tls *t = SSL_get_app_data(ssl);

	if (t->keep)
		t->keep(t->keep_ctx, s);
	return 0;
}

static SSL_CTX *new_context(const SSL_METHOD *method)
{
	SSL_CTX *c = bio_method() ? SSL_CTX_new(method) : NULL;

	if (!c)
		return NULL;
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				       SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
				       SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(c, 1);
	SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
	if (SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_ciphersuites(c, ciphers_v13) == 1 &&
	    SSL_CTX_set1_groups_list(c, groups) == 1)
		return c;
	SSL_CTX_free(c);
	return NULL;
}

/*
 * What serving clients shares among all threads, without a certificate: each connection brings its
 * own. Call it before there are threads. NULL without memory.
 */
SSL_CTX *tls_server_new(void)
{
	SSL_CTX *c = new_context(TLS_server_method());

	if (!c)
		return NULL;
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(c, TLS_TICKET_SECONDS);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(c, on_ticket);
	SSL_CTX_set_alpn_select_cb(c, on_alpn, NULL);
	if (SSL_CTX_set_num_tickets(c, 1) == 1 && SSL_CTX_set_cipher_list(c, ciphers_v12) == 1)
		return c;
	SSL_CTX_free(c);
	return NULL;
}

/*
 * The same for connections to targets, whose certificates are not verified, as in AWS: so their
 * keys may be short, too. NULL without memory.
 */
SSL_CTX *tls_client_new(void)
{
	SSL_CTX *c = new_context(TLS_client_method());

	if (!c)
		return NULL;
	SSL_CTX_set_security_level(c, 1);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(c, on_session);
	return c;
}

/* One connection */

static struct tls *new_tls(SSL_CTX *context, int fd)
{
	struct tls *t = calloc(1, sizeof(*t));
	BIO *b = BIO_new(bio_method());

	if (t)
		t->ssl = SSL_new(context);
	if (!t || !b || !t->ssl) {
		BIO_free(b);
		tls_free(t);
		return NULL;
	}
	t->fd = fd;
	BIO_set_data(b, t);
	BIO_set_init(b, 1);
	SSL_set_bio(t->ssl, b, b);
	SSL_set_app_data(t->ssl, t);
	return t;
}

/*
 * Serve TLS on @fd, of which @first was read already; that buffer is taken over and left empty.
 * NULL without memory, and then @first is untouched.
 */
struct tls *tls_accept(const struct tls_server *s, int fd, struct buf *first)
{
	const struct tls_credential *c = s->credential;
	struct tls *t = new_tls(s->context, fd);
	struct str scope = str_first(s->scope, TLS_SCOPE_BYTES_MAX);

	if (!t)
		return NULL;
	t->tickets = s->tickets;
	t->offers_h2 = s->offers_h2;
	SSL_set_accept_state(t->ssl);
	ERR_clear_error();
	if (SSL_use_cert_and_key(t->ssl, c->leaf, c->key, c->chain, 1) != 1 ||
	    SSL_set_session_id_context(t->ssl, (const unsigned char *)scope.p, (unsigned)scope.n) !=
		    1) {
		tls_free(t);
		return NULL;
	}
	t->first = *first;
	buf_init(first, first->max);
	return t;
}

/* Have the server prove that it is whom @c names. */
static bool demand_proof(SSL *ssl, const struct tls_client *c)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(ssl);

	SSL_set_security_level(ssl, 2);
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	X509_VERIFY_PARAM_set_hostflags(p, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_verify_cert_store(ssl, c->trust->store) == 1 &&
	       (X509_VERIFY_PARAM_set1_ip_asc(p, c->host) == 1 ||
		X509_VERIFY_PARAM_set1_host(p, c->host, 0) == 1);
}

/*
 * Resume a copy of @session: OpenSSL forbids to resume again what was, since a ticket that comes
 * twice tells a listener who comes; but a target knows that anyway, and need not give another.
 */
static bool resume(SSL *ssl, const SSL_SESSION *session)
{
	SSL_SESSION *copy = SSL_SESSION_dup(session);
	bool done = copy && SSL_set_session(ssl, copy) == 1;

	SSL_SESSION_free(copy);
	return done;
}

/* Speak TLS as a client on @fd, which is connected. NULL without memory. */
struct tls *tls_connect(const struct tls_client *c, int fd)
{
	struct tls *t = new_tls(c->context, fd);
	const unsigned char *alpn = c->wants_h2 ? alpn_h2 : alpn_h1;
	unsigned n = c->wants_h2 ? sizeof(alpn_h2) - 1 : sizeof(alpn_h1) - 1;

	if (!t)
		return NULL;
	t->keep = c->keep;
	t->keep_ctx = c->ctx;
	SSL_set_connect_state(t->ssl);
	ERR_clear_error();
	if (SSL_set_alpn_protos(t->ssl, alpn, n) != 0 ||
	    (c->name && SSL_set_tlsext_host_name(t->ssl, c->name) != 1) ||
	    (c->trust && !demand_proof(t->ssl, c)) || (c->session && !resume(t->ssl, c->session))) {
		tls_free(t);
		return NULL;
	}
	return t;
}

/* NULL is fine. The socket is the caller's to close. */
void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	buf_fini(&t->first);
	free(t);
}

/* Remember what epoll reported: something to read, or an end. */
void tls_note(struct tls *t, bool is_readable, bool is_ending)
{
	if (is_readable || is_ending)
		t->is_drained = false;
	if (is_ending)
		t->is_ending = true;
}

/* Keep why it failed; the session is not to be used again. Returns -EPROTO or the socket's. */
static int fail(struct tls *t, int socket_error)
{
	unsigned long e = ERR_peek_error();
	const char *why = e ? ERR_reason_error_string(e) : NULL;
	long proof = SSL_get_verify_result(t->ssl);

	t->has_failed = true;
	if (!why)
		why = socket_error ? strerror(socket_error) : "closed by the peer";
	else if (proof != X509_V_OK && (SSL_get_verify_mode(t->ssl) & SSL_VERIFY_PEER))
		why = X509_verify_cert_error_string(proof);
	strncat(t->reason, why, sizeof(t->reason) - 1);
	ERR_clear_error();
	return socket_error ? -socket_error : -EPROTO;
}

/* What an OpenSSL call that answered @n means, see the header; errno is the socket's. */
static int judge(struct tls *t, int n, bool is_receiving)
{
	int socket_error = errno;

	switch (SSL_get_error(t->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		return is_receiving ? -EINPROGRESS : -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		return fail(t, socket_error);
	default:
		return fail(t, 0);
	}
}

/*
 * Go on with the handshake. 0 when it is done, -EAGAIN when it waits for the socket, another
 * -errno when it failed: see tls_reason().
 */
int tls_handshake(struct tls *t)
{
	int n, err;

	if (t->is_ready)
		return 0;
	if (t->has_failed)
		return -EPROTO;
	ERR_clear_error();
	errno = 0;
	n = SSL_do_handshake(t->ssl);
	if (n == 1) {
		t->is_ready = true;
		return 0;
	}
	err = judge(t, n, false);
	return err ? err : fail(t, 0);
}

/* May there be something to receive, in the socket or taken from it before? */
bool tls_has_input(const struct tls *t)
{
	return !t->is_drained || SSL_has_pending(t->ssl) || buf_len(&t->first);
}

/* Up to @n bytes to @to. The bytes, 0 at the peer's end, or -errno: see the top of the header. */
ssize_t tls_recv(struct tls *t, void *to, size_t n)
{
	int got;

	if (t->has_failed)
		return -EPROTO;
	if (!tls_has_input(t))
		return -EAGAIN;
	ERR_clear_error();
	errno = 0;
	got = SSL_read(t->ssl, to, n < INT_MAX ? (int)n : INT_MAX);
	return got > 0 ? got : judge(t, got, true);
}

/*
 * Send the front of @from. The bytes taken, or -errno. After -EAGAIN the next call must bring the
 * same bytes again, and may bring more: some are on their way already.
 */
ssize_t tls_send(struct tls *t, struct str from)
{
	int put;

	if (t->has_failed)
		return -EPROTO;
	ERR_clear_error();
	errno = 0;
	put = SSL_write(t->ssl, from.p, from.n < INT_MAX ? (int)from.n : INT_MAX);
	if (put > 0)
		return put;
	put = judge(t, put, false);
	return put ? put : -EPIPE;
}

/* Say that nothing more will be sent. 0 when it is said or cannot be, -EAGAIN. */
int tls_shut(struct tls *t)
{
	int n;

	if (t->has_failed || !t->is_ready)
		return 0;
	ERR_clear_error();
	n = SSL_shutdown(t->ssl);
	if (n < 0 && SSL_get_error(t->ssl, n) == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	return 0;
}

/* Is the handshake done? */
bool tls_is_ready(const struct tls *t)
{
	return t->is_ready;
}

/* Was HTTP/2 agreed on? */
bool tls_speaks_h2(const struct tls *t)
{
	const unsigned char *name;
	unsigned n;

	SSL_get0_alpn_selected(t->ssl, &name, &n);
	return n == 2 && memcmp(name, "h2", 2) == 0;
}

/* Did the handshake resume an earlier session? */
bool tls_is_resumed(const struct tls *t)
{
	return SSL_session_reused(t->ssl) == 1;
}

/* "TLSv1.3"; static. */
const char *tls_version(const struct tls *t)
{
	return SSL_get_version(t->ssl);
}

/* OpenSSL's name of the cipher suite, or NULL before one is agreed on; static. */
const char *tls_cipher(const struct tls *t)
{
	return SSL_get_cipher_name(t->ssl);
}

/* Why it failed; empty when it did not. As long as @t. */
const char *tls_reason(const struct tls *t)
{
	return t->reason;
}
