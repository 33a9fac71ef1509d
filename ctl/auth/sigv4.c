/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging a claim. What can be told without the secret is told first. A path with empty or dot
 * segments has two canonical forms: as it came, and as AWS's signers normalise it. The first is
 * tried first; a request that was signed in the second goes on with that path, so that what is
 * signed is what is routed.
 */
#include "auth/sigv4.h"

#include "auth/canonical.h"
#include "auth/sigv4a_key.h"
#include "base/array.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>

/* AWS: five minutes either way. */
enum { SKEW_S_MAX = 5 * 60 };

/* Scratch: decoded values of a query, and a canonical request, whose bytes grow threefold. */
enum {
	DECODED_BYTES_MAX = LATTICE_HEADER_BYTES_MAX,
	TEXT_BYTES_MAX = 10 * LATTICE_HEADER_BYTES_MAX,
	TEXT_BYTES_KEPT = 16 << 10,
	STRING_TO_SIGN_BYTES_MAX = 512,
};

#define UNSIGNED     STR("UNSIGNED-PAYLOAD")
#define EMPTY_SHA256 STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

static const struct {
	const char *id, *name, *words, *advice;
} reasons[] = {
	[SIGV4_REASON_NONE] = { "", "", "", "" },
#define X(reason, name, words, advice) [SIGV4_REASON_##reason] = { #reason, name, words, advice },
#include "auth/reasons.def"
#undef X
};

/* A verification under way. */
struct attempt {
	struct sigv4 *s;
	const struct sigv4_request *r;
	struct claim claim;
	const struct access_key *key;
	struct str payloads[2]; /* what may stand for the body; the second may be empty */
	char body_hash[SHA256_HEX];
	struct str detail;
};

/* A verifier for one thread. Returns 0 or -ENOMEM. */
int sigv4_init(struct sigv4 *s, const struct sigv4_rules *rules, const struct vault *v)
{
	*s = (struct sigv4){ .rules = *rules };
	buf_init(&s->decoded, DECODED_BYTES_MAX);
	buf_init(&s->text, TEXT_BYTES_MAX);
	s->keyring = keyring_new(v, rules->region, rules->service);
	return s->keyring ? 0 : -ENOMEM;
}

void sigv4_fini(struct sigv4 *s)
{
	keyring_free(s->keyring);
	s->keyring = NULL;
	buf_fini(&s->decoded);
	buf_fini(&s->text);
}

/* The reason's name in this program, static. */
struct str sigv4_reason_id(enum sigv4_reason reason)
{
	return str_of(reasons[reason].id);
}

/* What an administrator is told besides, static; may be empty. */
struct str sigv4_reason_advice(enum sigv4_reason reason)
{
	return str_of(reasons[reason].advice);
}

/* AWS's name of the refusal, static. */
struct str sigv4_reason_name(enum sigv4_reason reason)
{
	return str_of(reasons[reason].name);
}

/* Append the words for a refusal. */
void sigv4_write_reason(const struct sigv4_result *r, struct buf *to)
{
	const char *words = reasons[r->reason].words, *at = strstr(words, "%s");

	if (!at) {
		buf_add(to, str_of(words));
		return;
	}
	buf_add(to, (struct str){ words, (size_t)(at - words) });
	buf_add(to, str_of(r->detail));
	buf_add(to, str_of(at + 2));
}

static enum sigv4_reason check_scope(struct attempt *a)
{
	const struct sigv4_rules *rules = &a->s->rules;
	const struct claim *c = &a->claim;

	if (!str_eq(c->service, rules->service)) {
		a->detail = c->service;
		return SIGV4_REASON_SCOPE_SERVICE;
	}
	if (!c->is_ecdsa && !str_eq(c->region, rules->region)) {
		a->detail = c->region;
		return SIGV4_REASON_SCOPE_REGION;
	}
	if (memcmp(c->date.p, c->time, CLAIM_DATE_BYTES))
		return SIGV4_REASON_SCOPE_DATE;
	return SIGV4_REASON_NONE;
}

static bool region_matches(struct str pattern, struct str region)
{
	if (pattern.n && pattern.p[pattern.n - 1] == '*')
		return str_starts(region, str_first(pattern, pattern.n - 1));
	return str_eq(pattern, region);
}

