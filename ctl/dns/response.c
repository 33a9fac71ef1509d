/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of resolvers are passed on as they came, but for the id, the case of the name, the time
 * that they live, and EDNS, which is between neighbours only.
 */
#include "dns/response.h"

#include "dns/answer.h"

enum { QDCOUNT = 4, ANCOUNT = 6, NSCOUNT = 8, ARCOUNT = 10 };

enum { SOA_BYTES_MIN = 22 };

/* One walk over a message. */
struct walk {
	unsigned counts[3], extras; /* answers, authorities, extras; extras before EDNS */
	size_t end;
	uint32_t ttl, negative_ttl;
	bool has_soa, has_edns;
	unsigned rcode_high;
};

static void see_record(struct walk *k, struct str m, const struct dns_record *r)
{
	uint32_t minimum;

	if (r->ttl < k->ttl)
		k->ttl = r->ttl;
	if (r->type != DNS_SOA || r->data_bytes < SOA_BYTES_MIN)
		return;
	minimum = dns_get_u32(m, r->data_at + r->data_bytes - 4);
	k->has_soa = true;
	k->negative_ttl = r->ttl < minimum ? r->ttl : minimum;
}

/* Over all records behind @at. What is behind the EDNS record is not passed on, nor is it. */
static bool walk(struct walk *k, struct str m, size_t at)
{
	unsigned section, i;
	struct dns_record r;

	*k = (struct walk){ .ttl = UINT32_MAX, .end = at };
	for (section = 0; section < 3; section++)
		k->counts[section] = dns_get_u16(m, ANCOUNT + 2 * section);
	for (section = 0; section < 3; section++) {
		for (i = 0; i < k->counts[section]; i++) {
			if (!dns_record_next(m, &at, &r))
				return false;
			if (section == 2 && r.type == DNS_OPT) {
				k->has_edns = true;
				k->rcode_high = r.ttl >> 24;
			}
			if (k->has_edns)
				continue;
			see_record(k, m, &r);
			k->end = at;
			k->extras += section == 2;
		}
	}
	return true;
}

static uint32_t keep_seconds(const struct walk *k, uint16_t flags)
{
	enum dns_rcode rcode = flags & DNS_RCODE;
	uint32_t ttl = k->ttl, max = RESPONSE_SECONDS_MAX;

	if ((flags & DNS_TC) || (rcode != DNS_NOERROR && rcode != DNS_NXDOMAIN))
		return 0;
	if (rcode == DNS_NXDOMAIN || !k->counts[0]) {
		ttl = k->has_soa ? k->negative_ttl : 0;
		max = RESPONSE_NEGATIVE_SECONDS_MAX;
	}
	return ttl < max ? ttl : max;
}

/*
 * Is @message an answer to what was @asked, with its id? True: it has been cut to what may be
 * passed on, and @ret says what it is. False: a forgery or nonsense, to be taken for nothing.
 */
bool response_take(uint8_t *message, size_t n, const struct dns_query *asked, struct response *ret)
{
	struct str m = { (const char *)message, n };
	size_t at = DNS_HEADER_BYTES;
	struct dns_name name;
	struct walk k;

	if (n < DNS_HEADER_BYTES || dns_get_u16(m, 0) != asked->id)
		return false;
	*ret = (struct response){ .flags = dns_get_u16(m, 2) };
	if ((ret->flags & (DNS_QR | DNS_OPCODE)) != DNS_QR || dns_get_u16(m, QDCOUNT) != 1)
		return false;
	if (!dns_name_read(m, &at, &name) || !dns_name_eq(&name, &asked->name) || n - at < 4 ||
	    dns_get_u16(m, at) != asked->type || dns_get_u16(m, at + 2) != asked->class)
		return false;
	if (!walk(&k, m, at + 4))
		return false;
	if (k.rcode_high)
		ret->flags = (uint16_t)((ret->flags & ~DNS_RCODE) | DNS_SERVFAIL);
	dns_set_u16(message, 2, ret->flags);
	dns_set_u16(message, ARCOUNT, (uint16_t)k.extras);
	ret->n = k.end;
	ret->keep_seconds = keep_seconds(&k, ret->flags);
	return true;
}

/* Every record in @w lives @age_seconds less than it did. */
static void grow_older(struct dns_writer *w, size_t at, uint32_t age_seconds)
{
	struct str m = { (const char *)w->p, w->n };
	struct dns_record r;

	while (at < w->n && dns_record_next(m, &at, &r))
		dns_set_u32(w->p, r.ttl_at, r.ttl > age_seconds ? r.ttl - age_seconds : 0);
}

/* The flags of an answer to @q; authentic is what only they hear of who asked for it (RFC 6840). */
static uint16_t flags_for(uint16_t kept, const struct dns_query *q)
{
	uint16_t flags = (uint16_t)((kept & ~(DNS_RD | DNS_CD)) | DNS_RA);

	if (!q->wants_dnssec && !(q->flags & DNS_AD))
		flags &= (uint16_t)~DNS_AD;
	return flags | (q->flags & (DNS_RD | DNS_CD));
}

/*
 * The answer to @q, which asks for what @kept, taken @age_seconds ago, answers, into @w; only that
 * it is too long when it would be more than @max bytes.
 */
void response_write(struct str kept, const struct dns_query *q, uint32_t age_seconds, size_t max,
		    struct dns_writer *w)
{
	size_t question = (size_t)q->name.n + 4, opt = q->has_edns ? DNS_OPT_BYTES : 0;
	uint16_t flags = flags_for(dns_get_u16(kept, 2), q);

	if (kept.n + opt > max || kept.n + opt > w->max || (flags & DNS_TC)) {
		answer_write_truncated(q, flags, w);
		return;
	}
	w->n = 0;
	w->is_full = false;
	dns_put(w, kept.p, kept.n);
	dns_set_u16(w->p, 0, q->id);
	dns_set_u16(w->p, 2, flags);
	memcpy(w->p + DNS_HEADER_BYTES, q->name.bytes, q->name.n);
	grow_older(w, DNS_HEADER_BYTES + question, age_seconds);
	if (q->has_edns)
		dns_put_opt(w, q, DNS_NOERROR);
}
