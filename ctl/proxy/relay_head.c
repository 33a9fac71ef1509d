/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads in transit: hop-by-hop fields end here, framing is written anew, and what Lattice tells a
 * target about the caller replaces anything of that name that the caller sent itself.
 */
#include "proxy/relay_head.h"

#include "base/array.h"
#include "http/h1_write.h"
#include "proxy/request.h"
#include "proxy/worker.h"

/* Fields that we write ourselves towards the target. */
static bool is_ours(struct str name)
{
	static const struct str ours[] = {
		{ "host", 4 },
		{ "content-length", 14 },
		{ "expect", 6 },
		{ "x-forwarded-for", 15 },
		{ "x-forwarded-port", 16 },
		{ "x-forwarded-proto", 17 },
		{ "x-amzn-requestid", 16 },
		{ "x-amzn-source-vpc", 17 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ours); i++) {
		if (str_eq_nocase(name, ours[i]))
			return true;
	}
	return str_eq_nocase(str_first(name, 15), STR("x-amzn-lattice-"));
}

/* A field value made of up to @n parts, since header values are written whole. */
static void write_joined(struct buf *to, struct str name, const struct str *parts, size_t n)
{
	size_t i;

	buf_add(to, name);
	buf_add_lit(to, ": ");
	for (i = 0; i < n; i++)
		buf_add(to, parts[i]);
	buf_add_lit(to, "\r\n");
}

/* What the target may know of the caller (VPC Lattice user guide, HTTP targets). */
static void write_lattice_headers(struct request *r, struct buf *to)
{
	const struct str network[] = { STR("SourceVpcArn="), r->vpc->arn };
	const struct str target[] = {
		STR("ServiceArn="),  r->service->arn,	       STR("; ServiceNetworkArn="),
		r->vpc->network_arn, STR("; TargetGroupArn="), r->group->arn,
	};
	char text[SOCK_ADDR_TEXT_MAX];

	h1_write_header(to, STR("x-forwarded-for"), sock_addr_write_ip(&r->conn->peer, text));
	h1_write_header_u64(to, STR("x-forwarded-port"), r->conn->local.port);
	h1_write_header(to, STR("x-forwarded-proto"), STR("http"));
	write_joined(to, STR("x-amzn-lattice-network"), network, ARRAY_SIZE(network));
	write_joined(to, STR("x-amzn-lattice-target"), target, ARRAY_SIZE(target));
	h1_write_header(to, STR("x-amzn-source-vpc"), r->vpc->id);
	h1_write_header(to, STR("x-amzn-requestid"), r->id);
}

/* Does the client want to switch protocols, so that the target may do so? */
bool relay_head_asks_upgrade(const struct request *r)
{
	return r->http.upgrade && r->http.framing == HTTP_FRAMING_NONE;
}

/* The fields that make a head one about switching, which end at each hop otherwise. */
static void write_upgrade(struct buf *to, const struct http_headers *from)
{
	size_t i;

	h1_write_header(to, STR("connection"), STR("upgrade"));
	for (i = 0; i < from->count; i++) {
		if (str_eq_nocase(from->at[i].name, STR("upgrade")))
			h1_write_header(to, from->at[i].name, from->at[i].value);
	}
}

/* Put the request's head into the target's out buffer. */
void relay_head_to_target(struct request *r)
{
	const struct http_request *q = &r->http;
	struct buf *to = &r->upstream->s.out;
	struct str target = q->path;
	size_t i;

	/* The query follows the path and its "?" in the same bytes. */
	if (q->has_query)
		target.n += 1 + q->query.n;
	h1_write_request_line(to, q->method, target);
	h1_write_header(to, STR("host"), q->authority);
	for (i = 0; i < q->headers.count; i++) {
		const struct http_header *h = &q->headers.at[i];

		if (!is_ours(h->name) && !http_header_is_hop_by_hop(&q->headers, h->name))
			h1_write_header(to, h->name, h->value);
	}
	write_lattice_headers(r, to);
	if (relay_head_asks_upgrade(r))
		write_upgrade(to, &q->headers);
	if (q->framing == HTTP_FRAMING_LENGTH)
		h1_write_header_u64(to, STR("content-length"), q->content_length);
	else if (q->framing == HTTP_FRAMING_CHUNKED)
		h1_write_header(to, STR("transfer-encoding"), STR("chunked"));
	h1_write_head_end(to);
}

/* How the client is told where the body ends; sets up to_client. */
static void write_framing(struct request *r, const struct http_response *a, struct buf *to)
{
	bool chunk =
		(a->framing == HTTP_FRAMING_CHUNKED || a->framing == HTTP_FRAMING_UNTIL_CLOSE) &&
		r->http.version == HTTP_VERSION_1_1;
	const struct http_header *length;

	body_init(&r->to_client, a->framing, a->content_length, chunk);
	if (chunk)
		h1_write_header(to, STR("transfer-encoding"), STR("chunked"));
	else if (a->framing == HTTP_FRAMING_LENGTH)
		h1_write_header_u64(to, STR("content-length"), a->content_length);
	else if (a->framing != HTTP_FRAMING_NONE)
		r->keep_client = false;

	/* HEAD and 304 tell the length of a body that does not follow. */
	length = http_headers_find(&a->headers, STR("content-length"));
	if (a->framing == HTTP_FRAMING_NONE && length)
		h1_write_header(to, length->name, length->value);
}

/* Put the response's head into the client's out buffer, and begin its body. */
void relay_head_to_client(struct request *r, const struct http_response *response)
{
	struct buf *to = &r->conn->s.out;
	size_t i;

	r->status = response->status;
	r->keep_target = response->keep_alive;
	h1_write_status_line(to, response->status);
	for (i = 0; i < response->headers.count; i++) {
		const struct http_header *h = &response->headers.at[i];

		if (str_eq_nocase(h->name, STR("content-length")) ||
		    str_eq_nocase(h->name, STR("x-amzn-requestid")) ||
		    http_header_is_hop_by_hop(&response->headers, h->name))
			continue;
		h1_write_header(to, h->name, h->value);
	}
	h1_write_header(to, STR("x-amzn-requestid"), r->id);
	r->response_started = true;
	if (response->status == 101) {
		write_upgrade(to, &response->headers);
		h1_write_head_end(to);
		return;
	}
	write_framing(r, response, to);
	if (r->conn->worker->draining || conn_is_old(r->conn))
		r->keep_client = false;
	if (!r->keep_client)
		h1_write_header(to, STR("connection"), STR("close"));
	else if (r->http.version == HTTP_VERSION_1_0)
		h1_write_header(to, STR("connection"), STR("keep-alive"));
	h1_write_head_end(to);
}