/* SigV4A: the set must name our region, as it is or with a star at its end. */
static enum sigv4_reason check_region_set(struct attempt *a)
{
	struct str_cut cut = { .tail = a->claim.region_set, .found = true };

	if (!a->claim.is_ecdsa)
		return SIGV4_REASON_NONE;
	while (cut.found) {
		cut = str_cut(cut.tail, ',');
		while (cut.head.n && cut.head.p[0] == ' ')
			cut.head = str_skip(cut.head, 1);
		if (region_matches(cut.head, a->s->rules.region))
			return SIGV4_REASON_NONE;
	}
	a->detail = a->claim.region_set;
	return SIGV4_REASON_SCOPE_REGION;
}

static enum sigv4_reason check_time(const struct attempt *a)
{
	uint64_t now_s = a->r->now_ms / 1000;
	uint64_t lasts_s = a->claim.is_presigned ? a->claim.expires_s : SKEW_S_MAX;

	if (a->claim.time_s > now_s + SKEW_S_MAX)
		return SIGV4_REASON_EARLY;
	if (a->claim.time_s + lasts_s < now_s)
		return SIGV4_REASON_EXPIRED;
	return SIGV4_REASON_NONE;
}

/* What a signature must cover so that it says anything. */
static enum sigv4_reason check_coverage(struct attempt *a)
{
	static const enum claim_header if_sent[] = { CLAIM_AMZ_DATE, CLAIM_REGION_SET,
						     CLAIM_TOKEN };
	const struct claim *c = &a->claim;
	enum claim_header lacks = CLAIM_HEADERS;
	size_t i;

	if (!claim_is_signed(c, CLAIM_HOST))
		lacks = CLAIM_HOST;
	/* In the query all parameters are signed. */
	for (i = 0; lacks == CLAIM_HEADERS && !c->is_presigned && i < ARRAY_SIZE(if_sent); i++) {
		if (!claim_is_signed(c, if_sent[i]) && claim_is_sent(c, if_sent[i]))
			lacks = if_sent[i];
	}
	if (lacks == CLAIM_HEADERS && !c->is_presigned && !claim_is_signed(c, CLAIM_DATE) &&
	    !claim_is_sent(c, CLAIM_AMZ_DATE))
		lacks = CLAIM_DATE;
	if (lacks == CLAIM_HEADERS)
		return SIGV4_REASON_NONE;
	a->detail = claim_header_names[lacks];
	return SIGV4_REASON_UNSIGNED_HEADER;
}

static bool has_no_body(const struct http_request *http)
{
	return http->framing == HTTP_FRAMING_NONE ||
	       (http->framing == HTTP_FRAMING_LENGTH && !http->content_length);
}

/* Lattice takes no signed bodies: the header must be there, be signed, and say so. */
static enum sigv4_reason check_unsigned_payload(struct attempt *a)
{
	struct claim *c = &a->claim;
	bool is_signed = claim_is_signed(c, CLAIM_PAYLOAD);

	if (c->is_presigned && !c->payload.n && is_signed)
		c->payload = c->sent_payload;
	if (c->is_presigned && !c->payload.n) {
		/* Signers differ in what they take for the body of a request without one. */
		a->payloads[0] = UNSIGNED;
		if (has_no_body(a->r->http))
			a->payloads[1] = EMPTY_SHA256;
		return SIGV4_REASON_NONE;
	}
	if (!c->payload.n)
		return SIGV4_REASON_NO_CONTENT_SHA256;
	if (!c->is_presigned && !is_signed)
		return SIGV4_REASON_UNSIGNED_CONTENT_SHA256;
	if (!str_eq(c->payload, UNSIGNED))
		return SIGV4_REASON_SIGNED_PAYLOAD;
	a->payloads[0] = c->payload;
	return SIGV4_REASON_NONE;
}

/* The body's own hash, and whoever names one must name it. */
static enum sigv4_reason check_signed_payload(struct attempt *a)
{
	unsigned char digest[SHA256_BYTES];

	sha256(a->r->body, digest);
	sha256_write_hex(digest, a->body_hash);
	a->payloads[0] = (struct str){ a->body_hash, SHA256_HEX };
	if (a->claim.payload.n && !str_eq(a->claim.payload, a->payloads[0]))
		return SIGV4_REASON_PAYLOAD_HASH;
	return SIGV4_REASON_NONE;
}

