/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations with the API without sockets: a store of its own, questions and their answers. */
#ifndef LATTICE_TESTS_UNIT_API_CONVERSATION_H
#define LATTICE_TESTS_UNIT_API_CONVERSATION_H

#include "api/dispatch.h"
#include "base/json.h"
#include "store/compile.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

struct fixture {
	char dir[64], path[96];
	struct store *s;
	struct api_hooks hooks;
	struct api_context on;
	struct api_reply reply; /* the last one */
	cJSON *json;		/* its body */
	int changes;
	char vpc[2][64], network[64], service[64], listener[64], group[64], vpc_assoc[64],
		assoc[64];
	const struct principal *principal; /* who signed; NULL: an administrator asks */
	const char *account;		   /* acted for; NULL: the daemon's */
};

static void count_change(void *ctx)
{
	((struct fixture *)ctx)->changes++;
}

static struct str say_active(void *ctx, uint32_t vpc_number, struct str *ret_reason)
{
	(void)ctx;
	(void)ret_reason;
	return vpc_number ? STR("active") : STR("missing");
}

static void open_store(struct fixture *f)
{
	struct fault fault;

	assert_int_equal(store_open_sqlite(f->path, &f->s, &fault), 0);
	f->on = (struct api_context){ .store = f->s,
				      .region = STR("us-east-1"),
				      .account = STR("123456789012"),
				      .hooks = &f->hooks };
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-api-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/lattice.db", f->dir);
	f->hooks = (struct api_hooks){ .changed = count_change, .vpc_state = say_active, .ctx = f };
	open_store(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char wal[112];

	store_close(f->s);
	cJSON_Delete(f->json);
	api_reply_fini(&f->reply);
	snprintf(wal, sizeof(wal), "%s-wal", f->path);
	unlink(wal);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* Ask, and return the status. @target is "/path?query". */
static inline unsigned ask(struct fixture *f, const char *method, const char *target,
			   const char *body)
{
	struct str_cut c = str_cut(str_of(target), '?');
	const struct api_request r = {
		.method = str_of(method),
		.path = c.head,
		.query = c.tail,
		.body = str_of(body),
		.is_admin = !f->principal,
		.principal = f->principal,
		.account = str_of(f->account),
	};

	cJSON_Delete(f->json);
	api_reply_fini(&f->reply);
	dispatch_run(&f->on, &r, &f->reply);
	f->json = json_parse(buf_str(&f->reply.body));
	return f->reply.status;
}

static inline const char *text(const struct fixture *f, const char *name)
{
	const char *s = json_get_str(f->json, name).p;

	return s ? s : "";
}

static inline void keep_id(struct fixture *f, char to[64])
{
	snprintf(to, 64, "%s", text(f, "id"));
}

__attribute__((format(printf, 1, 2))) static inline const char *fmt(const char *format, ...)
{
	static char texts[4][1024];
	static unsigned next;
	char *to = texts[next++ % 4];
	va_list args;

	va_start(args, format);
	vsnprintf(to, sizeof(texts[0]), format, args);
	va_end(args);
	return to;
}

static inline int items(const struct fixture *f)
{
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(f->json, "items"));
}

/* Everything that a request from blue to a target in green needs. */
static inline void build_all(struct fixture *f)
{
	assert_int_equal(ask(f, "POST", "/lattice/v1/vpcs", "{\"name\":\"blue\"}"), 201);
	keep_id(f, f->vpc[0]);
	assert_string_equal(text(f, "netns"), "/run/netns/blue");
	assert_string_equal(text(f, "state"), "active");
	assert_int_equal(ask(f, "POST", "/lattice/v1/vpcs",
			     "{\"name\":\"green\",\"netns\":\"/run/netns/green\"}"),
			 201);
	keep_id(f, f->vpc[1]);
	assert_int_equal(ask(f, "POST", "/servicenetworks", "{\"name\":\"shop\"}"), 201);
	keep_id(f, f->network);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\"}"), 201);
	keep_id(f, f->service);
	assert_string_equal(text(f, "status"), "CREATE_IN_PROGRESS");
	assert_int_equal(ask(f, "POST", "/targetgroups",
			     fmt("{\"name\":\"web\",\"type\":\"IP\",\"config\":"
				 "{\"port\":8080,\"protocol\":\"HTTP\",\"vpcIdentifier\":\"%s\"}}",
				 f->vpc[1])),
			 201);
	keep_id(f, f->group);
	assert_int_equal(
		ask(f, "POST", fmt("/targetgroups/%s/registertargets", f->group),
		    "{\"targets\":[{\"id\":\"10.0.0.2\"},{\"id\":\"10.0.0.2\",\"port\":81},"
		    "{\"id\":\"127.0.0.1\"},{\"id\":\"i-1\"}]}"),
		200);
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(f->json, "successful")), 2);
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(f->json, "unsuccessful")), 2);
	assert_int_equal(ask(f, "POST", fmt("/services/%s/listeners", f->service),
			     fmt("{\"name\":\"http\",\"protocol\":\"HTTP\",\"port\":80,"
				 "\"defaultAction\":{\"forward\":{\"targetGroups\":"
				 "[{\"targetGroupIdentifier\":\"%s\"}]}}}",
				 f->group)),
			 201);
	keep_id(f, f->listener);
	assert_int_equal(ask(f, "POST", "/servicenetworkvpcassociations",
			     fmt("{\"serviceNetworkIdentifier\":\"%s\",\"vpcIdentifier\":\"%s\"}",
				 f->network, f->vpc[0])),
			 200);
	keep_id(f, f->vpc_assoc);
	assert_int_equal(
		ask(f, "POST", "/servicenetworkserviceassociations",
		    fmt("{\"serviceNetworkIdentifier\":\"%s\",\"serviceIdentifier\":\"%s\"}",
			f->network, f->service)),
		200);
	keep_id(f, f->assoc);
}

#endif
