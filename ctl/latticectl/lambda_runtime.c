/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call waits in the queue until a process asks for work; then it is that process's, until it is
 * answered, times out, or the process ends. Whatever becomes of it, who called gets one answer.
 */
#include "latticectl/lambda_runtime.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/rand.h"
#include "latticectl/lambda_path.h"
#include "latticectl/lambda_process.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum {
	INIT_MS_MAX = 10 * 1000, /* AWS: for a process to ask for its first work */
	RESTART_MS_MIN = 100,
	RESTART_MS_MAX = 5000,
	ID_BYTES = 37,
	ERROR_BYTES_MAX = 1024,
};

/* One call of the function. */
struct invocation {
	struct list link; /* in the queue, while it has no process */
	struct lambda_runtime *r;
	char id[ID_BYTES];
	char arn[LAMBDA_ARN_BYTES];
	struct http_conn *client; /* NULL: nobody waits for its answer */
	struct buf event;
	struct timer deadline;
	struct instance *by;
};

/* One process of the function. */
struct instance {
	struct list link;
	struct lambda_runtime *r;
	pid_t pid;
	struct http_server api;
	struct http_conn *idle; /* asks for work */
	struct invocation *busy;
	bool has_asked; /* for work, once */
};

static void dispatch(struct lambda_runtime *r);

static void invocation_free(struct invocation *i)
{
	timer_disarm(i->r->loop, &i->deadline);
	if (i->by)
		i->by->busy = NULL;
	else
		i->r->queued--;
	list_remove(&i->link);
	buf_fini(&i->event);
	free(i);
}

/* The end of @i: tell who called. */
static void finish(struct invocation *i, bool has_failed, struct str body)
{
	struct str fields = has_failed ? STR("content-type: application/json\r\n"
					     "x-amz-executed-version: $LATEST\r\n"
					     "x-amz-function-error: Unhandled\r\n")
				       : STR("content-type: application/json\r\n"
					     "x-amz-executed-version: $LATEST\r\n");
	struct http_conn *client = i->client;

	invocation_free(i);
	if (client) {
		client->owner = NULL;
		http_reply(client, 200, fields, body);
	}
}

/* The same, with an error of ours in Lambda's form. */
static void fail(struct invocation *i, const char *type, const char *message)
{
	struct buf b;

	buf_init(&b, ERROR_BYTES_MAX);
	buf_add_lit(&b, "{\"errorType\":");
	json_write_str(&b, str_of(type));
	buf_add_lit(&b, ",\"errorMessage\":");
	json_write_str(&b, str_of(message));
	buf_add_lit(&b, "}");
	finish(i, true, buf_str(&b));
	buf_fini(&b);
}

static void refuse(struct http_conn *c, unsigned status, const char *type, const char *message)
{
	struct buf fields, b;

	buf_init(&fields, ERROR_BYTES_MAX);
	buf_init(&b, ERROR_BYTES_MAX);
	buf_addf(&fields, "content-type: application/json\r\nx-amzn-errortype: %s\r\n", type);
	buf_add_lit(&b, "{\"Type\":\"User\",\"message\":");
	json_write_str(&b, str_of(message));
	buf_add_lit(&b, "}");
	http_reply(c, status, buf_str(&fields), buf_str(&b));
	buf_fini(&fields);
	buf_fini(&b);
}

static void instance_kill(struct instance *n)
{
	if (n->pid > 0)
		kill(-n->pid, SIGKILL);
}

/* Too long: AWS kills the process, and so do we. */
static void deadline_expired(struct timer *t)
{
	struct invocation *i = container_of(t, struct invocation, deadline);
	struct instance *by = i->by;
	char text[128];

	snprintf(text, sizeof(text), "%s Task timed out after %u.00 seconds", i->id,
		 i->r->config->timeout_s);
	fail(i, "Sandbox.Timedout", text);
	if (by)
		instance_kill(by);
}

