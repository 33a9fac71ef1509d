/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client of a benchmark over TLS, as load.c is without: a thread for each connection, since
 * what it costs itself is not measured. No session is resumed: each connection shakes hands anew.
 *
 *     load-tls drive ADDRESS PORT CONNECTIONS REQUESTS PATH keep|close
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS_MAX = 256, PIECE_BYTES = 64 * 1024 };

/* Set once, but for the counts. */
static struct {
	struct sockaddr_in to;
	SSL_CTX *context;
	char request[512];
	bool closes;
	long wanted;
	atomic_long asked, failed;
} drive;

static void die(const char *what)
{
	fprintf(stderr, "load-tls: %s: %s\n", what, strerror(errno));
	ERR_print_errors_fp(stderr);
	exit(1);
}

static SSL *open_connection(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	SSL *ssl = SSL_new(drive.context);

	if (connect(fd, (struct sockaddr *)&drive.to, sizeof(drive.to)))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	SSL_set_fd(ssl, fd);
	SSL_set_tlsext_host_name(ssl, "bench.example");
	if (SSL_connect(ssl) != 1)
		die("handshake");
	return ssl;
}

static void close_connection(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

/* One request, and all of its response. */
static void ask(SSL *ssl, char *piece)
{
	size_t held = 0, left;
	char *body, *length;
	int n;

	if (SSL_write(ssl, drive.request, (int)strlen(drive.request)) <= 0)
		die("request");
	do {
		n = SSL_read(ssl, piece + held, (int)(PIECE_BYTES - 1 - held));
		if (n <= 0)
			die("closed within a response");
		held += (size_t)n;
		piece[held] = '\0';
		body = strstr(piece, "\r\n\r\n");
	} while (!body);
	length = strcasestr(piece, "\r\ncontent-length:");
	if (strncmp(piece, "HTTP/1.1 200", 12) != 0 || !length) {
		drive.failed++;
		return;
	}
	left = strtoull(length + 17, NULL, 10) - (held - (size_t)(body + 4 - piece));
	while (left) {
		n = SSL_read(ssl, piece, PIECE_BYTES);
		if (n <= 0)
			die("closed within a body");
		left -= (size_t)n;
	}
}

static void *run(void *arg)
{
	char *piece = malloc(PIECE_BYTES);
	SSL *ssl = NULL;

	(void)arg;
	if (!piece)
		die("memory");
	while (drive.asked++ < drive.wanted) {
		if (!ssl)
			ssl = open_connection();
		ask(ssl, piece);
		if (drive.closes) {
			close_connection(ssl);
			ssl = NULL;
		}
	}
	if (ssl)
		close_connection(ssl);
	free(piece);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	long count, i;

	if (argc < 8 || strcmp(argv[1], "drive") != 0) {
		fprintf(stderr, "load-tls: see the head of tests/load/tls.c\n");
		return 2;
	}
	drive.to.sin_family = AF_INET;
	drive.to.sin_port = htons((uint16_t)strtoull(argv[3], NULL, 10));
	if (inet_pton(AF_INET, argv[2], &drive.to.sin_addr) != 1)
		die(argv[2]);
	count = (long)strtoull(argv[4], NULL, 10);
	drive.wanted = (long)strtoull(argv[5], NULL, 10);
	drive.closes = strcmp(argv[7], "close") == 0;
	snprintf(drive.request, sizeof(drive.request),
		 "GET %s HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: load\r\nAccept: "
		 "*/*\r\n%s\r\n",
		 argv[6], drive.closes ? "Connection: close\r\n" : "");
	drive.context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(drive.context, TLS1_3_VERSION);
	for (i = 0; i < count && i < THREADS_MAX; i++)
		if (pthread_create(&threads[i], NULL, run, NULL))
			die("thread");
	while (i--)
		pthread_join(threads[i], NULL);
	if (drive.failed)
		fprintf(stderr, "load-tls: %ld requests failed\n", (long)drive.failed);
	return drive.failed != 0;
}
