/* SPDX-License-Identifier: Apache-2.0 */
/* Responses to an HTTP/1 client: a status line, fields, and framing that suits its version. */
#include "proxy/client_h1.h"

#include "http/h1_write.h"
#include "proxy/conn.h"
#include "proxy/relay_head.h"
#include "proxy/request.h"
#include "proxy/worker.h"

/* What many answers have room in, head and body. */
enum { ANSWER_BYTES_LIKELY = 2048 };

static void wake(struct request *r)
{
	conn_run(r->conn);
}

/* How the client is told where the body ends; sets up to_client. */
static void write_framing(struct request *r, const struct http_response *a, struct buf *to)
{
	bool has_length = a->framing == HTTP_FRAMING_LENGTH;
	bool chunk = a->framing != HTTP_FRAMING_NONE && !has_length &&
		     r->http.version == HTTP_VERSION_1_1;
	const struct http_header *length;

	body_init(&r->to_client, a->framing, a->content_length, chunk);
	if (chunk)
		h1_write_header(to, STR("transfer-encoding"), STR("chunked"));
	else if (has_length)
		h1_write_header_u64(to, STR("content-length"), a->content_length);
	else if (a->framing != HTTP_FRAMING_NONE)
		r->keep_client = false;

	/* HEAD and 304 tell the length of a body that does not follow. */
	if (a->framing != HTTP_FRAMING_NONE)
		return;
	length = http_headers_find(&a->headers, STR("content-length"));
	if (length)
		h1_write_header(to, length->name, length->value);
}

static void put_head(struct request *r, const struct http_response *a)
{
	struct buf *to = &r->client.s->out;
	struct head_out out = { .text = to };

	buf_reserve(to, ANSWER_BYTES_LIKELY); /* not by and by */
	h1_write_status_line(to, a->status);
	relay_head_response_fields(r, a, &out);
	if (a->status == 101) {
		h1_write_upgrade(to, &a->headers);
		h1_write_head_end(to);
		return;
	}
	write_framing(r, a, to);
	if (r->conn->worker->draining || conn_is_old(r->conn))
		r->keep_client = false;
	if (!r->keep_client)
		h1_write_header(to, STR("connection"), STR("close"));
	else if (r->http.version == HTTP_VERSION_1_0)
		h1_write_header(to, STR("connection"), STR("keep-alive"));
	h1_write_head_end(to);
}

static void put_continue(struct request *r)
{
	if (r->http.version != HTTP_VERSION_1_1)
		return;
	h1_write_status_line(&r->client.s->out, 100);
	h1_write_head_end(&r->client.s->out);
}

/* The body's framing says it. */
static void end(struct request *r)
{
	(void)r;
}

static void cut(struct request *r)
{
	r->keep_client = false;
	r->client.s->error = -1;
}

const struct client_ops client_h1 = { wake, put_head, put_continue, end, cut };