/* Give the call to the process that asks. */
static void assign(struct instance *n, struct invocation *i)
{
	struct lambda_runtime *r = n->r;
	uint64_t timeout_ms = (uint64_t)r->config->timeout_s * 1000;
	struct http_conn *c = n->idle;
	struct buf fields;

	list_remove(&i->link);
	r->queued--;
	i->by = n;
	n->busy = i;
	n->idle = NULL;
	timer_arm(r->loop, &i->deadline, timeout_ms);
	buf_init(&fields, 2048);
	buf_addf(&fields,
		 "content-type: application/json\r\n"
		 "lambda-runtime-aws-request-id: %s\r\n"
		 "lambda-runtime-deadline-ms: %llu\r\n"
		 "lambda-runtime-invoked-function-arn: %s\r\n",
		 i->id, (unsigned long long)(clock_wall_ms() + timeout_ms), i->arn);
	c->owner = NULL;
	http_reply(c, 200, buf_str(&fields), buf_str(&i->event));
	buf_fini(&fields);
}

static struct instance *find_idle(struct lambda_runtime *r)
{
	struct list *pos;

	list_each (pos, &r->instances) {
		struct instance *n = list_entry(pos, struct instance, link);

		if (n->idle)
			return n;
	}
	return NULL;
}

/* Processes that have not asked for work yet: they will. */
static unsigned count_starting(struct lambda_runtime *r)
{
	unsigned count = 0;
	struct list *pos;

	list_each (pos, &r->instances)
		count += !list_entry(pos, struct instance, link)->has_asked;
	return count;
}

/* A process asks for work, or something of the Runtime API. */

static struct instance *instance_of(struct http_conn *c)
{
	return container_of(c->server, struct instance, api);
}

static void take_next(struct http_conn *c)
{
	struct instance *n = instance_of(c);

	if (n->idle) {
		refuse(c, 400, "InvalidRequest", "another connection asks for work already");
		return;
	}
	/* One that asks again has given up on what it had. */
	if (n->busy)
		fail(n->busy, "Runtime.Unknown", "the function asked for other work");
	n->has_asked = true;
	n->r->restart_ms = RESTART_MS_MIN;
	n->idle = c;
	c->owner = n;
	dispatch(n->r);
}

static void accept_answer(struct http_conn *c, struct str id, bool has_failed)
{
	struct instance *n = instance_of(c);
	struct invocation *i = n->busy;
	struct buf body = c->body;

	if (!i || !str_eq(id, str_of(i->id))) {
		refuse(c, 400, "InvalidRequestID", "no such request is running here");
		return;
	}
	if (buf_len(&body) > LAMBDA_PAYLOAD_BYTES_MAX) {
		refuse(c, 413, "RequestEntityTooLarge", "more than 6 MB were returned");
		fail(i, "Function.ResponseSizeTooLarge", "more than 6 MB were returned");
		return;
	}
	buf_init(&c->body, HTTP_BODY_BYTES_MAX); /* the reply must not take it */
	http_reply(c, 202, STR("content-type: application/json\r\n"), STR("{\"status\":\"OK\"}"));
	finish(i, has_failed, buf_str(&body));
	buf_fini(&body);
}

/* The function cannot be started: whoever waits hears why. */
static void take_init_error(struct http_conn *c)
{
	struct instance *n = instance_of(c);
	struct lambda_runtime *r = n->r;
	struct buf body = c->body;

	buf_init(&c->body, HTTP_BODY_BYTES_MAX);
	http_reply(c, 202, STR("content-type: application/json\r\n"), STR("{\"status\":\"OK\"}"));
	while (!list_empty(&r->queue))
		finish(list_entry(r->queue.next, struct invocation, link), true, buf_str(&body));
	buf_fini(&body);
	instance_kill(n);
}

