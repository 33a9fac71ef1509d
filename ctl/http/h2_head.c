/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 heads. The fields are copied into one text as they come; when all are there, they become
 * the same structs that HTTP/1 heads do, and pass the same checks of lengths, hosts and targets.
 */
#include "http/h2_head.h"

#include "base/array.h"
#include "base/word.h"
#include "http/authority.h"
#include "http/chars.h"
#include "http/request_target.h"

enum {
	/* The cookies are joined at the end, so that their text is there twice. */
	TEXT_BYTES_MAX = 2 * LATTICE_HEADER_BYTES_MAX,
	/* What most heads need, asked for at once: less would grow field by field. */
	TEXT_BYTES_MOSTLY = 1024,
	STATUS_MIN = 100,
};

static const struct str pseudo_names[H2_PSEUDO_COUNT] = {
	[H2_METHOD] = { ":method", 7 },	       [H2_SCHEME] = { ":scheme", 7 },
	[H2_AUTHORITY] = { ":authority", 10 }, [H2_PATH] = { ":path", 5 },
	[H2_STATUS] = { ":status", 7 },
};

static const struct str cookie = { "cookie", 6 };

static void refuse(struct h2_head *h, unsigned status, const char *reason)
{
	if (!h->refusal.reason)
		h->refusal = (struct h1_refusal){ status, reason };
}

/* Ready for the first field of a head; what an earlier one left is dropped. */
void h2_head_begin(struct h2_head *h)
{
	buf_clear(&h->text);
	h->text.max = TEXT_BYTES_MAX;
	h->text.wipes = true; /* credentials are among the values */
	buf_reserve(&h->text, TEXT_BYTES_MOSTLY);
	h->refusal = (struct h1_refusal){ 0 };
	h->bytes = 0;
	h->count = 0;
	h->cookies = 0;
	h->seen = 0;
}

void h2_head_fini(struct h2_head *h)
{
	buf_fini(&h->text);
}

