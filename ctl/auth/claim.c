/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two places of a signature. Each parameter may come once; those of the header that are not
 * known are refused, since nobody can say what they would mean.
 */
#include "auth/claim.h"

#include "auth/timestamp.h"
#include "base/array.h"
#include "base/num.h"
#include "http/chars.h"

const struct str claim_header_names[CLAIM_HEADERS] = {
	[CLAIM_HOST] = { "host", 4 },
	[CLAIM_DATE] = { "date", 4 },
	[CLAIM_AMZ_DATE] = { "x-amz-date", 10 },
	[CLAIM_REGION_SET] = { "x-amz-region-set", 16 },
	[CLAIM_TOKEN] = { "x-amz-security-token", 20 },
	[CLAIM_PAYLOAD] = { "x-amz-content-sha256", 20 },
};

enum { EXPIRES_S_MAX = 7 * 24 * 3600 };

static enum sigv4_reason at_fault(struct claim *c, enum sigv4_reason reason, struct str detail)
{
	c->detail = detail;
	return reason;
}

static enum sigv4_reason read_algorithm(struct claim *c, struct str name)
{
	if (str_eq(name, STR("AWS4-ECDSA-P256-SHA256")))
		c->is_ecdsa = true;
	else if (!str_eq(name, STR("AWS4-HMAC-SHA256")))
		return at_fault(c, SIGV4_REASON_ALGORITHM, str_first(name, 32));
	return SIGV4_REASON_NONE;
}

/* KEYID/DATE/REGION/SERVICE/aws4_request; SigV4A has no region. */
static enum sigv4_reason read_credential(struct claim *c, struct str credential)
{
	struct str_cut cut = str_cut(credential, '/');

	c->access_key_id = cut.head;
	c->scope = cut.tail;
	cut = str_cut(cut.tail, '/');
	c->date = cut.head;
	if (!c->is_ecdsa) {
		cut = str_cut(cut.tail, '/');
		c->region = cut.head;
	}
	cut = str_cut(cut.tail, '/');
	c->service = cut.head;
	if (!cut.found || !c->access_key_id.n || c->date.n != CLAIM_DATE_BYTES || !c->service.n ||
	    !str_eq(cut.tail, STR("aws4_request")))
		return SIGV4_REASON_CREDENTIAL;
	return SIGV4_REASON_NONE;
}

static void note_signed(struct claim *c, struct str name)
{
	size_t i;

	for (i = 0; i < CLAIM_HEADERS; i++) {
		if (str_eq(name, claim_header_names[i]))
			c->is_signed |= 1U << i;
	}
}

/* Names in lower case, ascending, each once; which they are is kept. */
static enum sigv4_reason check_header_list(struct claim *c)
{
	struct str_cut cut = { .tail = c->signed_headers, .found = true };
	struct str last = { 0 };
	size_t i;

	while (cut.found) {
		cut = str_cut(cut.tail, ';');
		for (i = 0; i < cut.head.n; i++) {
			if (!char_is(cut.head.p[i], CHAR_LOWER))
				return SIGV4_REASON_HEADER_LIST;
		}
		/* An empty one is behind nothing. */
		if (str_cmp(last, cut.head) >= 0)
			return SIGV4_REASON_HEADER_LIST;
		note_signed(c, cut.head);
		last = cut.head;
	}
	return SIGV4_REASON_NONE;
}

/* "Credential=..., SignedHeaders=..., Signature=...", in any order. */
static enum sigv4_reason read_parameters(struct claim *c, struct str text)
{
	struct str credential = { 0 };
	const struct {
		struct str name;
		struct str *value;
	} known[] = {
		{ STR("Credential"), &credential },
		{ STR("SignedHeaders"), &c->signed_headers },
		{ STR("Signature"), &c->signature },
	};
	struct str_cut cut = { .tail = text, .found = true };
	size_t i;

