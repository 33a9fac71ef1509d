/* SPDX-License-Identifier: Apache-2.0 */
/* Heads and chunks as bytes. Names and values are the caller's to have checked. */
#include "http/h1_write.h"

#include "base/num.h"

/* "METHOD target HTTP/1.1" */
void h1_write_request_line(struct buf *b, struct str method, struct str target)
{
	buf_add(b, method);
	buf_add_char(b, ' ');
	buf_add(b, target);
	buf_add_lit(b, " HTTP/1.1\r\n");
}

/* "HTTP/1.1 status reason" with the status's usual reason. */
void h1_write_status_line(struct buf *b, unsigned status)
{
	buf_add_lit(b, "HTTP/1.1 ");
	buf_add_u64(b, status);
	buf_add_char(b, ' ');
	buf_add(b, http_status_reason(status));
	buf_add_lit(b, "\r\n");
}

/* Heads are many fields: room is asked for once for each. */
void h1_write_header(struct buf *b, struct str name, struct str value)
{
	char *from = buf_reserve(b, name.n + value.n + 4), *at = from;

	if (!from)
		return;
	at = str_put(at, name);
	*at++ = ':';
	*at++ = ' ';
	at = str_put(at, value);
	*at++ = '\r';
	*at++ = '\n';
	buf_commit(b, (size_t)(at - from));
}

void h1_write_header_u64(struct buf *b, struct str name, uint64_t value)
{
	char digits[NUM_DIGITS_MAX];

	h1_write_header(b, name,
			(struct str){ digits, (size_t)(num_write(digits, value) - digits) });
}

/* The fields of @from that make a head one about switching protocols; they end at each hop else. */
void h1_write_upgrade(struct buf *b, const struct http_headers *from)
{
	size_t i;

	h1_write_header(b, STR("connection"), STR("upgrade"));
	for (i = 0; i < from->count; i++) {
		if (str_eq_nocase(from->at[i].name, STR("upgrade")))
			h1_write_header(b, from->at[i].name, from->at[i].value);
	}
}

/* The empty line that ends a head. */
void h1_write_head_end(struct buf *b)
{
	buf_add_lit(b, "\r\n");
}

/* One chunk of @data; nothing for empty data, which would end the body. */
void h1_write_chunk(struct buf *b, struct str data)
{
	if (!data.n)
		return;
	buf_addf(b, "%zx\r\n", data.n);
	buf_add(b, data);
	buf_add_lit(b, "\r\n");
}

/* The end of a chunked body, without trailers. */
void h1_write_last_chunk(struct buf *b)
{
	buf_add_lit(b, "0\r\n\r\n");
}
