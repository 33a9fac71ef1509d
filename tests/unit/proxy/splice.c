/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/splice.c, through a worker: large bodies, whoever is slow and whoever leaves.
 */
#include "house.h"

#include <dirent.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>

enum { LARGE_BYTES = 24 << 20, HALF_BYTES = LARGE_BYTES / 2 };

/* What a thread sends at @fd: bytes whose values tell their place. */
struct sending {
	pthread_t thread;
	int fd;
	size_t bytes;
};

static void *send_pattern(void *arg)
{
	const struct sending *s = arg;
	char piece[64 * 1024];
	size_t sent = 0, i;

	while (sent < s->bytes) {
		size_t n = s->bytes - sent < sizeof(piece) ? s->bytes - sent : sizeof(piece);

		for (i = 0; i < n; i++)
			piece[i] = (char)((sent + i) % 251);
		if (send(s->fd, piece, n, MSG_NOSIGNAL) != (ssize_t)n)
			break;
		sent += n;
	}
	return NULL;
}

static void begin_sending(struct sending *s, int fd, size_t bytes)
{
	s->fd = fd;
	s->bytes = bytes;
	assert_int_equal(pthread_create(&s->thread, NULL, send_pattern, s), 0);
}

/* Read @bytes of the pattern, in pieces of at most @piece. Returns how many there were. */
static size_t hear_pattern(int fd, size_t bytes, size_t piece)
{
	static char got[256 * 1024];
	size_t n = 0;

	while (n < bytes) {
		size_t want = bytes - n < piece ? bytes - n : piece;
		ssize_t k = recv(fd, got, want, 0), i;

		if (k <= 0)
			break;
		for (i = 0; i < k; i++)
			assert_int_equal((unsigned char)got[i], (n + (size_t)i) % 251);
		n += (size_t)k;
	}
	return n;
}

/* Pipes that this process has open. */
static int count_pipes(void)
{
	DIR *fds = opendir("/proc/self/fd");
	struct dirent *d;
	int count = 0;

	while ((d = readdir(fds))) {
		char text[32];
		ssize_t n = readlinkat(dirfd(fds), d->d_name, text, sizeof(text));

		count += n > 5 && memcmp(text, "pipe:", 5) == 0;
	}
	closedir(fds);
	return count;
}

static void say_head(int fd, const char *line, size_t length)
{
	char head[128];

	snprintf(head, sizeof(head), "%s\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", line, length);
	say(fd, head);
}

/* A response of LARGE_BYTES has begun; the client has its head. */
static void begin_download(struct house *h, struct sending *s, int *client, int *target)
{
	*client = house_client(h);
	ask(*client, "GET", "/large");
	*target = house_accept(h);
	hear(*target, "\r\n\r\n");
	say_head(*target, "HTTP/1.1 200 OK", LARGE_BYTES);
	begin_sending(s, *target, LARGE_BYTES);
	hear(*client, "\r\n\r\n");
}

static void a_large_response_goes_through_a_pipe(void **state)
{
	int before = count_pipes(), client, target;
	struct house *h = *state;
	struct sending s;

	begin_download(h, &s, &client, &target);
	assert_int_equal(hear_pattern(client, LARGE_BYTES, 100000), LARGE_BYTES);
	pthread_join(s.thread, NULL);
	assert_true(count_pipes() > before);

	/* The next request finds both connections as if nothing had been. */
	ask(client, "GET", "/next");
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
	hear(client, "\r\n\r\nnext");
	close(client);
	close(target);
}

static void a_large_request_goes_to_a_target_that_reads_in_drips(void **state)
{
	int client, target, before = count_pipes();
	struct house *h = *state;
	struct sending s;

	client = house_client(h);
	say_head(client, "PUT /large HTTP/1.1", LARGE_BYTES);
	begin_sending(&s, client, LARGE_BYTES);
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	assert_int_equal(hear_pattern(target, LARGE_BYTES, 7001), LARGE_BYTES);
	pthread_join(s.thread, NULL);
	assert_true(count_pipes() > before);
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	hear(client, "\r\n\r\n");
	house_wait_log(h, "\"responseCode\":200");
	close(client);
	close(target);
}