static enum sigv4_reason check_claim(struct attempt *a)
{
	enum sigv4_reason reason = check_coverage(a);

	if (!reason)
		reason = a->s->rules.payload == SIGV4_PAYLOAD_UNSIGNED ? check_unsigned_payload(a)
								       : check_signed_payload(a);
	if (!reason)
		reason = check_scope(a);
	if (!reason)
		reason = check_region_set(a);
	return reason ? reason : check_time(a);
}

static bool is_token(const struct attempt *a)
{
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];

	if (!a->key->token_hash.n || !a->claim.token.n)
		return a->key->token_hash.n == a->claim.token.n;
	sha256(a->claim.token, digest);
	sha256_write_hex(digest, hex);
	return a->key->token_hash.n == SHA256_HEX &&
	       CRYPTO_memcmp(hex, a->key->token_hash.p, SHA256_HEX) == 0;
}

static enum sigv4_reason check_key(struct attempt *a)
{
	a->key = a->r->find_key(a->r->ctx, a->claim.access_key_id);
	if (!a->key)
		return SIGV4_REASON_UNKNOWN_KEY;
	if (!a->key->is_active)
		return SIGV4_REASON_INACTIVE_KEY;
	if (!is_token(a))
		return SIGV4_REASON_TOKEN;
	if (a->key->expires_ms && a->key->expires_ms <= a->r->now_ms)
		return SIGV4_REASON_EXPIRED_TOKEN;
	return SIGV4_REASON_NONE;
}

static const enum sigv4_reason reasons_by_outcome[] = {
	[CANONICAL_DONE] = SIGV4_REASON_NONE,
	[CANONICAL_NO_HEADER] = SIGV4_REASON_NO_HEADER,
	[CANONICAL_TOO_MANY] = SIGV4_REASON_TOO_MANY,
	[CANONICAL_NO_MEMORY] = SIGV4_REASON_NO_MEMORY,
};

/* Write the canonical request with @payload into the scratch text. */
static enum sigv4_reason write_canonical(struct attempt *a, struct str payload, bool normalizes)
{
	const struct http_request *http = a->r->http;
	const struct canonical c = {
		.method = http->method,
		.path = http->path,
		.query = http->query,
		.normalizes = normalizes,
		.is_presigned = a->claim.is_presigned,
		.host = http->authority,
		.headers = &http->headers,
		.signed_headers = a->claim.signed_headers,
		.payload = payload,
	};

	buf_clear(&a->s->text);
	return reasons_by_outcome[canonical_write(&c, &a->s->text, &a->detail)];
}

/* The text that is signed, for the canonical request that was written last. */
static struct str write_string_to_sign(const struct attempt *a, char to[STRING_TO_SIGN_BYTES_MAX])
{
	const struct claim *c = &a->claim;
	struct str parts[] = {
		c->is_ecdsa ? STR("AWS4-ECDSA-P256-SHA256\n") : STR("AWS4-HMAC-SHA256\n"),
		{ c->time, CLAIM_TIME_BYTES },
		STR("\n"),
		c->scope,
		STR("\n"),
	};
	unsigned char digest[SHA256_BYTES];
	char *p = to;
	size_t i;

	/* Region and service are ours by now, or cut short: then the signature is not valid. */
	parts[3] = str_first(parts[3], STRING_TO_SIGN_BYTES_MAX - 64 - SHA256_HEX);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		memcpy(p, parts[i].p, parts[i].n);
		p += parts[i].n;
	}
	sha256(buf_str(&a->s->text), digest);
	sha256_write_hex(digest, p);
	return (struct str){ to, (size_t)(p + SHA256_HEX - to) };
}

static enum sigv4_reason check_hmac(struct attempt *a, struct str text)
{
	const struct hmac_key *key = keyring_signing_key(a->s->keyring, a->key, a->claim.date);
	unsigned char code[SHA256_BYTES];
	char hex[SHA256_HEX];

	if (!key)
		return SIGV4_REASON_UNREADABLE_KEY;
	hmac(key, text, code);
	sha256_write_hex(code, hex);
	if (a->claim.signature.n != SHA256_HEX ||
	    CRYPTO_memcmp(hex, a->claim.signature.p, SHA256_HEX))
		return SIGV4_REASON_MISMATCH;
	return SIGV4_REASON_NONE;
}

