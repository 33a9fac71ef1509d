/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical form is that of those who verify (auth/canonical.h), so that the two cannot differ.
 * Host, date, the hash of the body and the session's token are signed.
 */
#include "auth/sign.h"

#include "auth/canonical.h"
#include "auth/signing_key.h"

#include <time.h>

enum { TIME_BYTES = 17, DATE_DIGITS = 8, TEXT_BYTES_MAX = 64 << 10 };

static struct str hash(struct str text, char hex[SHA256_HEX])
{
	unsigned char digest[SHA256_BYTES];

	sha256(text, digest);
	sha256_write_hex(digest, hex);
	return (struct str){ hex, SHA256_HEX };
}

static void write_scope(const struct signing_scope *s, struct buf *to)
{
	buf_addf(to, STR_FMT "/" STR_FMT "/" STR_FMT "/aws4_request", STR_ARG(s->date),
		 STR_ARG(s->region), STR_ARG(s->service));
}

/* The digest of the canonical form of @r, whose signed @headers are there. False: it has none. */
static bool digest_request(const struct sign_request *r, const struct http_headers *headers,
			   struct str signed_headers, char hex[SHA256_HEX])
{
	struct str_cut cut = str_cut(r->target, '?');
	const struct canonical c = {
		.method = r->method,
		.path = cut.head,
		.query = cut.tail,
		.host = r->host,
		.headers = headers,
		.signed_headers = signed_headers,
		.payload = headers->at[0].value,
	};
	struct str missing;
	struct buf text;
	bool done;

	buf_init(&text, TEXT_BYTES_MAX);
	done = canonical_write(&c, &text, &missing) == CANONICAL_DONE;
	if (done)
		hash(buf_str(&text), hex);
	buf_fini(&text);
	return done;
}

/* The signature of @text, in hexadecimal. False: the secret is longer than any. */
static bool sign(const struct signer *s, const struct signing_scope *scope, struct str text,
		 char hex[SHA256_HEX])
{
	unsigned char digest[SHA256_BYTES];
	struct hmac_key key;

	if (!signing_key_derive(s->secret, scope, &key))
		return false;
	hmac(&key, text, digest);
	explicit_bzero(&key, sizeof(key));
	sha256_write_hex(digest, hex);
	return true;
}

static bool sign_digest(const struct signer *s, const struct signing_scope *scope, const char *time,
			struct str digest, char hex[SHA256_HEX])
{
	struct buf text;
	bool done;

	buf_init(&text, TEXT_BYTES_MAX);
	buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n", time);
	write_scope(scope, &text);
	buf_add_char(&text, '\n');
	buf_add(&text, digest);
	done = !text.failed && sign(s, scope, buf_str(&text), hex);
	buf_fini(&text);
	return done;
}

/* Append the header fields that sign @r to @to; it has failed when they cannot be made. */
void sign_write_headers(const struct signer *s, const struct sign_request *r, struct buf *to)
{
	char payload[SHA256_HEX], digest[SHA256_HEX], signature[SHA256_HEX], time[TIME_BYTES];
	struct str names =
		s->token.n ? STR("host;x-amz-content-sha256;x-amz-date;x-amz-security-token")
			   : STR("host;x-amz-content-sha256;x-amz-date");
	struct signing_scope scope = { .region = s->region, .service = s->service };
	struct http_headers headers = { .count = s->token.n ? 3 : 2 };
	time_t now = (time_t)r->now;
	struct tm tm;
	size_t i;

	if (!gmtime_r(&now, &tm) || !strftime(time, sizeof(time), "%Y%m%dT%H%M%SZ", &tm)) {
		to->failed = true;
		return;
	}
	scope.date = (struct str){ time, DATE_DIGITS };
	headers.at[0] = (struct http_header){ STR("x-amz-content-sha256"), hash(r->body, payload) };
	headers.at[1] = (struct http_header){ STR("x-amz-date"), str_of(time) };
	headers.at[2] = (struct http_header){ STR("x-amz-security-token"), s->token };
	if (!digest_request(r, &headers, names, digest) ||
	    !sign_digest(s, &scope, time, (struct str){ digest, SHA256_HEX }, signature)) {
		to->failed = true;
		return;
	}
	for (i = 0; i < headers.count; i++)
		buf_addf(to, STR_FMT ": " STR_FMT "\r\n", STR_ARG(headers.at[i].name),
			 STR_ARG(headers.at[i].value));
	buf_addf(to, "authorization: AWS4-HMAC-SHA256 Credential=" STR_FMT "/", STR_ARG(s->key_id));
	write_scope(&scope, to);
	buf_addf(to, ", SignedHeaders=" STR_FMT ", Signature=%.*s\r\n", STR_ARG(names), SHA256_HEX,
		 signature);
}
