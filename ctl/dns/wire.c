/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Own code and not libldns: it reads one question and writes five kinds of record, keeps the case
 * of names as it came, and takes no memory; a library builds and frees a tree for each message.
 */
#include "dns/wire.h"

enum {
	POINTER = 0xc0, /* the two bits of a label's length that make it a compression pointer */
	EXTRA_RECORDS_MAX = 4, /* in a query: EDNS, perhaps a signature */
	EDNS_DO = 0x8000,
};

/* Offsets of counts in the header. */
enum { QDCOUNT = 4, ANCOUNT = 6, NSCOUNT = 8, ARCOUNT = 10 };

/* The two bytes at @at, which the caller knows to be there. */
uint16_t dns_get_u16(struct str message, size_t at)
{
	const uint8_t *p = (const uint8_t *)message.p + at;

	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t dns_get_u32(struct str message, size_t at)
{
	return (uint32_t)dns_get_u16(message, at) << 16 | dns_get_u16(message, at + 2);
}

void dns_set_u16(uint8_t *message, size_t at, uint16_t v)
{
	message[at] = (uint8_t)(v >> 8);
	message[at + 1] = (uint8_t)v;
}

void dns_set_u32(uint8_t *message, size_t at, uint32_t v)
{
	dns_set_u16(message, at, (uint16_t)(v >> 16));
	dns_set_u16(message, at + 2, (uint16_t)v);
}

/* Read the name at *@at, which may hold no pointer, and move behind it. */
bool dns_name_read(struct str message, size_t *at, struct dns_name *ret)
{
	const uint8_t *p = (const uint8_t *)message.p;
	size_t i = *at, n;

	for (;;) {
		if (i >= message.n)
			return false;
		n = p[i];
		if (n > DNS_LABEL_BYTES_MAX || n >= message.n - i ||
		    i + n + 1 - *at > DNS_NAME_BYTES_MAX)
			return false;
		i += n + 1;
		if (n == 0)
			break;
	}
	ret->n = (uint8_t)(i - *at);
	memcpy(ret->bytes, p + *at, ret->n);
	*at = i;
	return true;
}

/*
 * The name at @at, which may be compressed. Each pointer must lead further back than the one before
 * it, so that there is an end.
 */
bool dns_name_expand(struct str message, size_t at, struct dns_name *ret)
{
	const uint8_t *p = (const uint8_t *)message.p;
	size_t before = at, n = 0, bytes;

	while (at < message.n) {
		bytes = p[at];
		if ((bytes & POINTER) == POINTER) {
			if (message.n - at < 2 || (dns_get_u16(message, at) & 0x3fff) >= before)
				return false;
			at = before = dns_get_u16(message, at) & 0x3fff;
			continue;
		}
		if (bytes > DNS_LABEL_BYTES_MAX || message.n - at <= bytes ||
		    n + bytes + 1 > DNS_NAME_BYTES_MAX)
			return false;
		memcpy(ret->bytes + n, p + at, bytes + 1);
		n += bytes + 1;
		at += bytes + 1;
		if (bytes == 0) {
			ret->n = (uint8_t)n;
			return true;
		}
	}
	return false;
}

/* Equal but for the case of ASCII letters. */
bool dns_name_eq(const struct dns_name *a, const struct dns_name *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		if (str_fold((char)a->bytes[i]) != str_fold((char)b->bytes[i]))
			return false;
	}
	return true;
}

/* From "cart.example.com", without a last dot. False for what is no name. */
bool dns_name_parse(struct str text, struct dns_name *ret)
{
	struct str_cut c = { .tail = text, .found = true };
	size_t n = 0;

	while (c.found) {
		c = str_cut(c.tail, '.');
		if (!c.head.n || c.head.n > DNS_LABEL_BYTES_MAX ||
		    n + c.head.n + 2 > DNS_NAME_BYTES_MAX)
			return false;
		ret->bytes[n++] = (uint8_t)c.head.n;
		memcpy(ret->bytes + n, c.head.p, c.head.n);
		n += c.head.n;
	}
	ret->bytes[n++] = 0;
	ret->n = (uint8_t)n;
	return true;
}