/* Fields that say something of a connection, and that HTTP/2 has other ways for. */
static bool is_of_connection(struct str name, struct str value)
{
	static const struct str names[] = { { "connection", 10 },
					    { "keep-alive", 10 },
					    { "proxy-connection", 16 },
					    { "transfer-encoding", 17 },
					    { "upgrade", 7 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return str_eq(name, STR("te")) && !str_eq_nocase(value, STR("trailers"));
}

/* Is @name of lower-case letters and dashes, as almost all are? */
static bool is_dashed(struct str name)
{
	size_t i;

	if (name.n < WORD_BYTES)
		return false;
	for (i = 0; i + WORD_BYTES < name.n; i += WORD_BYTES) {
		if (!word_is_dashed(word_load(name.p + i)))
			return false;
	}
	return word_is_dashed(word_load(name.p + name.n - WORD_BYTES));
}

static const char *check_name(struct str name)
{
	size_t i;

	if (!name.n)
		return "empty field name";
	if (is_dashed(name))
		return NULL;
	for (i = 0; i < name.n; i++) {
		if (name.p[i] >= 'A' && name.p[i] <= 'Z')
			return "field name in upper case";
		if (!char_is(name.p[i], CHAR_TOKEN))
			return "malformed field name";
	}
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *check_value(struct str value)
{
	size_t i = 0;

	while (i + WORD_BYTES <= value.n && word_is_printable(word_load(value.p + i)))
		i += WORD_BYTES;
	for (; i < value.n; i++) {
		if (!char_is(value.p[i], CHAR_VALUE))
			return "control byte in a field value";
	}
	if (value.n && (is_blank(value.p[0]) || is_blank(value.p[value.n - 1])))
		return "white space around a field value";
	return NULL;
}

static struct h2_field keep(struct h2_head *h, struct str name, struct str value)
{
	struct h2_field f = { (uint32_t)buf_len(&h->text), (uint32_t)name.n, (uint32_t)value.n };
	char *to = buf_reserve(&h->text, name.n + value.n);

	if (!to) {
		refuse(h, 431, "no memory for the head");
		return f;
	}
	memcpy(to, name.p, name.n);
	if (value.n)
		memcpy(to + name.n, value.p, value.n);
	buf_commit(&h->text, name.n + value.n);
	return f;
}

static void add_pseudo(struct h2_head *h, struct str name, struct str value)
{
	int i;

	for (i = 0; i < H2_PSEUDO_COUNT; i++) {
		if (str_eq(name, pseudo_names[i]))
			break;
	}
	if (i == H2_PSEUDO_COUNT)
		refuse(h, 400, "unknown pseudo field");
	else if (h->count)
		refuse(h, 400, "pseudo field behind others");
	else if (h->seen & 1 << i)
		refuse(h, 400, "pseudo field twice");
	else
		h->pseudo[i] = keep(h, name, value);
	h->seen |= (uint8_t)(1 << i);
}

static void add_field(struct h2_head *h, struct str name, struct str value)
{
	const char *reason = check_name(name);

	if (reason)
		refuse(h, 400, reason);
	else if (is_of_connection(name, value))
		refuse(h, 400, "field of a connection");
	else if (h->count == LATTICE_HEADERS_MAX)
		refuse(h, 400, "too many fields");
	else
		h->at[h->count++] = keep(h, name, value);
	if (str_eq(name, cookie))
		h->cookies++;
}

/* The next field. What is wrong with it is remembered; once something is, no more is kept. */
void h2_head_add(struct h2_head *h, struct str name, struct str value)
{
	const char *reason = check_value(value);

	h->bytes += name.n + value.n + H2_FIELD_OVERHEAD;
	if (h->bytes > LATTICE_HEADER_BYTES_MAX)
		refuse(h, 431, "head too long");
	if (reason)
		refuse(h, 400, reason);
	if (h->refusal.reason)
		return;
	if (name.n && name.p[0] == ':')
		add_pseudo(h, name, value);
	else
		add_field(h, name, value);
}

static bool has(const struct h2_head *h, enum h2_pseudo p)
{
	return h->seen & 1 << p;
}

static struct str value_of(const struct h2_head *h, struct h2_field f)
{
	return (struct str){ h->text.p + h->text.start + f.at + f.name_n, f.value_n };
}

static struct str name_of(const struct h2_head *h, struct h2_field f)
{
	return (struct str){ h->text.p + h->text.start + f.at, f.name_n };
}

/*
 * A client may cut its cookies into many fields (RFC 9113 section 8.2.3): to all who read them
 * here, and to HTTP/1, they are one.
 */
static void join_cookies(struct h2_head *h)
{
	struct h2_field joined = { (uint32_t)buf_len(&h->text), (uint32_t)cookie.n, 0 };
	size_t to = 0, i;
	bool is_first = true;

	/* Room for all of it at once: the pieces are copied from within the text. */
	if (!buf_reserve(&h->text, buf_len(&h->text) + cookie.n + 2 * h->cookies)) {
		refuse(h, 431, "head too long");
		return;
	}
	buf_add(&h->text, cookie);
	for (i = 0; i < h->count; i++) {
		struct h2_field f = h->at[i];

		if (!str_eq(name_of(h, f), cookie)) {
			h->at[to++] = f;
			continue;
		}
		if (!is_first)
			buf_add_lit(&h->text, "; ");
		buf_add(&h->text, value_of(h, f));
		is_first = false;
	}
	joined.value_n = (uint32_t)(buf_len(&h->text) - joined.at - cookie.n);
	h->at[to++] = joined;
	h->count = to;
}

/* The regular fields, as they will stay. */
static void settle_fields(struct h2_head *h, struct http_headers *ret, struct h1_framing *framing)
{
	struct h1_refusal refusal;
	size_t i;

	if (h->cookies > 1)
		join_cookies(h);
	ret->count = 0;
	for (i = 0; i < h->count && !h->refusal.reason; i++) {
		struct http_header *to = &ret->at[ret->count++];

		*to = (struct http_header){ name_of(h, h->at[i]), value_of(h, h->at[i]) };
		refusal = h1_framing_add(framing, to);
		if (refusal.reason)
			h->refusal = refusal;
	}
}

static bool is_token(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (!char_is(s.p[i], CHAR_TOKEN))
			return false;
	}
	return s.n > 0;
}

static void settle_line(struct h2_head *h, struct http_request *ret)
{
	struct request_target target;
	struct str scheme;

	if (!has(h, H2_METHOD) || !has(h, H2_SCHEME) || !has(h, H2_PATH) || has(h, H2_STATUS)) {
		refuse(h, 400, "pseudo field missing, or one of a response");
		return;
	}
	ret->method = value_of(h, h->pseudo[H2_METHOD]);
	ret->target = value_of(h, h->pseudo[H2_PATH]);
	scheme = value_of(h, h->pseudo[H2_SCHEME]);
	if (!is_token(ret->method))
		refuse(h, 400, "malformed method");
	if (!str_eq_nocase(scheme, STR("http")) && !str_eq_nocase(scheme, STR("https")))
		refuse(h, 400, "scheme other than http and https");
	/* An absolute form would be a second authority. */
	if (ret->target.n && ret->target.p[0] != '/' && ret->target.p[0] != '*')
		refuse(h, 400, "path that does not begin with a slash");
	target = request_target_parse(ret->method, ret->target);
	if (target.reason)
		refuse(h, 400, target.reason);
	ret->path = target.path;
	ret->query = target.query;
	ret->has_query = target.has_query;
}

static void settle_authority(struct h2_head *h, const struct h1_framing *f,
			     struct http_request *ret)
{
	const char *reason;

	ret->authority = f->host;
	if (has(h, H2_AUTHORITY)) {
		ret->authority = value_of(h, h->pseudo[H2_AUTHORITY]);
		reason = authority_parse(ret->authority).reason;
		if (reason)
			refuse(h, 400, reason);
		if (f->has_host && !str_eq_nocase(ret->authority, f->host))
			refuse(h, 400, "Host is not the :authority");
	} else if (!f->has_host) {
		refuse(h, 400, "neither :authority nor Host");
	}
}

/*
 * The request, when every field was added; @is_last: no body follows. Its strings point into
 * h->text. A reason in what is returned: refused.
 */
struct h1_refusal h2_head_request(struct h2_head *h, bool is_last, struct http_request *ret)
{
	struct h1_framing f = { 0 };

	/* The method in the head decides: a tunnel has neither scheme nor path. */
	if (has(h, H2_METHOD) && str_eq(value_of(h, h->pseudo[H2_METHOD]), STR("CONNECT")))
		refuse(h, 501, "CONNECT is not served");
	if (!h->refusal.reason)
		settle_fields(h, &ret->headers, &f);
	if (!h->refusal.reason)
		settle_line(h, ret);
	if (!h->refusal.reason)
		settle_authority(h, &f, ret);
	if (!h->refusal.reason)
		h->refusal = h1_framing_expectation(&f);
	if (f.content_length && is_last)
		refuse(h, 400, "Content-Length without a body");
	ret->version = HTTP_VERSION_2;
	ret->framing = f.has_length ? HTTP_FRAMING_LENGTH
		       : is_last    ? HTTP_FRAMING_NONE
				    : HTTP_FRAMING_STREAM;
	ret->content_length = f.content_length;
	ret->keep_alive = true;
	ret->expects_continue = f.expects_continue;
	ret->upgrade = false;
	return h->refusal;
}

static bool parse_status(struct str s, unsigned *ret)
{
	unsigned status = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		status = status * 10 + (unsigned)(s.p[i] - '0');
		if (status > 999)
			return false;
	}
	*ret = status;
	return s.n == 3 && status >= STATUS_MIN;
}

/* The response to a request with @request_method; otherwise as h2_head_request(). */
struct h1_refusal h2_head_response(struct h2_head *h, struct str request_method, bool is_last,
				   struct http_response *ret)
{
	bool is_head = str_eq(request_method, STR("HEAD"));
	struct h1_framing f = { 0 };

	ret->status = STATUS_MIN;
	if (h->seen != 1 << H2_STATUS ||
	    !parse_status(value_of(h, h->pseudo[H2_STATUS]), &ret->status))
		refuse(h, 502, "pseudo fields other than a status of three digits");
	if (ret->status == 101)
		refuse(h, 502, "switch of protocols");
	if (!h->refusal.reason)
		settle_fields(h, &ret->headers, &f);
	if (f.content_length && is_last && !is_head && ret->status != 304)
		refuse(h, 502, "Content-Length without a body");
	ret->version = HTTP_VERSION_2;
	ret->reason = (struct str){ 0 };
	ret->content_length = f.content_length;
	ret->keep_alive = true;
	if (is_head || ret->status < 200 || ret->status == 204 || ret->status == 304)
		ret->framing = HTTP_FRAMING_NONE;
	else /* HTTP/1 must be told of an empty body */
		ret->framing = f.has_length || is_last ? HTTP_FRAMING_LENGTH : HTTP_FRAMING_STREAM;
	return h->refusal;
}
