/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 on one connection. Two phases alternate: a whole request is read, then its reply is
 * written, and each must end within CLIENT_PHASE_MS however many bytes trickle in or out.
 */
#include "api/client.h"

#include "api/caller.h"
#include "http/h1_write.h"
#include "telemetry/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 16 << 10 };

/* Room for a head, and a chunked body with its framing. */
enum { IN_BYTES_MAX = LATTICE_HEADER_BYTES_MAX + READ_BYTES + 2 * CLIENT_BODY_BYTES_MAX };
enum { OUT_BYTES_MAX = METRICS_BYTES_MAX + 4096 };

enum body_state { BODY_MORE, BODY_WHOLE, BODY_TOO_LARGE, BODY_BAD };

static void end_client(struct client *c)
{
	c->gone(c, c->ctx);
	client_free(c);
}

static void want(struct client *c, uint32_t events)
{
	if (c->interest == events)
		return;
	c->interest = events;
	loop_modify(c->loop, &c->watch, events);
}

static void write_reply(struct client *c, const struct api_reply *r)
{
	h1_write_status_line(&c->out, r->status);
	if (r->status != 204) {
		h1_write_header(&c->out, STR("content-type"),
				r->type.n ? r->type : STR("application/json"));
		h1_write_header_u64(&c->out, STR("content-length"), buf_len(&r->body));
	}
	h1_write_header(&c->out, STR("x-amzn-requestid"), str_of(r->request_id));
	if (r->error.n)
		h1_write_header(&c->out, STR("x-amzn-errortype"), r->error);
	if (c->closing)
		h1_write_header(&c->out, STR("connection"), STR("close"));
	h1_write_head_end(&c->out);
	buf_add(&c->out, buf_str(&r->body));
}

/* Answer with a fault of the connection itself, and close after it. */
static void refuse(struct client *c, unsigned status, const char *why)
{
	struct api_reply r;
	struct fault f;

	fault_set(&f, FAULT_CANNOT_PARSE, "%s", why);
	dispatch_refuse(&f, &r);
	r.status = status;
	c->closing = true;
	write_reply(c, &r);
	api_reply_fini(&r);
}

/* Decode what has come of a chunked body, from @raw on. */
static enum body_state read_chunks(struct client *c, struct str raw)
{
	for (;;) {
		struct h1_chunk k = h1_chunked_next(&c->chunked, str_skip(raw, c->chunk_bytes));

		c->chunk_bytes += k.consumed;
		switch (k.outcome) {
		case H1_CHUNK_MORE:
			return BODY_MORE;
		case H1_CHUNK_TRAILER:
			break;
		case H1_CHUNK_DATA:
			buf_add(&c->body, k.data);
			if (c->body.failed)
				return BODY_TOO_LARGE;
			break;
		case H1_CHUNK_END:
			return BODY_WHOLE;
		case H1_CHUNK_BAD:
			return BODY_BAD;
		}
	}
}

/* Has all of the body come? *@ret is then it, and *@ret_bytes what it took in the input. */
static enum body_state read_body(struct client *c, const struct http_request *r, struct str raw,
				 struct str *ret, size_t *ret_bytes)
{
	enum body_state state = BODY_WHOLE;

	*ret = (struct str){ 0 };
	*ret_bytes = 0;
	if (r->framing == HTTP_FRAMING_CHUNKED) {
		state = read_chunks(c, raw);
		*ret = buf_str(&c->body);
		*ret_bytes = c->chunk_bytes;
	} else if (r->framing == HTTP_FRAMING_LENGTH) {
		if (r->content_length > CLIENT_BODY_BYTES_MAX)
			return BODY_TOO_LARGE;
		if (raw.n < r->content_length)
			return BODY_MORE;
		*ret = str_first(raw, (size_t)r->content_length);
		*ret_bytes = (size_t)r->content_length;
	}
	return state;
}

static bool must_sign(const struct client *c)
{
	return c->guest.standing == GUEST_UNSIGNED || c->guest.standing == GUEST_SIGNER;
}

/* Answer a request that must be signed, for the account that signed it. */
static void answer_signed(struct client *c, const struct http_request *r,
			  struct api_request *request, struct api_reply *reply)
{
	struct caller caller;
	struct fault f;

	caller_check(c->on, r, request->body, &caller);
	c->closing = !r->keep_alive || !caller.principal;
	if (caller.principal) {
		if (c->signed_by)
			c->signed_by(c, caller.principal->account, c->ctx);
		request->principal = caller.principal;
		request->account = caller.principal->account;
		request->source = &c->source;
		request->headers = &r->headers;
		dispatch_run(c->on, request, reply);
		return;
	}
	fault_set(&f, FAULT_ACCESS_DENIED, "%s", caller.words);
	dispatch_refuse(&f, reply);
	reply->error = caller.error;
}

static void answer(struct client *c, const struct http_request *r, struct str body)
{
	struct api_request request = {
		.method = r->method,
		.path = r->path,
		.query = r->query,
		.body = body,
		.is_admin = c->guest.standing == GUEST_ADMIN,
		.is_metrics_only = c->guest.standing == GUEST_SCRAPER,
	};
	const struct http_header *account =
		http_headers_find(&r->headers, STR("x-lattice-account"));
	struct api_reply reply;

	/* A stranger gets one refusal, and does not keep the connection. */
	c->closing = !r->keep_alive || !request.is_admin;
	if (account)
		request.account = account->value;
	if (must_sign(c))
		answer_signed(c, r, &request, &reply);
	else
		dispatch_run(c->on, &request, &reply);
	write_reply(c, &reply);
	api_reply_fini(&reply);
}