/*
 * @n as text in lower case, without a last dot; returns its length, 0 for the root. A dot inside a
 * label is a dot in the text, so that this serves to look names up and for nothing else.
 */
size_t dns_name_write_text(const struct dns_name *n, char ret[DNS_NAME_BYTES_MAX])
{
	size_t i = 0, to = 0, k;

	while (i < n->n && n->bytes[i]) {
		if (to)
			ret[to++] = '.';
		for (k = 1; k <= n->bytes[i]; k++)
			ret[to++] = (char)str_fold((char)n->bytes[i + k]);
		i += k;
	}
	return to;
}

/* Move over a name that may end in a pointer, which must lead backwards. */
static bool skip_name(struct str message, size_t *at)
{
	const uint8_t *p = (const uint8_t *)message.p;
	size_t i = *at, n;

	while (i < message.n && i - *at < DNS_NAME_BYTES_MAX) {
		n = p[i];
		if ((n & POINTER) == POINTER) {
			if (message.n - i < 2 || (dns_get_u16(message, i) & 0x3fff) >= *at)
				return false;
			*at = i + 2;
			return true;
		}
		if (n > DNS_LABEL_BYTES_MAX)
			return false;
		i += n + 1;
		if (n == 0) {
			*at = i;
			return i <= message.n;
		}
	}
	return false;
}

/* Read the record at *@at and move behind it. */
bool dns_record_next(struct str message, size_t *at, struct dns_record *ret)
{
	size_t i = *at;

	if (!skip_name(message, &i) || message.n - i < 10)
		return false;
	*ret = (struct dns_record){
		.at = *at,
		.type = dns_get_u16(message, i),
		.class = dns_get_u16(message, i + 2),
		.ttl_at = i + 4,
		.ttl = dns_get_u32(message, i + 4),
		.data_bytes = dns_get_u16(message, i + 8),
		.data_at = i + 10,
	};
	if (message.n - ret->data_at < ret->data_bytes)
		return false;
	*at = ret->data_at + ret->data_bytes;
	return true;
}

/* What EDNS says in @r, which is at the root and there once. */
static enum dns_rcode take_edns(struct str message, const struct dns_record *r, struct dns_query *q)
{
	uint16_t bytes = r->class;

	if (q->has_edns || message.p[r->at] != 0)
		return DNS_FORMERR;
	q->has_edns = true;
	q->wants_dnssec = r->ttl & EDNS_DO;
	if (bytes > DNS_EDNS_BYTES)
		bytes = DNS_EDNS_BYTES;
	if (bytes > q->udp_bytes)
		q->udp_bytes = bytes;
	return r->ttl >> 16 & 0xff ? DNS_BADVERS : DNS_NOERROR;
}

/* All behind the question: EDNS, and what is passed over; nothing behind the last record. */
static enum dns_rcode take_extras(struct str message, size_t at, struct dns_query *q)
{
	unsigned left = dns_get_u16(message, ARCOUNT);
	enum dns_rcode rcode = DNS_NOERROR;
	struct dns_record r;

	if (left > EXTRA_RECORDS_MAX)
		return DNS_FORMERR;
	for (; left; left--) {
		if (!dns_record_next(message, &at, &r))
			return DNS_FORMERR;
		if (r.type == DNS_OPT && rcode == DNS_NOERROR)
			rcode = take_edns(message, &r, q);
		if (rcode == DNS_FORMERR)
			return rcode;
	}
	return at == message.n ? rcode : DNS_FORMERR;
}

/* Is the question one that anybody answers? */
static enum dns_rcode judge(const struct dns_query *q)
{
	if (q->type == 0 || q->type == DNS_OPT)
		return DNS_FORMERR;
	if (q->class != DNS_CLASS_IN || (q->type >= DNS_TKEY && q->type <= DNS_MAILA))
		return DNS_REFUSED;
	return DNS_NOERROR;
}