	while (cut.found) {
		struct str_cut pair;

		cut = str_cut(cut.tail, ',');
		pair = str_cut(str_trim(cut.head), '=');
		for (i = 0; i < ARRAY_SIZE(known); i++) {
			if (str_eq(pair.head, known[i].name))
				break;
		}
		if (i == ARRAY_SIZE(known) || !pair.tail.n)
			return at_fault(c, SIGV4_REASON_MALFORMED,
					STR("it has another part than NAME=VALUE of the three"));
		if (known[i].value->n)
			return at_fault(c, SIGV4_REASON_MALFORMED, known[i].name);
		*known[i].value = pair.tail;
	}
	if (!credential.n)
		return SIGV4_REASON_NO_CREDENTIAL;
	return read_credential(c, credential);
}

/* What a request's head says, read in one pass. */
struct told {
	struct str values[CLAIM_HEADERS]; /* the first of each */
	unsigned is_twice;		  /* which came more than once, a bit each */
	struct str authorization;	  /* the last that is a signature; empty: none is */
	size_t authorizations;
};

/* How long the names are, a bit each: that most headers are none of them is seen at once. */
static const uint32_t name_lengths = 1U << 4 | 1U << 10 | 1U << 13 | 1U << 16 | 1U << 20;

static void read_field(const struct http_header *h, struct told *t, unsigned *sent)
{
	size_t i;

	for (i = 0; i < CLAIM_HEADERS; i++) {
		if (!str_eq_nocase(h->name, claim_header_names[i]))
			continue;
		if (*sent >> i & 1)
			t->is_twice |= 1U << i;
		else
			t->values[i] = h->value;
		*sent |= 1U << i;
		return;
	}
	if (!str_eq_nocase(h->name, STR("authorization")))
		return;
	t->authorizations++;
	if (str_eq_nocase(str_first(h->value, 5), STR("AWS4-")))
		t->authorization = h->value;
}

static void read_fields(const struct http_headers *all, struct told *t, unsigned *sent)
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		const struct http_header *h = &all->at[i];

		if (h->name.n < 32 && name_lengths >> h->name.n & 1)
			read_field(h, t, sent);
	}
}

static enum sigv4_reason read_time(struct claim *c, struct str text)
{
	if (!text.n)
		return SIGV4_REASON_NO_DATE;
	if (!timestamp_parse(text, c->time, &c->time_s))
		return SIGV4_REASON_BAD_DATE;
	return SIGV4_REASON_NONE;
}

static enum sigv4_reason read_header(const struct told *t, struct claim *c)
{
	/* Host is another layer's to judge. */
	static const unsigned once = 1U << CLAIM_DATE | 1U << CLAIM_AMZ_DATE |
				     1U << CLAIM_REGION_SET | 1U << CLAIM_TOKEN |
				     1U << CLAIM_PAYLOAD;
	struct str_cut cut = str_cut(t->authorization, ' ');
	enum sigv4_reason reason = read_algorithm(c, cut.head);
	struct str time = t->values[CLAIM_AMZ_DATE];

	if (!reason)
		reason = read_parameters(c, str_trim(cut.tail));
	if (reason)
		return reason;
	if (t->is_twice & once)
		return at_fault(c, SIGV4_REASON_MALFORMED, STR("a header of it came twice"));
	c->payload = t->values[CLAIM_PAYLOAD];
	c->region_set = t->values[CLAIM_REGION_SET];
	c->token = t->values[CLAIM_TOKEN];
	return read_time(c, time.n ? time : t->values[CLAIM_DATE]);
}

/* Decode @text at *@to, where there is room, and move that on. Escapes that are none stay. */
static struct str decode(struct str text, char **to)
{
	struct str s = { *to, 0 };
	char *p = *to;
	size_t i;

	for (i = 0; i < text.n; i++) {
		int byte = char_escape(text, i);

		*p++ = byte < 0 ? text.p[i] : (char)byte;
		i += byte < 0 ? 0 : 2;
	}
	s.n = (size_t)(p - *to);
	*to = p;
	return s;
}

/* What the query says, as it came. */
struct query {
	struct str algorithm, credential, date, expires;
};