/* Forget the request of @bytes that was answered. */
static void next_request(struct client *c, size_t bytes)
{
	buf_consume(&c->in, bytes);
	buf_clear(&c->body);
	c->chunked = (struct h1_chunked){ 0 };
	c->chunk_bytes = 0;
	c->scanned = 0;
	c->continued = false;
}

/* Take a request from the input. True: something is to be written now. */
static bool take_request(struct client *c)
{
	struct http_request r;
	struct h1_result head = h1_parse_request(buf_str(&c->in), &c->scanned, &r);
	struct str raw, body;
	size_t bytes;

	if (head.outcome == H1_MORE)
		return false;
	if (head.outcome == H1_BAD) {
		refuse(c, head.status, head.reason);
		return true;
	}
	c->scanned = 0; /* the head is read again when more of the body has come */
	raw = str_skip(buf_str(&c->in), head.head_bytes);
	switch (read_body(c, &r, raw, &body, &bytes)) {
	case BODY_MORE:
		if (!r.expects_continue || c->continued)
			return false;
		c->continued = true;
		buf_add_lit(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
		return true;
	case BODY_TOO_LARGE:
		refuse(c, 413, "the body is larger than 1 MiB");
		return true;
	case BODY_BAD:
		refuse(c, 400, "the body's chunks are malformed");
		return true;
	case BODY_WHOLE:
		answer(c, &r, body);
		next_request(c, head.head_bytes + bytes);
		return true;
	}
	return false;
}

/* Write what there is. Returns 1 when all is out, 0 to wait, -1 when the peer is gone. */
static int write_out(struct client *c)
{
	while (buf_len(&c->out)) {
		struct str s = buf_str(&c->out);
		ssize_t n = send(c->watch.fd, s.p, s.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		buf_consume(&c->out, (size_t)n);
	}
	return c->out.failed ? -1 : 1;
}

/* Read once. Returns 1 when bytes came, 0 to wait, -1 when the peer is gone. */
static int read_in(struct client *c)
{
	char *room = buf_reserve(&c->in, READ_BYTES);
	ssize_t n;

	if (!room)
		return -1;
	do
		n = recv(c->watch.fd, room, READ_BYTES, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	if (n == 0)
		return -1;
	buf_commit(&c->in, (size_t)n);
	return 1;
}

/* Go on until the peer must act. May free @c. */
static void run_client(struct client *c)
{
	int done;

	for (;;) {
		bool replied = buf_len(&c->out) > 0;

		done = write_out(c);
		if (done < 0 || (done && c->closing))
			break;
		if (!done) {
			want(c, EPOLLOUT);
			return;
		}
		/* A phase begins when a reply is out, not when an interim answer is. */
		if (replied && !c->continued)
			timer_arm(c->loop, &c->deadline, CLIENT_PHASE_MS);
		if (buf_len(&c->in) && take_request(c)) {
			if (!c->continued)
				timer_arm(c->loop, &c->deadline, CLIENT_PHASE_MS);
			continue;
		}
		done = read_in(c);
		if (done < 0)
			break;
		if (!done) {
			want(c, EPOLLIN);
			return;
		}
	}
	end_client(c);
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct client *c = container_of(w, struct client, watch);

	/* An error or a hang-up shows when reading or writing. */
	(void)events;
	run_client(c);
}

static void client_expired(struct timer *t)
{
	end_client(container_of(t, struct client, deadline));
}

/* A client on @fd, which it owns from then on; NULL, with @fd untouched, when it cannot be. */
struct client *client_new(const struct client_config *config, int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	list_init(&c->guest.link);
	c->guest.standing = config->standing;
	c->loop = config->loop;
	c->on = config->on;
	c->source = config->source;
	c->signed_by = config->signed_by;
	c->gone = config->gone;
	c->ctx = config->ctx;
	buf_init(&c->in, IN_BYTES_MAX);
	buf_init(&c->out, OUT_BYTES_MAX);
	buf_init(&c->body, CLIENT_BODY_BYTES_MAX);
	/* Private keys come in, secrets go out. */
	c->in.wipes = c->body.wipes = c->out.wipes = true;
	c->watch = (struct watch){ .fd = fd, .ready = client_ready };
	c->deadline.expired = client_expired;
	c->interest = EPOLLIN;
	if (loop_add(c->loop, &c->watch, c->interest) < 0) {
		free(c);
		return NULL;
	}
	timer_arm(c->loop, &c->deadline, CLIENT_PHASE_MS);
	return c;
}

/* Close the connection and free @c, whom its owner no longer counts. NULL is fine. */
void client_free(struct client *c)
{
	if (!c)
		return;
	timer_disarm(c->loop, &c->deadline);
	loop_remove(c->loop, &c->watch);
	close(c->watch.fd);
	buf_fini(&c->in);
	buf_fini(&c->out);
	buf_fini(&c->body);
	free(c);
}
