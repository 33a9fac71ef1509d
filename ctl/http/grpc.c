/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC requests and statuses, as gRPC's own documents map them (http-grpc-status-mapping.md). */
#include "http/grpc.h"

/* Is it a call: application/grpc, alone, with a format (+proto) or a parameter? */
bool grpc_is_request(const struct http_request *q)
{
	static const struct str type = { "application/grpc", 16 };
	const struct http_header *h = http_headers_find(&q->headers, STR("content-type"));

	if (!h || !str_eq_nocase(str_first(h->value, type.n), type))
		return false;
	return h->value.n == type.n || h->value.p[type.n] == '+' || h->value.p[type.n] == ';';
}

/* The status that a caller is told where HTTP would say @http_status. */
uint16_t grpc_of_status(unsigned http_status)
{
	switch (http_status) {
	case 400:
	case 431:
		return GRPC_INTERNAL;
	case 401:
		return GRPC_UNAUTHENTICATED;
	case 403:
		return GRPC_PERMISSION_DENIED;
	case 404:
		return GRPC_UNIMPLEMENTED;
	case 429:
	case 502:
	case 503:
	case 504:
		return GRPC_UNAVAILABLE;
	default:
		return GRPC_UNKNOWN;
	}
}

/* @status as grpc-status says it; static. */
struct str grpc_digits(uint16_t status)
{
	static const char digits[][3] = { "0", "1",  "2",  "3",	 "4",  "5",  "6",  "7", "8",
					  "9", "10", "11", "12", "13", "14", "15", "16" };

	return str_of(digits[status <= GRPC_UNAUTHENTICATED ? status : GRPC_UNKNOWN]);
}

/* Can @text be a grpc-message as it stands, without any percent-encoding? */
bool grpc_is_message(struct str text)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		if (text.p[i] < ' ' || text.p[i] > '~' || text.p[i] == '%')
			return false;
	}
	return true;
}