static void api_request(struct http_conn *c)
{
	struct lambda_call call;

	switch (lambda_path_of_runtime(c->http.method, c->http.path, &call)) {
	case LAMBDA_NEXT:
		take_next(c);
		break;
	case LAMBDA_RESPONSE:
		accept_answer(c, call.id, false);
		break;
	case LAMBDA_ERROR:
		accept_answer(c, call.id, true);
		break;
	case LAMBDA_INIT_ERROR:
		take_init_error(c);
		break;
	default:
		refuse(c, 404, "NotFound", "no such operation of the Runtime API");
	}
}

static void api_gone(struct http_conn *c)
{
	struct instance *n = instance_of(c);

	if (n->idle == c)
		n->idle = NULL;
}

static void spawn(struct lambda_runtime *r)
{
	struct instance *n = calloc(1, sizeof(*n));
	int err = -ENOMEM;

	if (n) {
		n->r = r;
		n->api.request = api_request;
		n->api.gone = api_gone;
		err = http_server_open(&n->api, r->loop, 0);
	}
	if (!err) {
		n->pid = lambda_process_start(r->config, n->api.port);
		err = n->pid < 0 ? (int)n->pid : 0;
		if (err)
			http_server_close(&n->api);
	}
	if (err) {
		fprintf(stderr, "latticectl: cannot start %s: %s\n", r->config->name,
			strerror(-err));
		free(n);
		timer_arm(r->loop, &r->restart, RESTART_MS_MAX);
		return;
	}
	list_add_tail(&r->instances, &n->link);
	r->instance_count++;
}

/* Bring calls and processes together; start one more when there are too few. */
static void dispatch(struct lambda_runtime *r)
{
	struct instance *n;

	while (!list_empty(&r->queue) && (n = find_idle(r)))
		assign(n, list_entry(r->queue.next, struct invocation, link));
	if (!list_empty(&r->queue) && !r->is_stopping && !timer_is_armed(&r->restart) &&
	    r->instance_count < r->config->concurrency && count_starting(r) < r->queued)
		spawn(r);
}

static void restart_expired(struct timer *t)
{
	struct lambda_runtime *r = container_of(t, struct lambda_runtime, restart);

	if (!r->instance_count && !r->is_stopping)
		spawn(r);
	dispatch(r);
}

static void describe_end(int status, char *ret, size_t n)
{
	if (WIFSIGNALED(status))
		snprintf(ret, n, "signal: %s", strsignal(WTERMSIG(status)));
	else
		snprintf(ret, n, "exit status %d", WEXITSTATUS(status));
}

/* The child @pid ended as waitpid() says. */
void lambda_runtime_child_ended(struct lambda_runtime *r, pid_t pid, int status)
{
	char how[64], text[128];
	struct list *pos, *after;

	list_each_safe (pos, after, &r->instances) {
		struct instance *n = list_entry(pos, struct instance, link);

		if (n->pid != pid)
			continue;
		describe_end(status, how, sizeof(how));
		instance_kill(n); /* what it started itself */
		snprintf(text, sizeof(text), "Error: Runtime exited with error: %s", how);
		if (n->busy)
			fail(n->busy, "Runtime.ExitError", text);
		if (!r->is_stopping)
			fprintf(stderr, "latticectl: a process of %s ended: %s\n", r->config->name,
				how);
		http_server_close(&n->api);
		list_remove(&n->link);
		r->instance_count--;
		if (!r->is_stopping && !timer_is_armed(&r->restart)) {
			timer_arm(r->loop, &r->restart, n->has_asked ? 0 : r->restart_ms);
			if (!n->has_asked && r->restart_ms < RESTART_MS_MAX)
				r->restart_ms *= 2;
		}
		free(n);
	}
}

/* Calls */

