/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where AWS's documents and what was seen of it differ: the path has the query behind it, as seen;
 * the rest is as documented: in V1 the last value of a repeated query name counts, and the values
 * of a repeated header are joined with ", ".
 */
#include "proxy/lambda_event.h"

#include "base/array.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/utf8.h"
#include "http/chars.h"

/* Of a query, what is behind them is passed over; a name is looked for among them one by one. */
enum { QUERY_PAIRS_MAX = 512 };

/* "name": with the quotes and colon, behind a comma unless it is the first of its object. */
static void write_name(struct buf *b, const char *name, bool *is_first)
{
	buf_addf(b, "%s\"%s\":", *is_first ? "" : ",", name);
	*is_first = false;
}

static void write_member(struct buf *b, const char *name, struct str value, bool *is_first)
{
	write_name(b, name, is_first);
	json_write_bytes(b, value);
}

/* The same, unless there is no value. */
static void write_member_if(struct buf *b, const char *name, struct str value, bool *is_first)
{
	if (value.n)
		write_member(b, name, value, is_first);
}

/* @name in lower case as a member's name; field names hold nothing that JSON would escape. */
static void write_field_name(struct buf *b, struct str name)
{
	size_t i;

	buf_add_char(b, '"');
	for (i = 0; i < name.n; i++)
		buf_add_char(b, (char)str_fold(name.p[i]));
	buf_add_lit(b, "\":");
}

/* The next header after @from that has the name of @from, or NULL. */
static const struct http_header *next_alike(const struct lambda_event *e,
					    const struct http_header *from)
{
	const struct http_header *h = from + 1, *end = e->headers + e->header_count;

	while (h < end && !str_eq_nocase(h->name, from->name))
		h++;
	return h < end ? h : NULL;
}

static bool is_first_of_name(const struct lambda_event *e, const struct http_header *h)
{
	const struct http_header *other = e->headers;

	while (other < h && !str_eq_nocase(other->name, h->name))
		other++;
	return other == h;
}

static void write_header_list(struct buf *b, const struct lambda_event *e,
			      const struct http_header *h)
{
	buf_add_char(b, '[');
	json_write_bytes(b, h->value);
	while ((h = next_alike(e, h))) {
		buf_add_char(b, ',');
		json_write_bytes(b, h->value);
	}
	buf_add_char(b, ']');
}

static void write_header_joined(struct buf *b, const struct lambda_event *e,
				const struct http_header *h)
{
	struct buf joined;

	buf_init(&joined, LATTICE_HEADER_BYTES_MAX + 2 * LATTICE_HEADERS_MAX);
	buf_add(&joined, h->value);
	while ((h = next_alike(e, h))) {
		buf_add_lit(&joined, ", ");
		buf_add(&joined, h->value);
	}
	b->failed |= joined.failed;
	json_write_bytes(b, buf_str(&joined));
	buf_fini(&joined);
}

static void write_headers(struct buf *b, const struct lambda_event *e)
{
	bool is_first = true;
	size_t i;

	buf_add_char(b, '{');
	for (i = 0; i < e->header_count; i++) {
		const struct http_header *h = &e->headers[i];

		if (!is_first_of_name(e, h) ||
		    (e->is_v2 && str_eq_nocase(h->name, STR("x-amzn-lattice-identity"))))
			continue;
		if (!is_first)
			buf_add_char(b, ',');
		is_first = false;
		write_field_name(b, h->name);
		if (e->is_v2)
			write_header_list(b, e, h);
		else if (next_alike(e, h))
			write_header_joined(b, e, h);
		else
			json_write_bytes(b, h->value);
	}
	buf_add_char(b, '}');
}

/* A query taken apart and decoded. */
struct query {
	struct query_pair {
		struct str name, value;
	} at[QUERY_PAIRS_MAX];
	size_t count;
};

/* @s with its escapes decoded at @to, where there is room for it. */
static struct str decode(struct str s, char *to)
{
	size_t n = 0, i;