static enum dns_rcode read_query(struct str message, struct dns_query *q)
{
	size_t at = DNS_HEADER_BYTES;
	enum dns_rcode rcode;

	if (q->flags & DNS_OPCODE)
		return DNS_NOTIMP;
	if (dns_get_u16(message, QDCOUNT) != 1 || dns_get_u16(message, ANCOUNT) ||
	    message.n > DNS_QUERY_BYTES_MAX)
		return DNS_FORMERR;
	if (!dns_name_read(message, &at, &q->name) || message.n - at < 4) {
		q->name.n = 0;
		return DNS_FORMERR;
	}
	q->type = dns_get_u16(message, at);
	q->class = dns_get_u16(message, at + 2);
	rcode = judge(q);
	if (rcode != DNS_NOERROR)
		return rcode; /* an incremental transfer has records behind the question */
	if (dns_get_u16(message, NSCOUNT))
		return DNS_FORMERR;
	return take_extras(message, at + 4, q);
}

/*
 * Read a query. For DNS_REFUSE and DNS_ASK @ret is good for dns_put_question(); its name is empty
 * when the question could not be read.
 */
enum dns_verdict dns_query_parse(struct str message, struct dns_query *ret,
				 enum dns_rcode *ret_rcode)
{
	*ret = (struct dns_query){ .udp_bytes = DNS_UDP_BYTES };
	*ret_rcode = DNS_NOERROR;
	if (message.n < DNS_HEADER_BYTES)
		return DNS_DROP;
	ret->id = dns_get_u16(message, 0);
	ret->flags = dns_get_u16(message, 2);
	if (ret->flags & DNS_QR)
		return DNS_DROP;
	*ret_rcode = read_query(message, ret);
	return *ret_rcode == DNS_NOERROR ? DNS_ASK : DNS_REFUSE;
}

void dns_put(struct dns_writer *w, const void *bytes, size_t n)
{
	if (w->is_full || n > w->max - w->n) {
		w->is_full = true;
		return;
	}
	memcpy(w->p + w->n, bytes, n);
	w->n += n;
}

void dns_put_u16(struct dns_writer *w, uint16_t v)
{
	dns_put(w, (const uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

void dns_put_u32(struct dns_writer *w, uint32_t v)
{
	dns_put_u16(w, (uint16_t)(v >> 16));
	dns_put_u16(w, (uint16_t)v);
}

/* The header, with @flags and no record counted yet, and the question, if it was read. */
void dns_put_question(struct dns_writer *w, const struct dns_query *q, uint16_t flags)
{
	dns_put_u16(w, q->id);
	dns_put_u16(w, flags);
	dns_put_u16(w, q->name.n ? 1 : 0);
	dns_put_u16(w, 0);
	dns_put_u32(w, 0);
	if (!q->name.n)
		return;
	dns_put(w, q->name.bytes, q->name.n);
	dns_put_u16(w, q->type);
	dns_put_u16(w, q->class);
}

/* Our EDNS record behind all others, counted; the header's rcode is the lower half of @rcode. */
void dns_put_opt(struct dns_writer *w, const struct dns_query *q, enum dns_rcode rcode)
{
	struct str m = { (const char *)w->p, w->n };

	dns_put(w, "", 1);
	dns_put_u16(w, DNS_OPT);
	dns_put_u16(w, DNS_EDNS_BYTES);
	dns_put_u16(w, (uint16_t)((unsigned)rcode >> 4 << 8));
	dns_put_u16(w, q->wants_dnssec ? EDNS_DO : 0);
	dns_put_u16(w, 0);
	if (!w->is_full)
		dns_set_u16(w->p, ARCOUNT, (uint16_t)(dns_get_u16(m, ARCOUNT) + 1));
}
