/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the time of a change goes: create FILE COUNT makes services with all that belongs to them
 * in the store of seed.c, as the daemon's control thread would, and prints how long one thing takes
 * in all, how long the disk takes to sync within that, and how long the CPU.
 */
#include "api/dispatch.h"
#include "api/quota.h"
#include "base/json.h"
#include "base/num.h"
#include "store/store.h"

#include <cjson/cJSON.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THINGS_MAX = 100000 };

static struct api_context on;
static char id[64]; /* of what was made last */

/* Milliseconds, of each thing. */
static double total[THINGS_MAX], cpu[THINGS_MAX], synced[THINGS_MAX];
static double syncing;
static size_t things;

static double now_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Stands in for libc's, also within SQLite. */
int fdatasync(int fd)
{
	static int (*real)(int fd);
	double began = now_ms(CLOCK_MONOTONIC);
	int err;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	err = real(fd);
	syncing += now_ms(CLOCK_MONOTONIC) - began;
	return err;
}

__attribute__((format(printf, 1, 2))) static const char *fmt(const char *format, ...)
{
	static char texts[2][1024];
	static unsigned next;
	char *to = texts[next++ % 2];
	va_list args;

	va_start(args, format);
	vsnprintf(to, sizeof(texts[0]), format, args);
	va_end(args);
	return to;
}

/* Make one thing, and keep its id. */
static void make(const char *path, const char *body)
{
	const struct api_request r = {
		.method = STR("POST"), .path = str_of(path), .body = str_of(body), .is_admin = true
	};
	double began = now_ms(CLOCK_MONOTONIC), worked = now_ms(CLOCK_THREAD_CPUTIME_ID);
	struct api_reply reply;
	struct str made;
	cJSON *json;

	syncing = 0;
	dispatch_run(&on, &r, &reply);
	total[things] = now_ms(CLOCK_MONOTONIC) - began;
	cpu[things] = now_ms(CLOCK_THREAD_CPUTIME_ID) - worked;
	synced[things++] = syncing;
	if (reply.status >= 300 || things == THINGS_MAX) {
		fprintf(stderr, "create: %s: " STR_FMT "\n", path, STR_ARG(buf_str(&reply.body)));
		exit(1);
	}
	json = json_parse(buf_str(&reply.body));
	made = json_get_str(json, "id");
	snprintf(id, sizeof(id), STR_FMT, STR_ARG(made));
	cJSON_Delete(json);
	api_reply_fini(&reply);
}

static void make_service(const char *network, const char *vpc, uint32_t n)
{
	char service[64], group[64], listener[64];
	int k;

	make("/services", fmt("{\"name\":\"made-%u\"}", n));
	snprintf(service, sizeof(service), "%s", id);
	make("/targetgroups", fmt("{\"name\":\"made-%u\",\"type\":\"IP\",\"config\":{\"port\":80,"
				  "\"protocol\":\"HTTP\",\"vpcIdentifier\":\"%s\"}}",
				  n, vpc));
	snprintf(group, sizeof(group), "%s", id);
	make(fmt("/targetgroups/%s/registertargets", group),
	     "{\"targets\":[{\"id\":\"10.0.0.1\"}]}");
	make(fmt("/services/%s/listeners", service),
	     "{\"name\":\"http\",\"protocol\":\"HTTP\",\"port\":80,"
	     "\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}");
	snprintf(listener, sizeof(listener), "%s", id);
	for (k = 1; k <= 3; k++)
		make(fmt("/services/%s/listeners/%s/rules", service, listener),
		     fmt("{\"name\":\"r-%d\",\"priority\":%d,\"match\":{\"httpMatch\":{"
			 "\"pathMatch\":"
			 "{\"match\":{\"prefix\":\"/"
			 "v%d\"}}}},\"action\":{\"forward\":{\"targetGroups\":"
			 "[{\"targetGroupIdentifier\":\"%s\"}]}}}",
			 k, k, k, group));
	make("/servicenetworkserviceassociations",
	     fmt("{\"serviceNetworkIdentifier\":\"%s\",\"serviceIdentifier\":\"%s\"}", network,
		 service));
}

static int cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void report(const char *name, double *times)
{
	qsort(times, things, sizeof(*times), cmp);
	printf("bench create.%s.p50 %.1f ms\nbench create.%s.p90 %.1f ms\n", name,
	       times[things / 2], name, times[things * 9 / 10]);
	printf("bench create.%s.p99 %.1f ms\nbench create.%s.max %.1f ms\n", name,
	       times[things * 99 / 100], name, times[things - 1]);
}

static const char *find(struct arena *a, enum kind kind)
{
	struct store_query q = { .kind = kind, .limit = 1 };
	struct fault f;
	struct record *r;

	if (store_list(on.store, &q, a, &r, &f) < 0 || !r) {
		fprintf(stderr, "create: the store is not one of seed's\n");
		exit(1);
	}
	return r->id.p;
}

int main(int argc, char **argv)
{
	struct quotas quotas;
	struct fault fault;
	struct arena arena;
	uint32_t count, i;

	if (argc != 3 || num_parse_u32(str_of(argv[2]), &count)) {
		fprintf(stderr, "usage: create FILE COUNT\n");
		return 2;
	}
	if (store_open_sqlite(argv[1], &on.store, &fault) < 0) {
		fprintf(stderr, "create: %s\n", fault.message);
		return 1;
	}
	for (i = 0; i < QUOTA_COUNT; i++)
		quotas.max[i] = UINT32_MAX;
	on.region = STR("us-east-1");
	on.account = STR("123456789012");
	on.quotas = &quotas;
	arena_init(&arena, 1 << 16);
	for (i = 0; i < count; i++)
		make_service(find(&arena, KIND_SERVICE_NETWORK), find(&arena, KIND_VPC), i);
	report("total", total);
	report("sync", synced);
	report("cpu", cpu);
	arena_fini(&arena);
	store_close(on.store);
	return 0;
}