	for (i = 0; i < s.n; i++) {
		int byte = char_escape(s, i);
		char c = s.p[i];

		if (byte >= 0) {
			c = (char)byte;
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		to[n++] = c;
	}
	return (struct str){ to, n };
}

/* Take @text apart; what it is decoded to goes to @room, which is as large. */
static void parse_query(struct str text, char *room, struct query *ret)
{
	struct str_cut pairs = { .tail = text, .found = true };

	ret->count = 0;
	while (pairs.found && ret->count < QUERY_PAIRS_MAX) {
		struct query_pair *p = &ret->at[ret->count];
		struct str_cut c;

		pairs = str_cut(pairs.tail, '&');
		if (!pairs.head.n)
			continue;
		c = str_cut(pairs.head, '=');
		p->name = decode(c.head, room);
		room += p->name.n;
		p->value = decode(c.tail, room);
		room += p->value.n;
		ret->count++;
	}
}

static bool has_name_from(const struct query *q, size_t from, size_t to, struct str name)
{
	while (from < to && !str_eq(q->at[from].name, name))
		from++;
	return from < to;
}

/* The values of the name at @i: all in V2, the last in V1. */
static void write_values(struct buf *b, const struct query *q, size_t i, bool is_v2)
{
	struct str name = q->at[i].name, last = q->at[i].value;
	size_t k;

	if (is_v2) {
		buf_add_char(b, '[');
		json_write_bytes(b, last);
	}
	for (k = i + 1; k < q->count; k++) {
		if (!str_eq(q->at[k].name, name))
			continue;
		last = q->at[k].value;
		if (!is_v2)
			continue;
		buf_add_char(b, ',');
		json_write_bytes(b, last);
	}
	if (is_v2)
		buf_add_char(b, ']');
	else
		json_write_bytes(b, last);
}

static void write_query(struct buf *b, const struct lambda_event *e)
{
	bool is_first = true;
	struct buf room;
	struct query q;
	size_t i;
	char *to;

	buf_init(&room, LATTICE_HEADER_BYTES_MAX);
	to = buf_reserve(&room, e->query.n + 1);
	q.count = 0;
	if (to)
		parse_query(e->query, to, &q);
	else
		b->failed = true;
	buf_add_char(b, '{');
	for (i = 0; i < q.count; i++) {
		if (has_name_from(&q, 0, i, q.at[i].name))
			continue;
		if (!is_first)
			buf_add_char(b, ',');
		is_first = false;
		json_write_bytes(b, q.at[i].name);
		buf_add_char(b, ':');
		write_values(b, &q, i, e->is_v2);
	}
	buf_add_char(b, '}');
	buf_fini(&room);
}

/* Does the type of a body say that it is text? */
static bool is_text_type(const struct lambda_event *e)
{
	static const struct str types[] = { { "application/json", 16 },
					    { "application/xml", 15 },
					    { "application/javascript", 22 } };
	struct str type = { 0 };
	size_t i;

	for (i = 0; i < e->header_count && !type.n; i++) {
		if (str_eq_nocase(e->headers[i].name, STR("content-type")))
			type = str_cut(e->headers[i].value, ';').head;
	}
	while (type.n && (type.p[type.n - 1] == ' ' || type.p[type.n - 1] == '\t'))
		type.n--;
	if (str_eq_nocase(str_first(type, 5), STR("text/")))
		return true;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (str_eq_nocase(type, types[i]))
			return true;
	}
	return false;
}

/* As text when its type says so and it is text. */
static void write_body(struct buf *b, const struct lambda_event *e, const char *flag,
		       bool *is_first)
{
	bool is_text = !e->body.n || (is_text_type(e) && utf8_is_valid(e->body));

	write_name(b, "body", is_first);
	if (is_text) {
		json_write_str(b, e->body);
	} else {
		buf_add_char(b, '"');
		base64_write(b, e->body);
		buf_add_char(b, '"');
	}
	write_name(b, flag, is_first);
	buf_addf(b, "%s", is_text ? "false" : "true");
}

static void write_context(struct buf *b, const struct lambda_event *e)
{
	bool is_first = true, is_first_of_identity = true;

	buf_add_char(b, '{');
	write_member(b, "serviceNetworkArn", e->network_arn, &is_first);
	write_member(b, "serviceArn", e->service_arn, &is_first);
	write_member(b, "targetGroupArn", e->group_arn, &is_first);
	write_name(b, "identity", &is_first);
	buf_add_char(b, '{');
	write_member(b, "sourceVpcArn", e->caller.source_vpc_arn, &is_first_of_identity);
	write_member_if(b, "type", e->caller.type, &is_first_of_identity);
	write_member_if(b, "principal", e->caller.principal, &is_first_of_identity);
	write_member_if(b, "principalOrgID", e->caller.org_id, &is_first_of_identity);
	write_member_if(b, "sessionName", e->caller.session, &is_first_of_identity);
	buf_add_char(b, '}');
	write_member(b, "region", e->region, &is_first);
	write_name(b, "timeEpoch", &is_first);
	buf_addf(b, "\"%llu\"}", (unsigned long long)e->time_us);
}

static void write_v1(struct buf *b, const struct lambda_event *e)
{
	bool is_first = true;

	write_member(b, "raw_path", e->path, &is_first);
	write_member(b, "method", e->method, &is_first);
	write_name(b, "headers", &is_first);
	write_headers(b, e);
	write_name(b, "query_string_parameters", &is_first);
	write_query(b, e);
	write_body(b, e, "is_base64_encoded", &is_first);
	write_member(b, "request_id", e->request_id, &is_first);
}

static void write_v2(struct buf *b, const struct lambda_event *e)
{
	bool is_first = true;

	write_member(b, "version", STR("2.0"), &is_first);
	write_member(b, "path", e->path, &is_first);
	write_member(b, "method", e->method, &is_first);
	write_name(b, "headers", &is_first);
	write_headers(b, e);
	write_name(b, "queryStringParameters", &is_first);
	write_query(b, e);
	write_body(b, e, "isBase64Encoded", &is_first);
	write_member(b, "requestId", e->request_id, &is_first);
	write_name(b, "requestContext", &is_first);
	write_context(b, e);
}

/* Append the event; b->failed when there was no room. */
void lambda_event_write(struct buf *b, const struct lambda_event *e)
{
	buf_add_char(b, '{');
	if (e->is_v2)
		write_v2(b, e);
	else
		write_v1(b, e);
	buf_add_char(b, '}');
}
