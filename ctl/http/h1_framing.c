/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lengths and connection semantics. Request smuggling is two servers that disagree here, so each
 * question has one reading or the message is refused: one Content-Length, or one Transfer-Encoding
 * that says just "chunked", never both, and names that only look like these two are refused too.
 */
#include "http/h1_framing.h"

#include "base/num.h"
#include "http/authority.h"

#include <assert.h>

/*
 * Every forwarded field is looked up among the Connection options: without a bound of their own,
 * a head full of options costs its square.
 */
enum { CONNECTION_BYTES_MAX = 1024 };

static struct h1_refusal refuse(unsigned status, const char *reason)
{
	return (struct h1_refusal){ status, reason };
}

static struct h1_refusal accept(void)
{
	return (struct h1_refusal){ 0 };
}

/*
 * Is @name the field @wanted, of the same length, but for an underscore in place of a dash? Servers
 * that pass fields on as environment variables cannot tell the two apart.
 */
static bool is_disguise(struct str name, struct str wanted)
{
	char dashed[sizeof("Transfer-Encoding")];
	size_t i;

	assert(name.n == wanted.n && name.n < sizeof(dashed));
	for (i = 0; i < name.n; i++)
		dashed[i] = name.p[i];
	for (i = 0; i < name.n; i++) {
		if (dashed[i] == '_')
			dashed[i] = '-';
	}
	return str_eq_nocase((struct str){ dashed, name.n }, wanted);
}

static struct h1_refusal add_host(struct h1_framing *f, struct str value)
{
	const char *reason;

	if (f->has_host)
		return refuse(400, "more than one Host");
	reason = authority_parse(value).reason;
	if (reason)
		return refuse(400, reason);
	f->has_host = true;
	f->host = value;
	return accept();
}

static struct h1_refusal add_length(struct h1_framing *f, struct str value)
{
	uint64_t n;

	if (f->has_length)
		return refuse(400, "more than one Content-Length");
	if (num_parse_u64(value, &n) < 0 || n > INT64_MAX)
		return refuse(400, "malformed Content-Length");
	if (value.p[0] == '0' && value.n > 1)
		return refuse(400, "leading zero in Content-Length");
	f->has_length = true;
	f->content_length = n;
	return accept();
}

static struct h1_refusal add_coding(struct h1_framing *f, struct str value)
{
	static const struct str chunked = { "chunked", 7 };

	if (f->has_coding)
		return refuse(400, "more than one Transfer-Encoding");
	if (!str_eq_nocase(value, chunked)) {
		/* RFC 9112 section 6.3: without chunked at the end nobody knows the length. */
		if (value.n < chunked.n ||
		    !str_eq_nocase(str_skip(value, value.n - chunked.n), chunked))
			return refuse(400, "Transfer-Encoding that does not end in chunked");
		return refuse(501, "transfer coding other than chunked");
	}
	f->has_coding = true;
	return accept();
}

static struct h1_refusal add_connection(struct h1_framing *f, struct str value)
{
	f->connection_bytes += value.n;
	if (f->connection_bytes > CONNECTION_BYTES_MAX)
		return refuse(400, "too many Connection options");
	f->says_close |= http_header_has_token(value, STR("close"));
	f->says_keep_alive |= http_header_has_token(value, STR("keep-alive"));
	f->says_upgrade |= http_header_has_token(value, STR("upgrade"));
	return accept();
}

static void add_expectation(struct h1_framing *f, struct str value)
{
	if (str_eq_nocase(value, STR("100-continue")))
		f->expects_continue = true;
	else
		f->expects_other = true;
}