static struct invocation *new_invocation(struct http_conn *c, const struct lambda_call *call)
{
	struct lambda_runtime *r = container_of(c->server, struct lambda_runtime, invoke);
	struct invocation *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	i->r = r;
	list_init(&i->link);
	rand_hex(i->id, 32);
	snprintf(i->arn, sizeof(i->arn), "%s", call->arn);
	i->event = c->body; /* moved: a body may be large */
	buf_init(&c->body, HTTP_BODY_BYTES_MAX);
	i->deadline.expired = deadline_expired;
	timer_arm(r->loop, &i->deadline, INIT_MS_MAX + (uint64_t)r->config->timeout_s * 1000);
	list_add_tail(&r->queue, &i->link);
	r->queued++;
	return i;
}

static bool is_json(struct str s)
{
	struct cJSON *json = json_parse(s);
	bool is = json != NULL;

	cJSON_Delete(json);
	return is;
}

static void call_function(struct http_conn *c, const struct lambda_call *call)
{
	struct lambda_runtime *r = container_of(c->server, struct lambda_runtime, invoke);
	const struct http_header *type =
		http_headers_find(&c->http.headers, STR("x-amz-invocation-type"));
	bool is_event = type && str_eq(type->value, STR("Event"));
	struct invocation *i;

	if (!buf_len(&c->body))
		buf_add_lit(&c->body, "{}");
	if (!is_json(buf_str(&c->body))) {
		refuse(c, 400, "InvalidRequestContentException", "the event is not JSON");
	} else if (type && str_eq(type->value, STR("DryRun"))) {
		http_reply(c, 204, STR(""), STR(""));
	} else if (r->queued >= LAMBDA_QUEUE_MAX) {
		refuse(c, 429, "TooManyRequestsException", "too many calls wait");
	} else if (!(i = new_invocation(c, call))) {
		refuse(c, 500, "ServiceException", "out of memory");
	} else if (is_event) {
		http_reply(c, 202, STR(""), STR(""));
	} else {
		i->client = c;
		c->owner = i;
	}
	dispatch(r);
}

static void invoke_request(struct http_conn *c)
{
	const struct lambda_runtime *r = container_of(c->server, struct lambda_runtime, invoke);
	struct lambda_call call;

	switch (lambda_path_of_invoke(c->http.method, c->http.path, r->config->name, &call)) {
	case LAMBDA_INVOKE:
		call_function(c, &call);
		break;
	case LAMBDA_OTHER_FUNCTION:
		refuse(c, 404, "ResourceNotFoundException", "another function is served here");
		break;
	default:
		refuse(c, 404, "UnknownOperationException", "only Invoke is served here");
	}
}

static void invoke_gone(struct http_conn *c)
{
	struct invocation *i = c->owner;

	if (i)
		i->client = NULL;
}

/* Serve; @config is borrowed. The first process is started at once. 0 or -errno. */
int lambda_runtime_start(struct lambda_runtime *r, struct loop *loop,
			 const struct lambda_config *config)
{
	int err;

	*r = (struct lambda_runtime){ .config = config, .loop = loop };
	r->invoke.request = invoke_request;
	r->invoke.gone = invoke_gone;
	r->restart.expired = restart_expired;
	r->restart_ms = RESTART_MS_MIN;
	list_init(&r->instances);
	list_init(&r->queue);
	err = http_server_open(&r->invoke, loop, config->port);
	if (!err)
		spawn(r);
	return err;
}

/* Send @signal to all processes. From now on none is started again. */
void lambda_runtime_signal(struct lambda_runtime *r, int signal)
{
	struct list *pos;

	r->is_stopping = true;
	timer_disarm(r->loop, &r->restart);
	list_each (pos, &r->instances)
		kill(-list_entry(pos, struct instance, link)->pid, signal);
}

/* All processes have ended: close and free what is left. */
void lambda_runtime_stop(struct lambda_runtime *r)
{
	http_server_close(&r->invoke);
	while (!list_empty(&r->queue))
		invocation_free(list_entry(r->queue.next, struct invocation, link));
}
