/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads in transit: hop-by-hop fields end here, framing is written anew, and what Lattice tells a
 * target about the caller replaces anything of that name that the caller sent itself.
 */
#include "proxy/relay_head.h"

#include "base/array.h"
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
	/* How long they are, a bit each: that most fields are none of them is seen at once. */
	static const uint32_t lengths =
		1U << 4 | 1U << 6 | 1U << 14 | 1U << 15 | 1U << 16 | 1U << 17;
	bool is_as_long = name.n < 32 && (lengths >> name.n & 1);
	size_t i;

	for (i = 0; is_as_long && i < ARRAY_SIZE(ours); i++) {
		if (str_eq_nocase(name, ours[i]))
			return true;
	}
	return str_eq_nocase(str_first(name, 15), STR("x-amzn-lattice-"));
}

/*
 * Does @name pass for such a field, with underscores for dashes? Servers that hand fields on as
 * environment variables cannot tell the two apart.
 */
static bool is_disguise(struct str name)
{
	char dashed[32]; /* longer than the longest of ours */
	size_t i, n = name.n < sizeof(dashed) ? name.n : sizeof(dashed);

	if (!memchr(name.p, '_', name.n))
		return false;
	for (i = 0; i < n; i++)
		dashed[i] = name.p[i] == '_' ? '-' : name.p[i];
	return is_ours((struct str){ dashed, n });
}

/* What the target may know of the caller (VPC Lattice user guide, HTTP targets). */
static void write_lattice_headers(struct request *r, const struct head_out *to)
{
	const struct str network[] = { STR("SourceVpcArn="), r->vpc->arn };
	const struct str target[] = {
		STR("ServiceArn="),  r->service->arn,	       STR("; ServiceNetworkArn="),
		r->vpc->network_arn, STR("; TargetGroupArn="), r->group->arn,
	};
	char text[SOCK_ADDR_TEXT_MAX];
	struct str ip = sock_addr_write_ip(&r->conn->peer, text);

	/* A list borrows fields, but keeps what is joined: the text is gone before it is used. */
	head_out_joined(to, STR("x-forwarded-for"), &ip, 1);
	head_out_u64(to, STR("x-forwarded-port"), r->conn->local.port);
	head_out_field(to, STR("x-forwarded-proto"), r->conn->secure ? STR("https") : STR("http"));
	if (r->principal && r->principal->type != PRINCIPAL_ANONYMOUS) {
		head_out_field(to, STR("x-amzn-lattice-identity"), r->principal->identity_text);
		head_out_field(to, STR("x-amzn-lattice-identity-tags"), r->principal->tags_text);
	}
	head_out_joined(to, STR("x-amzn-lattice-network"), network, ARRAY_SIZE(network));
	head_out_joined(to, STR("x-amzn-lattice-target"), target, ARRAY_SIZE(target));
	head_out_field(to, STR("x-amzn-source-vpc"), r->vpc->id);
	head_out_field(to, STR("x-amzn-requestid"), r->id);
}

/* Does the client want to switch protocols, so that the target may do so? */
bool relay_head_asks_upgrade(const struct request *r)
{
	return r->http.upgrade && r->http.framing == HTTP_FRAMING_NONE;
}

/* The path and query as a request line or a :path says them. */
struct str relay_head_target(const struct http_request *q)
{
	struct str target = q->path;

	/* The query follows the path and its "?" in the same bytes. */
	if (q->has_query)
		target.n += 1 + q->query.n;
	return target;
}

static bool has_options(const struct http_headers *h)
{
	return http_headers_find(h, STR("connection"));
}

/* Does the field @name of @h end here? @options: has_options(), which is the same for each. */
static bool ends_here(const struct http_headers *h, bool options, struct str name)
{
	return http_header_is_of_hop(name) || (options && http_headers_have_option(h, name));
}

/* All fields of the request towards the target but those of a protocol version. */
void relay_head_request_fields(struct request *r, const struct head_out *to)
{
	const struct http_request *q = &r->http;
	bool options = has_options(&q->headers);
	size_t i;

	for (i = 0; i < q->headers.count; i++) {
		const struct http_header *h = &q->headers.at[i];

		if (!is_ours(h->name) && !is_disguise(h->name) &&
		    !ends_here(&q->headers, options, h->name) &&
		    !trace_replaces(&r->trace, h->name))
			head_out_field(to, h->name, h->value);
	}
	write_lattice_headers(r, to);
	trace_put_fields(r, to);
}

/* All fields of the response towards the client but those of a protocol version. */
void relay_head_response_fields(struct request *r, const struct http_response *response,
				const struct head_out *to)
{
	bool options = has_options(&response->headers);
	size_t i;

	for (i = 0; i < response->headers.count; i++) {
		const struct http_header *h = &response->headers.at[i];

		if (str_eq_nocase(h->name, STR("content-length")) ||
		    str_eq_nocase(h->name, STR("x-amzn-requestid")) ||
		    ends_here(&response->headers, options, h->name))
			continue;
		head_out_field(to, h->name, h->value);
	}
	head_out_field(to, STR("x-amzn-requestid"), r->id);
}
