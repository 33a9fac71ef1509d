/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What steering costs, in instructions of the kernel and of this program. It runs in a machine
 * under qemu's -icount with one processor, where the time stamp counter counts instructions. Each
 * way is measured in turns with a plain local connection beside it, until both medians stand still.
 *
 *   bench-kmod [--rounds MIN MAX] [NAME...]     prints "bench NAME VALUE UNIT" lines
 */
#include "kmod.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <linux/in6.h>
#include <math.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

enum measure { CONNECT, DATA, UNRELATED, MEASURES };
static const char *const measure_names[MEASURES] = { "connect", "data", "unrelated" };
/* How often one sample does it. */
static const int repeats[MEASURES] = { 300, 200, 300 };

enum {
	SAMPLES_PER_ROUND = 2,
	ROUNDS_MAX = 64,
	SAMPLES_MAX = ROUNDS_MAX * SAMPLES_PER_ROUND,
	MESSAGE_BYTES = 64,
	SETTLE_NS = 50 * 1000 * 1000,
};

/* The medians of the first and second half may differ by this part of themselves. */
static const double stable = 0.001;

struct samples {
	double at[MEASURES][SAMPLES_MAX];
	int count;
};

/* Sockets of one sample. */
struct scene {
	struct sockaddr_storage to;
	socklen_t to_bytes;
	int listener, udp;
	struct sockaddr_storage udp_to;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static socklen_t address(struct sockaddr_storage *ret, bool is_ipv6, const char *text, int port)
{
	struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)ret;
	struct sockaddr_in *a4 = (struct sockaddr_in *)ret;

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = is_ipv6 ? AF_INET6 : AF_INET;
	if (inet_pton(ret->ss_family, text,
		      is_ipv6 ? (void *)&a6->sin6_addr : (void *)&a4->sin_addr) != 1)
		die(text);
	if (is_ipv6)
		a6->sin6_port = htons((uint16_t)port);
	else
		a4->sin_port = htons((uint16_t)port);
	return is_ipv6 ? sizeof(*a6) : sizeof(*a4);
}

static struct scene open_scene(bool is_ipv6, bool is_plain)
{
	const char *loopback = is_ipv6 ? "::1" : "127.0.0.1";
	const char *service = is_ipv6 ? BENCH_ADDR6 : BENCH_ADDR4;
	struct sockaddr_storage at;
	struct scene s;
	int one = 1;

	s.to_bytes = address(&s.to, is_ipv6, service, BENCH_PORT);
	if (is_plain)
		at = s.to;
	else
		address(&at, is_ipv6, loopback, BENCH_HANDOFF_PORT);
	s.listener = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(s.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* IPv6 does not take a local route for an address of its own. */
	setsockopt(s.listener, SOL_IPV6, IPV6_FREEBIND, &one, sizeof(one));
	if (bind(s.listener, (struct sockaddr *)&at, s.to_bytes) || listen(s.listener, 1024))
		die("listener");
	address(&s.udp_to, is_ipv6, loopback, 7777);
	s.udp = socket(at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(s.udp, (struct sockaddr *)&s.udp_to, s.to_bytes))
		die("udp");
	return s;
}

static void close_scene(const struct scene *s)
{
	close(s->listener);
	close(s->udp);
}

static void connect_pair(const struct scene *s, int *client, int *server)
{
	*client = socket(s->to.ss_family, SOCK_STREAM, 0);
	if (*client < 0 || connect(*client, (const struct sockaddr *)&s->to, s->to_bytes))
		die("connect");
	*server = accept(s->listener, NULL, NULL);
	if (*server < 0)
		die("accept");
}

/* The client resets, so that no round leaves TIME_WAIT sockets to the next. */
static void close_pair(int client, int server)
{
	static const struct linger reset = { 1, 0 };

	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(client);
	close(server);
}

static void run_connects(const struct scene *s, int n)
{
	int client, server;

	while (n--) {
		connect_pair(s, &client, &server);
		close_pair(client, server);
	}
}

static void pass(int from, int to)
{
	char b[MESSAGE_BYTES] = { 0 };

	if (write(from, b, sizeof(b)) != sizeof(b) || read(to, b, sizeof(b)) != sizeof(b))
		die("data");
}

/* Instructions of @n of what @m measures, divided by @n. */
static double measure(const struct scene *s, enum measure m, int n)
{
	char b[MESSAGE_BYTES] = { 0 };
	int client, server, one = 1, i;
	uint64_t began;

	connect_pair(s, &client, &server);
	setsockopt(client, SOL_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(server, SOL_TCP, TCP_NODELAY, &one, sizeof(one));
	began = __rdtsc();
	switch (m) {
	case CONNECT:
		run_connects(s, n);
		break;
	case DATA:
		for (i = 0; i < n; i++) {
			pass(client, server);
			pass(server, client);
		}
		break;
	default:
		for (i = 0; i < n; i++) {
			if (sendto(s->udp, b, sizeof(b), 0, (const struct sockaddr *)&s->udp_to,
				   s->to_bytes) < 0 ||
			    recv(s->udp, b, sizeof(b), 0) < 0)
				die("udp");
		}
	}
	began = __rdtsc() - began;
	close_pair(client, server);
	return (double)began / n;
}

/* Let the kernel finish what it put off. Costs no time: an idle machine's clock leaps. */
static void settle(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = SETTLE_NS }, NULL);
	ways_drain();
}

