/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS messages (RFC 1035, EDNS0 of RFC 6891) as bytes. dns_query_parse() reads what a client sends;
 * struct dns_writer and dns_put_*() write an answer; dns_record_next() walks over the records of a
 * message without looking into them. Pure: no sockets, no clock, no memory of its own.
 */
#ifndef LATTICE_DNS_WIRE_H
#define LATTICE_DNS_WIRE_H

#include "base/str.h"

#include <stdint.h>

enum {
	DNS_PORT = 53,
	DNS_HEADER_BYTES = 12,
	DNS_NAME_BYTES_MAX = 255, /* on the wire, with its last, empty label */
	DNS_LABEL_BYTES_MAX = 63,
	DNS_UDP_BYTES = 512,	    /* over UDP without EDNS */
	DNS_EDNS_BYTES = 1232,	    /* at most with it: never in fragments */
	DNS_QUERY_BYTES_MAX = 4096, /* of a query; its only long parts are a name and options */
	DNS_MESSAGE_BYTES_MAX = 65535,
	DNS_OPT_BYTES = 11,
};

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_AAAA = 28,
	DNS_OPT = 41,
	DNS_TKEY = 249, /* from here to ANY: not of data, but of transfers and keys */
	DNS_MAILA = 254,
	DNS_ANY = 255,
};

enum { DNS_CLASS_IN = 1 };

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16, /* half of it in EDNS */
};

/* Of the header's second 16 bits. */
enum {
	DNS_QR = 0x8000,
	DNS_OPCODE = 0x7800,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_AD = 0x0020,
	DNS_CD = 0x0010,
	DNS_RCODE = 0x000f,
};

/* A name as it is on the wire, uncompressed, the case kept. */
struct dns_name {
	uint8_t n; /* 0: none */
	uint8_t bytes[DNS_NAME_BYTES_MAX];
};

struct dns_query {
	uint16_t id, flags;
	uint16_t type, class;
	struct dns_name name;
	bool has_edns, wants_dnssec;
	uint16_t udp_bytes; /* what the client takes over UDP */
};

enum dns_verdict {
	DNS_DROP,   /* no answer: it is none of a query, and might be an answer itself */
	DNS_REFUSE, /* answer with the rcode */
	DNS_ASK,    /* a question to be answered */
};

/* Bytes of an answer; running out sets is_full and keeps it. */
struct dns_writer {
	uint8_t *p;
	size_t n, max;
	bool is_full;
};

/* One record of a message; offsets into it. */
struct dns_record {
	size_t at, ttl_at, data_at;
	uint16_t type, class, data_bytes;
	uint32_t ttl;
};

enum dns_verdict dns_query_parse(struct str message, struct dns_query *ret,
				 enum dns_rcode *ret_rcode);
bool dns_name_read(struct str message, size_t *at, struct dns_name *ret);
bool dns_name_expand(struct str message, size_t at, struct dns_name *ret);
bool dns_name_eq(const struct dns_name *a, const struct dns_name *b);
bool dns_name_parse(struct str text, struct dns_name *ret);
size_t dns_name_write_text(const struct dns_name *n, char ret[DNS_NAME_BYTES_MAX]);
bool dns_record_next(struct str message, size_t *at, struct dns_record *ret);

uint16_t dns_get_u16(struct str message, size_t at);
uint32_t dns_get_u32(struct str message, size_t at);
void dns_set_u16(uint8_t *message, size_t at, uint16_t v);
void dns_set_u32(uint8_t *message, size_t at, uint32_t v);

void dns_put(struct dns_writer *w, const void *bytes, size_t n);
void dns_put_u16(struct dns_writer *w, uint16_t v);
void dns_put_u32(struct dns_writer *w, uint32_t v);
void dns_put_question(struct dns_writer *w, const struct dns_query *q, uint16_t flags);
void dns_put_opt(struct dns_writer *w, const struct dns_query *q, enum dns_rcode rcode);

#endif
