/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about a parsed head: which field, which token, what a status is called. */
#include "http/message.h"

#include "base/array.h"

/* The first field called @name, or NULL; it lives as long as @h. */
const struct http_header *http_headers_find(const struct http_headers *h, struct str name)
{
	size_t i;

	for (i = 0; i < h->count; i++) {
		if (str_eq_nocase(h->at[i].name, name))
			return &h->at[i];
	}
	return NULL;
}

/* Is @token an element of the comma-separated list @value? Case does not count. */
bool http_header_has_token(struct str value, struct str token)
{
	struct str_cut cut = { .tail = value };

	do {
		cut = str_cut(cut.tail, ',');
		if (str_eq_nocase(str_trim(cut.head), token))
			return true;
	} while (cut.found);
	return false;
}

/* Does a field called @name end at this hop, whatever Connection says (RFC 9110 section 7.6.1)? */
bool http_header_is_of_hop(struct str name)
{
	static const struct str known[] = {
		{ "connection", 10 },
		{ "keep-alive", 10 },
		{ "proxy-connection", 16 },
		{ "te", 2 },
		{ "transfer-encoding", 17 },
		{ "upgrade", 7 },
		{ "trailer", 7 },
		{ "proxy-authenticate", 18 },
		{ "proxy-authorization", 19 },
		{ "http2-settings", 14 },
	};
	/* How long they are, a bit each: that most fields are none of them is seen at once. */
	static const uint32_t lengths =
		1U << 2 | 1U << 7 | 1U << 10 | 1U << 14 | 1U << 16 | 1U << 17 | 1U << 18 | 1U << 19;
	size_t i;

	if (name.n >= 32 || !(lengths >> name.n & 1))
		return false;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (str_eq_nocase(name, known[i]))
			return true;
	}
	return false;
}

/* Is @name one of the options of Connection in @h, so that the field ends at this hop as well? */
bool http_headers_have_option(const struct http_headers *h, struct str name)
{
	size_t i;

	for (i = 0; i < h->count; i++) {
		if (str_eq_nocase(h->at[i].name, STR("connection")) &&
		    http_header_has_token(h->at[i].value, name))
			return true;
	}
	return false;
}

/* The reason phrase of @status (RFC 9110 section 15), static; "Unknown" for others. */
struct str http_status_reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
		{ 100, "Continue" },
		{ 101, "Switching Protocols" },
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 301, "Moved Permanently" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 307, "Temporary Redirect" },
		{ 308, "Permanent Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 402, "Payment Required" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 421, "Misdirected Request" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (reasons[i].status == status)
			return str_of(reasons[i].reason);
	}
	return STR("Unknown");
}