/*
 * Wait, busily, for the next tick of the clock. What TCP does depends on where between two ticks it
 * began (how many acknowledgements it delays), and so does what RCU frees meanwhile.
 */
static void await_tick(void)
{
	struct timespec first, now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &first);
	do
		clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	while (now.tv_nsec == first.tv_nsec);
}

static void take_samples(const struct scene *s, struct samples *to)
{
	int i, m;

	for (i = 0; i < SAMPLES_PER_ROUND; i++, to->count++) {
		for (m = 0; m < MEASURES; m++) {
			settle();
			measure(s, (enum measure)m, repeats[m] / 4);
			await_tick();
			to->at[m][to->count] = measure(s, (enum measure)m, repeats[m]);
		}
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *from, int count)
{
	double sorted[SAMPLES_MAX];

	memcpy(sorted, from, sizeof(*from) * (size_t)count);
	qsort(sorted, (size_t)count, sizeof(*sorted), compare);
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

static double of(const struct samples *s, int m)
{
	return median(s->at[m], s->count);
}

/* How far apart, at most, the medians of both halves are. */
static double spread(const struct samples *s)
{
	double worst = 0;
	int m;

	for (m = 0; m < MEASURES; m++) {
		double first = median(s->at[m], s->count / 2);
		double second = median(s->at[m] + s->count / 2, s->count - s->count / 2);

		worst = fmax(worst, fabs(first - second) / first);
	}
	return worst;
}

struct limits {
	uint32_t rounds_min, rounds_max;
};

static void run_way(const struct way *way, const struct limits *limits, struct samples *plain,
		    struct samples *with)
{
	struct scene s;
	uint32_t round;

	plain->count = with->count = 0;
	for (round = 0; round < limits->rounds_max; round++) {
		s = open_scene(way->is_ipv6, true);
		take_samples(&s, plain);
		close_scene(&s);

		s = open_scene(way->is_ipv6, way->is_plain);
		if (way->begin && way->begin(way, s.listener))
			exit(1);
		take_samples(&s, with);
		if (way->end)
			way->end(way);
		close_scene(&s);
		if (round + 1 >= limits->rounds_min && spread(plain) < stable &&
		    spread(with) < stable)
			break;
	}
	printf("# %s: %d samples, halves apart by %.2f %% plain, %.2f %% with it\n", way->name,
	       plain->count, 100 * spread(plain), 100 * spread(with));
}

static void report(const struct way *way, const struct samples *plain, const struct samples *with)
{
	double worst = 0;
	int m;

	for (m = 0; m < MEASURES; m++) {
		double base = of(plain, m), percent = 100 * (of(with, m) / base - 1);

		if (way == ways)
			printf("bench plain-%s %.0f instructions\n", measure_names[m], base);
		printf("bench %s-%s-overhead %.2f %%\n", way->name, measure_names[m], percent);
		if (fabs(percent) > fabs(worst))
			worst = percent;
	}
	if (!strcmp(way->name, "module-unregistered"))
		printf("bench module-unregistered-overhead %.2f %%\n", worst);
	fflush(stdout);
}

static bool is_wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++) {
		if (!strcmp(name, *names))
			return true;
	}
	return false;
}

static void make_namespace(void)
{
	static const char command[] =
		"ip link set lo up && ip addr add 10.0.0.1/32 dev lo && "
		"ip -6 addr add 2001:db8::1/128 dev lo nodad && "
		"ip route add local 169.254.171.0/24 dev lo src 10.0.0.1 && "
		"ip -6 route add local fd00:ec2:80::/64 dev lo src 2001:db8::1";

	if (unshare(CLONE_NEWNET) || system(command))
		die("namespace");
}

int main(int argc, char **argv)
{
	static struct samples plain, with;
	struct limits limits = { 4, 12 };
	const struct way *way;
	char **names = argv + 1;

	if (argc > 3 && !strcmp(argv[1], "--rounds")) {
		if (num_parse_u32(str_of(argv[2]), &limits.rounds_min) ||
		    num_parse_u32(str_of(argv[3]), &limits.rounds_max) || !limits.rounds_max ||
		    limits.rounds_max > ROUNDS_MAX) {
			fprintf(stderr, "bench-kmod: --rounds MIN MAX, up to %d\n", ROUNDS_MAX);
			return 2;
		}
		names += 3;
	}
	make_namespace();
	for (way = ways; way->name; way++) {
		if (!is_wanted(way->name, names))
			continue;
		run_way(way, &limits, &plain, &with);
		report(way, &plain, &with);
	}
	return 0;
}
