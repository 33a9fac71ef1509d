/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ClientHello (RFC 8446 section 4.1.2) in records (section 5.1). The message may be cut into
 * records anywhere, and those into segments: a reader walks over the cuts. Nothing is decided
 * before the message is whole, and a hello without a name is good.
 */
#include "io/tls_hello.h"

#include <stdint.h>

enum {
	RECORD_HANDSHAKE = 22,
	RECORD_HEAD_BYTES = 5,
	RECORD_BYTES_MAX = 16384,
	MESSAGE_CLIENT_HELLO = 1,
	VERSION_AND_RANDOM_BYTES = 2 + 32,
	SESSION_ID_BYTES_MAX = 32,
	EXTENSION_SERVER_NAME = 0,
	NAME_TYPE_HOST = 0,
};

/* Where in the records one is. */
struct reader {
	struct str bytes; /* not yet read */
	size_t in_record; /* so many are left of this record */
	unsigned records;
	bool has_ended;	    /* the bytes do not suffice */
	const char *reason; /* what is wrong, once anything is */
};

static unsigned char byte_at(struct str s, size_t i)
{
	return (unsigned char)s.p[i];
}

/* Begin the next record. False: it has not come, or is wrong. */
static bool next_record(struct reader *r)
{
	size_t n;

	if (r->bytes.n && byte_at(r->bytes, 0) != RECORD_HANDSHAKE)
		r->reason = "not a TLS handshake";
	else if (r->bytes.n > 1 && byte_at(r->bytes, 1) != 3)
		r->reason = "not a version of TLS";
	else if (r->records == TLS_HELLO_RECORDS_MAX)
		r->reason = "ClientHello in too many records";
	if (r->reason)
		return false;
	if (r->bytes.n < RECORD_HEAD_BYTES) {
		r->has_ended = true;
		return false;
	}
	n = (size_t)byte_at(r->bytes, 3) << 8 | byte_at(r->bytes, 4);
	if (!n || n > RECORD_BYTES_MAX) {
		r->reason = n ? "TLS record too long" : "empty TLS record";
		return false;
	}
	r->records++;
	r->in_record = n;
	r->bytes = str_skip(r->bytes, RECORD_HEAD_BYTES);
	return true;
}

/* The next byte of the message; 0, and has_ended or reason, when there is none. */
static unsigned read_u8(struct reader *r)
{
	unsigned c;

	while (!r->in_record)
		if (!next_record(r))
			return 0;
	if (!r->bytes.n) {
		r->has_ended = true;
		return 0;
	}
	c = byte_at(r->bytes, 0);
	r->bytes = str_skip(r->bytes, 1);
	r->in_record--;
	return c;
}

static bool is_stuck(const struct reader *r)
{
	return r->has_ended || r->reason;
}

static unsigned read_u16(struct reader *r)
{
	unsigned high = read_u8(r);

	return high << 8 | read_u8(r);
}

static void skip(struct reader *r, size_t n)
{
	while (n && !is_stuck(r)) {
		size_t step = n < r->in_record ? n : r->in_record;

		if (!step) {
			read_u8(r); /* begins a record */
			n--;
			continue;
		}
		if (step > r->bytes.n)
			step = r->bytes.n;
		if (!step)
			r->has_ended = true;
		r->bytes = str_skip(r->bytes, step);
		r->in_record -= step;
		n -= step;
	}
}

/* A vector's bytes, taken from the @left of what holds it. */
static size_t take(struct reader *r, size_t *left, size_t n)
{
	if (n > *left) {
		if (!r->reason)
			r->reason = "ClientHello with lengths that do not fit";
		return 0;
	}
	*left -= n;
	return n;
}