/* Sort what @r's query says of a signature into @c and @q, decoded at @room. */
static enum sigv4_reason read_query(const struct http_request *r, char *room, struct claim *c,
				    struct query *q)
{
	const struct {
		struct str name;
		struct str *value;
	} known[] = {
		{ STR("x-amz-algorithm"), &q->algorithm },
		{ STR("x-amz-credential"), &q->credential },
		{ STR("x-amz-date"), &q->date },
		{ STR("x-amz-expires"), &q->expires },
		{ STR("x-amz-signedheaders"), &c->signed_headers },
		{ STR("x-amz-signature"), &c->signature },
		{ STR("x-amz-security-token"), &c->token },
		{ STR("x-amz-content-sha256"), &c->payload },
		{ STR("x-amz-region-set"), &c->region_set },
	};
	struct str_cut cut = { .tail = r->query, .found = true };
	size_t i;

	while (cut.found) {
		struct str_cut pair;

		cut = str_cut(cut.tail, '&');
		pair = str_cut(cut.head, '=');
		if (pair.head.n < 6 || (pair.head.p[0] | 0x20) != 'x')
			continue;
		for (i = 0; i < ARRAY_SIZE(known); i++) {
			if (!str_eq_nocase(pair.head, known[i].name))
				continue;
			if (known[i].value->n)
				return at_fault(c, SIGV4_REASON_MALFORMED, known[i].name);
			*known[i].value = decode(pair.tail, &room);
		}
	}
	return SIGV4_REASON_NONE;
}

static enum sigv4_reason read_presigned(const struct http_request *r, struct buf *decoded,
					struct claim *c)
{
	/* All values together are no longer than what they are decoded from. */
	char *room = buf_reserve(decoded, r->query.n);
	struct query q = { 0 };
	enum sigv4_reason reason;

	if (!room)
		return SIGV4_REASON_NO_MEMORY;
	reason = read_query(r, room, c, &q);
	if (reason)
		return reason;
	if (!q.algorithm.n && !c->signature.n)
		return SIGV4_REASON_NONE; /* names like ours, but no signature */
	c->is_present = true;
	c->is_presigned = true;
	reason = read_algorithm(c, q.algorithm);
	if (!reason && !q.credential.n)
		reason = SIGV4_REASON_NO_CREDENTIAL;
	if (!reason)
		reason = read_credential(c, q.credential);
	if (!reason)
		reason = read_time(c, q.date);
	if (!reason && (num_parse_u64(q.expires, &c->expires_s) < 0 || !c->expires_s ||
			c->expires_s > EXPIRES_S_MAX))
		reason = SIGV4_REASON_BAD_EXPIRES;
	return reason;
}

/* Does @query mention a signature at all? Most do not, and are not read further. */
static bool mentions_signature(struct str query)
{
	struct str s = query;

	while (s.n >= 7) {
		const char *at = memchr(s.p, '-', s.n);

		if (!at)
			return false;
		s = str_skip(s, (size_t)(at - s.p) + 1);
		if (str_eq_nocase(str_first(s, 4), STR("amz-")))
			return true;
	}
	return false;
}

/*
 * Read what @r says of its signature into *@ret; strings are borrowed from @r and from @decoded.
 * A request without one has none (is_present), which is no fault. An Authorization of another
 * scheme is the application's own; beside ours nobody could say which is meant.
 */
enum sigv4_reason claim_parse(const struct http_request *r, struct buf *decoded, struct claim *ret)
{
	enum sigv4_reason reason = SIGV4_REASON_NONE;
	struct told t = { 0 };
	bool is_ours;

	*ret = (struct claim){ 0 };
	read_fields(&r->headers, &t, &ret->is_sent);
	ret->sent_payload = t.values[CLAIM_PAYLOAD];
	is_ours = t.authorization.n;
	if (r->has_query && mentions_signature(r->query))
		reason = read_presigned(r, decoded, ret);
	if (is_ours && (ret->is_present || t.authorizations > 1))
		reason = SIGV4_REASON_AMBIGUOUS;
	else if (is_ours)
		reason = read_header(&t, ret);
	if (is_ours)
		ret->is_present = true;
	if (reason || !ret->is_present)
		return reason;
	if (!ret->signed_headers.n)
		return SIGV4_REASON_NO_SIGNED_HEADERS;
	if (!ret->signature.n)
		return SIGV4_REASON_NO_SIGNATURE;
	return check_header_list(ret);
}