static enum sigv4_reason check_ecdsa(struct attempt *a, struct str text)
{
	EVP_PKEY *key = keyring_public_key(a->s->keyring, a->key);

	if (!key)
		return SIGV4_REASON_UNREADABLE_KEY;
	return sigv4a_verify(key, text, a->claim.signature) ? SIGV4_REASON_NONE
							    : SIGV4_REASON_MISMATCH;
}

/* Is the signature one of the request's canonical form with @payload? */
static enum sigv4_reason check_form(struct attempt *a, struct str payload, bool normalizes)
{
	enum sigv4_reason reason = write_canonical(a, payload, normalizes);
	char to_sign[STRING_TO_SIGN_BYTES_MAX];
	struct str text;

	if (reason)
		return reason;
	text = write_string_to_sign(a, to_sign);
	return a->claim.is_ecdsa ? check_ecdsa(a, text) : check_hmac(a, text);
}

static enum sigv4_reason check_signature(struct attempt *a, bool *ret_normalized)
{
	bool is_normal = canonical_is_normal(a->r->http->path);
	enum sigv4_reason reason = SIGV4_REASON_MISMATCH;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(a->payloads) && a->payloads[i].n; i++) {
		reason = check_form(a, a->payloads[i], false);
		*ret_normalized = false;
		if (reason == SIGV4_REASON_MISMATCH && !is_normal) {
			reason = check_form(a, a->payloads[i], true);
			*ret_normalized = true;
		}
		if (reason != SIGV4_REASON_MISMATCH)
			return reason;
	}
	return reason;
}

/* Nothing that a client chose reaches a log or a body but printable text, and little of it. */
static void copy_detail(struct str detail, char to[64])
{
	size_t i;

	for (i = 0; i < detail.n && i < 63; i++)
		to[i] = detail.p[i] > ' ' - 1 && detail.p[i] <= '~' ? detail.p[i] : '?';
	to[i] = '\0';
}

/* An unusual request must not hold memory for good. */
static void clean_up(struct sigv4 *s)
{
	buf_clear(&s->decoded);
	buf_clear(&s->text);
	if (s->text.cap > TEXT_BYTES_KEPT)
		buf_fini(&s->text);
}

/* Judge the signature of @r, if it has one. What is returned lives as long as @r's keys. */
struct sigv4_result sigv4_verify(struct sigv4 *s, const struct sigv4_request *r)
{
	struct sigv4_result result = { .verdict = SIGV4_INVALID };
	struct attempt a;

	a.s = s;
	a.r = r;
	a.key = NULL;
	a.payloads[0] = a.payloads[1] = a.detail = (struct str){ 0 };
	result.reason = claim_parse(r->http, &s->decoded, &a.claim);
	if (!result.reason && !a.claim.is_present) {
		result.verdict = SIGV4_NONE;
		return result;
	}
	if (result.reason)
		a.detail = a.claim.detail;
	else
		result.reason = check_claim(&a);
	if (!result.reason)
		result.reason = check_key(&a);
	if (!result.reason)
		result.reason = check_signature(&a, &result.is_normalized);
	if (!result.reason) {
		result.verdict = SIGV4_VALID;
		result.key = a.key;
	} else {
		result.is_normalized = false;
		copy_detail(a.detail, result.detail);
	}
	clean_up(s);
	return result;
}

/*
 * Write the canonical request and the string to sign that go with the claim of @r, for an
 * administrator; they hold no secret, but what the client sent. Both stay empty when the claim
 * cannot be read.
 */
void sigv4_explain(struct sigv4 *s, const struct sigv4_request *r, struct buf *canonical,
		   struct buf *string_to_sign)
{
	char to_sign[STRING_TO_SIGN_BYTES_MAX];
	struct attempt a = { .s = s, .r = r };

	if (!claim_parse(r->http, &s->decoded, &a.claim) && a.claim.is_present) {
		/* Whatever else is wrong with it. */
		check_claim(&a);
		if (!a.payloads[0].n)
			a.payloads[0] = a.claim.payload;
		if (!write_canonical(&a, a.payloads[0], false)) {
			buf_add(canonical, buf_str(&s->text));
			buf_add(string_to_sign, write_string_to_sign(&a, to_sign));
		}
	}
	clean_up(s);
}
