/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS on one nonblocking socket. tls_server_new() or tls_client_new() once, for all threads; then
 * per connection tls_accept() or tls_connect(), tls_handshake() until it answers 0, tls_recv() and
 * tls_send(), tls_shut(), tls_free(). The socket stays the caller's, who says with tls_note() what
 * epoll reports of it.
 *
 * -EAGAIN: wait for input when receiving, for room when sending. -EINPROGRESS: receiving needs
 * room first.
 */
#ifndef LATTICE_IO_TLS_H
#define LATTICE_IO_TLS_H

#include "base/buf.h"
#include "io/tls_tickets.h"
#include "io/tls_trust.h"

#include <openssl/types.h>
#include <sys/types.h>

struct ssl_session_st;
struct stack_st_X509;
struct tls;

/* What a server proves who it is with; borrowed for the call. */
struct tls_credential {
	X509 *leaf;
	struct stack_st_X509 *chain; /* without the leaf; may be NULL */
	EVP_PKEY *key;
};

/* Sessions are resumed only within the scope that they began in, of up to so many bytes. */
enum { TLS_SCOPE_BYTES_MAX = 32 };

struct tls_server {
	SSL_CTX *context;
	const struct tls_credential *credential;
	const struct tls_tickets *tickets; /* outlives the connection; NULL: none are given */
	struct str scope;
	bool offers_h2;
};

struct tls_client {
	SSL_CTX *context;
	const char *name; /* sent as SNI; NULL: none */
	bool wants_h2;	  /* and nothing else; otherwise HTTP/1.1 */

	/* Whom to believe that the server is @host, a name or an address; NULL: anybody. */
	const struct tls_trust *trust;
	const char *host;

	struct ssl_session_st *session; /* to resume; NULL: none */
	/* Told of sessions that the server offers, as long as the connection lives; may be NULL. */
	void (*keep)(void *ctx, struct ssl_session_st *s);
	void *ctx;
};

SSL_CTX *tls_server_new(void) __attribute__((warn_unused_result));
SSL_CTX *tls_client_new(void) __attribute__((warn_unused_result));

struct tls *tls_accept(const struct tls_server *s, int fd, struct buf *first)
	__attribute__((warn_unused_result));
struct tls *tls_connect(const struct tls_client *c, int fd) __attribute__((warn_unused_result));
void tls_free(struct tls *t);

void tls_note(struct tls *t, bool is_readable, bool is_ending);
int tls_handshake(struct tls *t);
ssize_t tls_recv(struct tls *t, void *to, size_t n);
ssize_t tls_send(struct tls *t, struct str from);
int tls_shut(struct tls *t);
bool tls_has_input(const struct tls *t);

bool tls_is_ready(const struct tls *t);
bool tls_speaks_h2(const struct tls *t);
bool tls_is_resumed(const struct tls *t);
const char *tls_version(const struct tls *t);
const char *tls_cipher(const struct tls *t);
const char *tls_reason(const struct tls *t);

#endif