static bool is_name_byte(unsigned c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static void read_name(struct reader *r, size_t n, struct tls_hello *ret)
{
	size_t i;

	if (!n || n > TLS_HELLO_NAME_BYTES_MAX) {
		r->reason = n ? "server name too long" : "empty server name";
		return;
	}
	for (i = 0; i < n && !is_stuck(r); i++) {
		unsigned c = read_u8(r);

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (!is_name_byte(c) && !is_stuck(r))
			r->reason = "server name with bytes of no name";
		ret->name[i] = (char)c;
	}
	if (n > 1 && ret->name[n - 1] == '.')
		n--;
	ret->name[n] = '\0';
	ret->name_n = n;
}

/* The server_name extension of @n bytes (RFC 6066 section 3): one name of a host. */
static void read_server_name(struct reader *r, size_t n, struct tls_hello *ret)
{
	size_t left = n, name_n;

	if (ret->name_n) {
		r->reason = "two server names";
		return;
	}
	take(r, &left, 2);
	if (!is_stuck(r) && read_u16(r) != left)
		r->reason = "ClientHello with lengths that do not fit";
	take(r, &left, 3);
	if (is_stuck(r))
		return;
	if (read_u8(r) != NAME_TYPE_HOST) {
		r->reason = "server name of an unknown type";
		return;
	}
	name_n = read_u16(r);
	if (take(r, &left, name_n) == name_n && left && !is_stuck(r))
		r->reason = "two server names";
	if (!is_stuck(r))
		read_name(r, name_n, ret);
}

static void read_extensions(struct reader *r, size_t left, struct tls_hello *ret)
{
	while (left && !is_stuck(r)) {
		unsigned type, n;

		take(r, &left, 4);
		if (is_stuck(r))
			return;
		type = read_u16(r);
		n = read_u16(r);
		take(r, &left, n);
		if (is_stuck(r))
			return;
		if (type == EXTENSION_SERVER_NAME)
			read_server_name(r, n, ret);
		else
			skip(r, n);
	}
}

/* The message of @left bytes. */
static void read_message(struct reader *r, size_t left, struct tls_hello *ret)
{
	size_t n;

	skip(r, take(r, &left, VERSION_AND_RANDOM_BYTES));
	take(r, &left, 1);
	n = read_u8(r);
	if (n > SESSION_ID_BYTES_MAX && !r->reason)
		r->reason = "session id too long";
	skip(r, take(r, &left, n));
	take(r, &left, 2);
	n = read_u16(r);
	skip(r, take(r, &left, n)); /* cipher suites */
	take(r, &left, 1);
	n = read_u8(r);
	skip(r, take(r, &left, n)); /* compression methods */
	if (!left || is_stuck(r))
		return;
	take(r, &left, 2);
	n = read_u16(r);
	if (n != left && !is_stuck(r))
		r->reason = "ClientHello with lengths that do not fit";
	read_extensions(r, n, ret);
}

/* Is the whole message of @n bytes there? */
static bool is_whole(struct reader r, size_t n)
{
	skip(&r, n);
	return !r.has_ended;
}

/* Do @bytes, the first of a connection, begin like a TLS handshake? */
bool tls_hello_is_begun(struct str bytes)
{
	return bytes.n && byte_at(bytes, 0) == RECORD_HANDSHAKE;
}

/* Read the hello that @bytes, all that has come, begin with. */
enum tls_hello_outcome tls_hello_parse(struct str bytes, struct tls_hello *ret)
{
	struct reader r = { .bytes = bytes };
	unsigned type = read_u8(&r);
	size_t n = (size_t)read_u8(&r) << 16;

	n |= read_u16(&r);
	ret->name_n = 0;
	ret->name[0] = '\0';
	if (!is_stuck(&r) && type != MESSAGE_CLIENT_HELLO)
		r.reason = "not a ClientHello";
	else if (!is_stuck(&r) && n > TLS_HELLO_BYTES_MAX)
		r.reason = "ClientHello too long";
	if (!is_stuck(&r) && is_whole(r, n))
		read_message(&r, n, ret);
	else if (!r.reason)
		return TLS_HELLO_MORE;
	/* A message that is there in full cannot want more. */
	if (!r.reason && r.has_ended)
		r.reason = "ClientHello with lengths that do not fit";
	ret->reason = r.reason;
	return r.reason ? TLS_HELLO_BAD : TLS_HELLO_DONE;
}
