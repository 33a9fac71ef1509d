/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to a question about a name of ours: A and AAAA of a service, the CNAME of a custom
 * name and then those, SOA where there is nothing. Owner names are pointers to the question or
 * into what was written before.
 */
#include "dns/answer.h"

#include "dns/zone.h"

enum {
	TTL_SECONDS = 60,
	/* How long a missing name is remembered: a new service must not seem away for long. */
	NEGATIVE_TTL_SECONDS = 5,
	REFRESH_SECONDS = 900,
	RETRY_SECONDS = 900,
	EXPIRE_SECONDS = 1209600,
};

/* The sections as they are counted in the header. */
enum section { ANSWER = 6, AUTHORITY = 8 };

enum { POINTER = 0xc000 };

/* One answer being written. */
struct answer {
	const struct answer_source *source;
	const struct dns_query *q;
	struct dns_writer *w;
	size_t owner_at; /* of the name that records are about now */
	struct dns_name zone;
	size_t zone_at; /* of the zone's name; 0: nowhere yet */
};

static void count(struct answer *a, enum section s)
{
	struct str m = { (const char *)a->w->p, a->w->n };

	if (!a->w->is_full)
		dns_set_u16(a->w->p, s, (uint16_t)(dns_get_u16(m, s) + 1));
}

static void put_pointer(struct answer *a, size_t at)
{
	dns_put_u16(a->w, (uint16_t)(POINTER | at));
}

/* If one of the labels of @n, which is at @at, begins the zone's name, the zone's is there. */
static void note_zone(struct answer *a, const struct dns_name *n, size_t at)
{
	struct dns_name rest;
	size_t i;

	for (i = 0; i < n->n && n->bytes[i]; i += n->bytes[i] + 1U) {
		rest.n = (uint8_t)(n->n - i);
		memcpy(rest.bytes, n->bytes + i, rest.n);
		if (dns_name_eq(&rest, &a->zone))
			a->zone_at = at + i;
	}
}

static void put_head(struct answer *a, uint16_t type, uint32_t ttl)
{
	put_pointer(a, a->owner_at);
	dns_put_u16(a->w, type);
	dns_put_u16(a->w, DNS_CLASS_IN);
	dns_put_u32(a->w, ttl);
}

static void put_address(struct answer *a, const struct sock_addr *addr)
{
	bool is_v4 = addr->family == AF_INET;

	put_head(a, is_v4 ? DNS_A : DNS_AAAA, TTL_SECONDS);
	dns_put_u16(a->w, is_v4 ? sizeof(addr->v4) : sizeof(addr->v6));
	if (is_v4)
		dns_put(a->w, &addr->v4, sizeof(addr->v4));
	else
		dns_put(a->w, &addr->v6, sizeof(addr->v6));
	count(a, ANSWER);
}

/* The alias' CNAME; records are about its target from now on. */
static void put_cname(struct answer *a, struct str target)
{
	struct dns_name n;

	if (!dns_name_parse(target, &n)) {
		a->w->is_full = true; /* SERVFAIL: it came from nobody but us */
		return;
	}
	put_head(a, DNS_CNAME, TTL_SECONDS);
	dns_put_u16(a->w, n.n);
	a->owner_at = a->w->n;
	dns_put(a->w, n.bytes, n.n);
	note_zone(a, &n, a->owner_at);
	count(a, ANSWER);
}

/* The zone's name, as a pointer where it is somewhere already. */
static void put_zone(struct answer *a)
{
	if (a->zone_at) {
		put_pointer(a, a->zone_at);
		return;
	}
	a->zone_at = a->w->n;
	dns_put(a->w, a->zone.bytes, a->zone.n);
}

/* @label, a dot, the zone. */
static void put_in_zone(struct answer *a, struct str label)
{
	dns_put(a->w, (const uint8_t[]){ (uint8_t)label.n }, 1);
	dns_put(a->w, label.p, label.n);
	put_zone(a);
}

/* The head of a record about the zone; its length is to be put behind its data. */
static size_t put_zone_head(struct answer *a, uint16_t type, uint32_t ttl)
{
	put_zone(a);
	dns_put_u16(a->w, type);
	dns_put_u16(a->w, DNS_CLASS_IN);
	dns_put_u32(a->w, ttl);
	dns_put_u16(a->w, 0);
	return a->w->n;
}

static void end_data(struct answer *a, size_t data_at)
{
	if (!a->w->is_full)
		dns_set_u16(a->w->p, data_at - 2, (uint16_t)(a->w->n - data_at));
}