static void a_response_cut_midway_is_cut_for_the_client(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;
	struct sending s;
	size_t n;

	ask(client, "GET", "/large");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say_head(target, "HTTP/1.1 200 OK", LARGE_BYTES);
	begin_sending(&s, target, HALF_BYTES);
	hear(client, "\r\n\r\n");
	pthread_join(s.thread, NULL);
	close(target);
	n = hear_pattern(client, LARGE_BYTES, 100000);
	assert_true(n <= HALF_BYTES);
	hear_end(client);
	house_wait_log(h, "TargetConnectionClosed");
	close(client);
}

static void *close_when_sent(void *arg)
{
	struct sending *s = arg;

	pthread_join(s->thread, NULL);
	close(s->fd);
	return NULL;
}

static void a_body_until_the_end_is_whole_when_the_target_ends(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;
	struct sending s;
	pthread_t closer;

	say(client, "GET /large HTTP/1.0\r\nHost: h\r\n\r\n");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\n\r\n");
	begin_sending(&s, target, LARGE_BYTES);
	hear(client, "\r\n\r\n");
	/* The target has long ended when the client comes to the end. */
	pthread_create(&closer, NULL, close_when_sent, &s);
	assert_int_equal(hear_pattern(client, LARGE_BYTES, 3001), LARGE_BYTES);
	pthread_join(closer, NULL);
	hear_end(client);
	close(client);
}

static void a_client_that_vanishes_midway_frees_both(void **state)
{
	struct house *h = *state;
	struct sending s;
	int client, target;

	begin_download(h, &s, &client, &target);
	hear_pattern(client, HALF_BYTES, 100000);
	close(client);
	pthread_join(s.thread, NULL);
	hear_end(target);
	house_wait_log(h, "ClientConnectionClosed");
	close(target);
}

static void a_target_that_vanishes_midway_is_a_502(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;
	struct sending s;

	say_head(client, "PUT /large HTTP/1.1", LARGE_BYTES);
	begin_sending(&s, client, LARGE_BYTES);
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	hear_pattern(target, HALF_BYTES, 100000);
	close(target);
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "502"));
	close(client);
	pthread_join(s.thread, NULL);
}

static void a_client_that_stops_reading_stops_its_target(void **state)
{
	struct house *h = *state;
	int client, target, small = 16 * 1024, i;
	size_t queued = 0, last = 1;
	struct sending s;

	client = house_client(h);
	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ask(client, "GET", "/large");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say_head(target, "HTTP/1.1 200 OK", LARGE_BYTES);
	begin_sending(&s, target, LARGE_BYTES);
	hear(client, "\r\n\r\n");
	/* Until nothing moves for a while. What the target's socket cannot send stays in it. */
	for (i = 0; i < WAIT_MS / 50 && (!queued || queued != last); i++) {
		int n = 0;

		last = queued;
		poll(NULL, 0, 50);
		assert_int_equal(ioctl(target, SIOCOUTQ, &n), 0);
		queued = (size_t)n;
	}
	assert_true(queued > 0);
	assert_int_equal(hear_pattern(client, LARGE_BYTES, 100000), LARGE_BYTES);
	pthread_join(s.thread, NULL);
	close(client);
	close(target);
}

static void a_tunnel_carries_both_ways_and_ends_one_after_the_other(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;
	struct sending up, down;

	say(client, "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n");
	hear(client, "\r\n\r\n");
	begin_sending(&up, client, HALF_BYTES);
	begin_sending(&down, target, HALF_BYTES);
	assert_int_equal(hear_pattern(target, HALF_BYTES, 100000), HALF_BYTES);
	assert_int_equal(hear_pattern(client, HALF_BYTES, 7001), HALF_BYTES);
	pthread_join(up.thread, NULL);
	pthread_join(down.thread, NULL);
	shutdown(client, SHUT_WR);
	hear_end(target);
	say(target, "bye");
	hear_exactly(client, "bye");
	close(target);
	hear_end(client);
	close(client);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_large_response_goes_through_a_pipe),
		CASE(a_large_request_goes_to_a_target_that_reads_in_drips),
		CASE(a_response_cut_midway_is_cut_for_the_client),
		CASE(a_body_until_the_end_is_whole_when_the_target_ends),
		CASE(a_client_that_vanishes_midway_frees_both),
		CASE(a_target_that_vanishes_midway_is_a_502),
		CASE(a_client_that_stops_reading_stops_its_target),
		CASE(a_tunnel_carries_both_ways_and_ends_one_after_the_other),
	};

	signal(SIGPIPE, SIG_IGN); /* as in the daemon: splice() has no MSG_NOSIGNAL */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
