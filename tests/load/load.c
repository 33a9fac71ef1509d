/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ends of a benchmark, so cheap that what lies between them is what is measured.
 *
 *     load serve ADDRESS PORT                     a target: GET /N answers N bytes
 *     load drive ADDRESS PORT CONNECTIONS REQUESTS PATH keep|close [FILE]
 *                                                 with the header lines of FILE
 *     load idle ADDRESS PORT CONNECTIONS          open them, make one request on each, hold them
 *     load sink PATH                              read datagrams there
 *     load bind ADDRESS PORT COMMAND...           run nginx with a listener that TPROXY may use
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024, HEAD_BYTES_MAX = 4096, EVENTS_MAX = 256, BACKLOG = 4096 };

/* One connection, of either side. */
struct end {
	int fd;
	char head[HEAD_BYTES_MAX];
	size_t head_bytes;
	unsigned long long left; /* of the body */
	bool has_head;
};

static char piece[PIECE_BYTES];

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned long long number(const char *text)
{
	return strtoull(text, NULL, 10);
}

static struct sockaddr_in address(const char *ip, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number(port)) };

	if (inet_pton(AF_INET, ip, &a.sin_addr) != 1)
		die(ip);
	return a;
}

static void watch(int epoll, struct end *e, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = e };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, e->fd, &ev))
		die("epoll");
}

static struct end *new_end(int fd)
{
	struct end *e = calloc(1, sizeof(*e));
	int one = 1;

	if (!e)
		die("memory");
	e->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return e;
}

/* Read a head. 1: it is whole, 0: not yet, -1: the other side is gone. */
static int read_head(struct end *e)
{
	ssize_t n = recv(e->fd, e->head + e->head_bytes, HEAD_BYTES_MAX - 1 - e->head_bytes,
			 MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && errno == EAGAIN ? 0 : -1;
	e->head_bytes += (size_t)n;
	e->head[e->head_bytes] = '\0';
	return strstr(e->head, "\r\n\r\n") != NULL;
}

/* The target */

static void begin_answer(struct end *e)
{
	char head[128];
	unsigned long long size = number(e->head + strlen("GET /"));
	int n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n",
			 size);
	size_t with = size < 16384 ? (size_t)size : 0; /* small bodies in the same packet */

	e->head_bytes = 0;
	memcpy(piece, head, (size_t)n);
	if (send(e->fd, piece, (size_t)n + with, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
	e->left = size - with;
}

static void go_on(struct end *e)
{
	while (e->left) {
		size_t want = e->left < PIECE_BYTES ? (size_t)e->left : PIECE_BYTES;
		ssize_t n = send(e->fd, piece, want, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n <= 0)
			return;
		e->left -= (unsigned long long)n;
	}
}

static void serve_end(struct end *e)
{
	int got = e->left ? 0 : read_head(e);

	if (got < 0) {
		close(e->fd);
		free(e);
		return;
	}
	if (got)
		begin_answer(e);
	go_on(e);
}

static int listen_at(struct sockaddr_in a, bool is_transparent)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (is_transparent && setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &one, sizeof(one)))
		die("IP_TRANSPARENT");
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, BACKLOG))
		die("listen");
	return fd;
}

static void serve(char **args)
{
	struct epoll_event events[EVENTS_MAX];
	int epoll = epoll_create1(0), n, i;
	struct end *door = new_end(listen_at(address(args[0], args[1]), false));

	watch(epoll, door, EPOLLIN);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS_MAX, -1);
		for (i = 0; i < n; i++) {
			struct end *e = events[i].data.ptr;

			if (e == door)
				watch(epoll, new_end(accept(door->fd, NULL, NULL)),
				      EPOLLIN | EPOLLOUT | EPOLLET);
			else
				serve_end(e);
		}
	}
}

/* The client */

static struct {
	struct sockaddr_in to;
	char request[4096];
	unsigned long long asked, answered, wanted, failed;
	bool closes;
	int epoll;
} drive;

static void ask(struct end *e)
{
	size_t n = strlen(drive.request);

	e->head_bytes = 0;
	e->has_head = false;
	drive.asked++;
	if (send(e->fd, drive.request, n, MSG_NOSIGNAL) != (ssize_t)n)
		drive.failed++;
}

static void connect_end(struct end *e)
{
	int one = 1;

	e->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(e->fd, (struct sockaddr *)&drive.to, sizeof(drive.to)))
		die("connect");
	setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	watch(drive.epoll, e, EPOLLIN);
	ask(e);
}