/* Take note of @h if it is one of the few fields that frame a message. */
struct h1_refusal h1_framing_add(struct h1_framing *f, const struct http_header *h)
{
	/* By length first: most fields are none of these and cost no comparison. */
	switch (h->name.n) {
	case sizeof("Host") - 1:
		if (str_eq_nocase(h->name, STR("Host")))
			return add_host(f, h->value);
		break;
	case sizeof("Expect") - 1:
		if (str_eq_nocase(h->name, STR("Expect")))
			add_expectation(f, h->value);
		break;
	case sizeof("Upgrade") - 1:
		if (str_eq_nocase(h->name, STR("Upgrade"))) {
			f->has_upgrade = true;
			f->offers_h2c |= http_header_has_token(h->value, STR("h2c"));
		}
		break;
	case sizeof("Connection") - 1:
		if (str_eq_nocase(h->name, STR("Connection")))
			return add_connection(f, h->value);
		break;
	case sizeof("Content-Length") - 1:
		if (str_eq_nocase(h->name, STR("Content-Length")))
			return add_length(f, h->value);
		if (is_disguise(h->name, STR("Content-Length")))
			return refuse(400, "Content-Length in disguise");
		break;
	case sizeof("Transfer-Encoding") - 1:
		if (str_eq_nocase(h->name, STR("Transfer-Encoding")))
			return add_coding(f, h->value);
		if (is_disguise(h->name, STR("Transfer-Encoding")))
			return refuse(400, "Transfer-Encoding in disguise");
		break;
	default:
		break;
	}
	return accept();
}

static struct h1_refusal check_lengths(const struct h1_framing *f, enum http_version version)
{
	if (f->has_coding && f->has_length)
		return refuse(400, "both Content-Length and Transfer-Encoding");
	if (f->has_coding && version == HTTP_VERSION_1_0)
		return refuse(400, "Transfer-Encoding in HTTP/1.0");
	return accept();
}

/*
 * An expectation that nobody here can meet (RFC 9110 section 10.1.1). To drop it would be allowed,
 * but who disguises 100-continue hopes that two servers differ on when the body comes.
 */
struct h1_refusal h1_framing_expectation(const struct h1_framing *f)
{
	return f->expects_other ? refuse(417, "expectation other than 100-continue") : accept();
}

static bool stays_open(const struct h1_framing *f, enum http_version version)
{
	if (f->says_close)
		return false;
	return version == HTTP_VERSION_1_1 || f->says_keep_alive;
}

struct h1_refusal h1_framing_request(const struct h1_framing *f, struct http_request *ret)
{
	bool is_1_1 = ret->version == HTTP_VERSION_1_1;
	struct h1_refusal refusal = check_lengths(f, ret->version);

	if (!refusal.reason)
		refusal = h1_framing_expectation(f);
	if (refusal.reason)
		return refusal;
	if (is_1_1 && !f->has_host)
		return refuse(400, "no Host");
	if (f->has_host && ret->authority.n && !str_eq_nocase(ret->authority, f->host))
		return refuse(400, "Host is not the host of the target");

	if (!ret->authority.n)
		ret->authority = f->host;
	ret->framing = f->has_coding   ? HTTP_FRAMING_CHUNKED
		       : f->has_length ? HTTP_FRAMING_LENGTH
				       : HTTP_FRAMING_NONE;
	ret->content_length = f->content_length;
	ret->keep_alive = stays_open(f, ret->version);
	ret->expects_continue = is_1_1 && f->expects_continue;
	/* An upgrade to h2c would carry requests that nobody here has authorised. */
	ret->upgrade = is_1_1 && f->says_upgrade && f->has_upgrade && !f->offers_h2c;
	return accept();
}

/* Responses that end with their head, whatever their fields say. */
static bool has_no_body(unsigned status, struct str request_method)
{
	if (status < 200 || status == 204 || status == 304)
		return true;
	if (str_eq(request_method, STR("HEAD")))
		return true;
	return status < 300 && str_eq(request_method, STR("CONNECT"));
}

struct h1_refusal h1_framing_response(const struct h1_framing *f, struct str request_method,
				      struct http_response *ret)
{
	struct h1_refusal refusal = check_lengths(f, ret->version);

	if (refusal.reason)
		return refusal;
	/* Some clients wait for the body that such a head announces, others do not. */
	if ((ret->status < 200 || ret->status == 204) && (f->has_coding || f->content_length))
		return refuse(400, "body announced by a status that has none");

	ret->content_length = f->content_length;
	ret->keep_alive = stays_open(f, ret->version);
	if (has_no_body(ret->status, request_method)) {
		ret->framing = HTTP_FRAMING_NONE;
	} else if (f->has_coding) {
		ret->framing = HTTP_FRAMING_CHUNKED;
	} else if (f->has_length) {
		ret->framing = HTTP_FRAMING_LENGTH;
	} else {
		ret->framing = HTTP_FRAMING_UNTIL_CLOSE;
		ret->keep_alive = false;
	}
	return accept();
}