static void put_soa(struct answer *a, enum section s)
{
	size_t data_at = put_zone_head(a, DNS_SOA, NEGATIVE_TTL_SECONDS);

	put_in_zone(a, STR("ns"));
	put_in_zone(a, STR("hostmaster"));
	dns_put_u32(a->w, a->source->serial);
	dns_put_u32(a->w, REFRESH_SECONDS);
	dns_put_u32(a->w, RETRY_SECONDS);
	dns_put_u32(a->w, EXPIRE_SECONDS);
	dns_put_u32(a->w, NEGATIVE_TTL_SECONDS);
	end_data(a, data_at);
	count(a, s);
}

static void put_ns(struct answer *a)
{
	size_t data_at = put_zone_head(a, DNS_NS, TTL_SECONDS);

	put_in_zone(a, STR("ns"));
	end_data(a, data_at);
	count(a, ANSWER);
}

/* What there is of the type asked for at a service's own name; for ANY one set will do (RFC 8482).
 */
static void put_service(struct answer *a, const struct snap_service *s)
{
	bool is_v4 = a->q->type == DNS_A || a->q->type == DNS_ANY;

	if (is_v4 && s->addr4.family != AF_UNSPEC)
		put_address(a, &s->addr4);
	else if (a->q->type == DNS_AAAA && s->addr6.family != AF_UNSPEC)
		put_address(a, &s->addr6);
	else
		put_soa(a, AUTHORITY);
}

static void put_alias(struct answer *a, const struct snap_service *s)
{
	put_cname(a, s->dns_name);
	if (a->q->type != DNS_CNAME && a->q->type != DNS_ANY)
		put_service(a, s);
}

static void put_apex(struct answer *a)
{
	if (a->q->type == DNS_SOA || a->q->type == DNS_ANY)
		put_soa(a, ANSWER);
	else if (a->q->type == DNS_NS)
		put_ns(a);
	else
		put_soa(a, AUTHORITY);
}

static void put_records(struct answer *a, enum zone_find found, const struct snap_service *s)
{
	switch (found) {
	case ZONE_SERVICE:
		put_service(a, s);
		break;
	case ZONE_ALIAS:
		put_alias(a, s);
		break;
	case ZONE_APEX:
		put_apex(a);
		break;
	default:
		put_soa(a, AUTHORITY);
		break;
	}
}

static uint16_t own_flags(const struct dns_query *q, enum dns_rcode rcode)
{
	return (uint16_t)(DNS_QR | (q->flags & (DNS_OPCODE | DNS_RD | DNS_CD)) | DNS_RA |
			  ((unsigned)rcode & DNS_RCODE));
}

/* An answer that says nothing but @rcode. */
void answer_write_error(const struct dns_query *q, enum dns_rcode rcode, struct dns_writer *w)
{
	w->n = 0;
	w->is_full = false;
	dns_put_question(w, q, own_flags(q, rcode));
	if (q->has_edns)
		dns_put_opt(w, q, rcode);
}

/* An answer that was too long, of which @flags is left: to be asked for again over TCP. */
void answer_write_truncated(const struct dns_query *q, uint16_t flags, struct dns_writer *w)
{
	w->n = 0;
	w->is_full = false;
	dns_put_question(w, q, flags | DNS_TC);
	if (q->has_edns)
		dns_put_opt(w, q, DNS_NOERROR);
}

/*
 * The answer to @q from what is ours, into @w of at least ANSWER_BYTES_MAX. False, and nothing
 * written, when the name is not ours. Whoever sends it minds the client's limit.
 */
bool answer_write(const struct answer_source *s, const struct dns_query *q, struct dns_writer *w)
{
	struct answer a = { .source = s, .q = q, .w = w, .owner_at = DNS_HEADER_BYTES };
	const struct snap_service *service = NULL;
	char text[DNS_NAME_BYTES_MAX];
	struct str name = { text, dns_name_write_text(&q->name, text) };
	enum zone_find found = zone_find(&s->view, name, &service);
	enum dns_rcode rcode = found == ZONE_MISSING ? DNS_NXDOMAIN : DNS_NOERROR;

	if (found == ZONE_FOREIGN || !dns_name_parse(s->view.zone, &a.zone))
		return false;
	w->n = 0;
	w->is_full = false;
	dns_put_question(w, q, own_flags(q, rcode) | DNS_AA);
	note_zone(&a, &q->name, DNS_HEADER_BYTES);
	put_records(&a, found, service);
	if (q->has_edns)
		dns_put_opt(w, q, rcode);
	if (w->is_full)
		answer_write_error(q, DNS_SERVFAIL, w);
	return true;
}