/* Take what has come. True: the response is whole. */
static bool hear(struct end *e)
{
	if (!e->has_head) {
		int got = read_head(e);
		const char *length, *body;

		if (got <= 0) {
			if (got < 0)
				die("connection closed within a response");
			return false;
		}
		if (strncmp(e->head, "HTTP/1.1 200", 12) != 0)
			drive.failed++;
		length = strcasestr(e->head, "\r\ncontent-length:");
		body = strstr(e->head, "\r\n\r\n") + 4;
		e->has_head = true;
		e->left = length ? number(length + 17) : 0;
		e->left -= e->head_bytes - (size_t)(body - e->head);
	}
	while (e->left) {
		size_t want = e->left < PIECE_BYTES ? (size_t)e->left : PIECE_BYTES;
		ssize_t n = recv(e->fd, piece, want, MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && errno == EAGAIN)
			return false;
		if (n <= 0)
			die("connection closed within a body");
		e->left -= (unsigned long long)n;
	}
	return true;
}

static void next_request(struct end *e)
{
	drive.answered++;
	if (drive.closes) {
		close(e->fd);
		if (drive.asked < drive.wanted)
			connect_end(e);
	} else if (drive.asked < drive.wanted) {
		ask(e);
	}
}

static void run_until_answered(unsigned long long count)
{
	struct epoll_event events[EVENTS_MAX];
	int n, i;

	while (drive.answered < count) {
		n = epoll_wait(drive.epoll, events, EVENTS_MAX, 10000);
		if (n <= 0)
			die("no answer for 10 s");
		for (i = 0; i < n; i++) {
			if (hear(events[i].data.ptr))
				next_request(events[i].data.ptr);
		}
	}
}

/* The lines of the file at @path, each with the end that HTTP wants; terminated. */
static void read_lines(const char *path, char *to, size_t bytes)
{
	FILE *f = fopen(path, "r");
	char line[1024];
	size_t n = 0;

	if (!f)
		die(path);
	*to = '\0';
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		n += (size_t)snprintf(to + n, bytes - n, "%s\r\n", line);
		if (n >= bytes)
			die(path);
	}
	fclose(f);
}

/* @args: address, port, connections, requests, path, mode, and perhaps a file of header lines. */
static int run_drive(char **args)
{
	char lines[2048] = "";

	unsigned long long connections = number(args[2]), i;

	drive.to = address(args[0], args[1]);
	drive.wanted = number(args[3]);
	drive.closes = strcmp(args[5], "close") == 0;
	drive.epoll = epoll_create1(0);
	if (args[6])
		read_lines(args[6], lines, sizeof(lines));
	snprintf(drive.request, sizeof(drive.request),
		 "GET %s HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: load\r\nAccept: "
		 "*/*\r\n%s%s\r\n",
		 args[4], drive.closes ? "Connection: close\r\n" : "", lines);
	for (i = 0; i < connections && i < drive.wanted; i++)
		connect_end(new_end(-1));
	run_until_answered(drive.wanted);
	if (drive.failed)
		fprintf(stderr, "load: %llu requests failed\n", drive.failed);
	return drive.failed != 0;
}

static int idle(char **args)
{
	char *as_drive[] = { args[0], args[1], args[2], args[2], "/1", "keep", NULL };
	int status = run_drive(as_drive);

	printf("ready\n");
	fflush(stdout);
	pause();
	return status;
}

static int sink(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die(path);
	while (recv(fd, piece, sizeof(piece), 0) >= 0)
		;
	die(path);
	return 1;
}

/* nginx takes over listeners that the variable NGINX names, as when it is upgraded. */
static int bind_and_run(char **args)
{
	int fd = listen_at(address(args[0], args[1]), true);
	char text[16];

	snprintf(text, sizeof(text), "%d;", fd);
	setenv("NGINX", text, 1);
	execvp(args[2], args + 2);
	die(args[2]);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		serve(argv + 2);
	if ((argc == 8 || argc == 9) && strcmp(argv[1], "drive") == 0)
		return run_drive(argv + 2);
	if (argc == 5 && strcmp(argv[1], "idle") == 0)
		return idle(argv + 2);
	if (argc == 3 && strcmp(argv[1], "sink") == 0)
		return sink(argv[2]);
	if (argc > 4 && strcmp(argv[1], "bind") == 0)
		return bind_and_run(argv + 2);
	fprintf(stderr, "load: see the head of tests/load/load.c\n");
	return 2;
}
