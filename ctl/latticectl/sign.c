/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical form is the server's own (auth/canonical.h), so that the two cannot differ. */
#include "latticectl/sign.h"

#include "auth/canonical.h"
#include "auth/sha256.h"

#include <stdlib.h>

enum { TIME_BYTES = 17, DATE_DIGITS = 8, TEXT_BYTES_MAX = 64 << 10 };

static struct str env(const char *name)
{
	return str_of(getenv(name));
}

static struct str region(void)
{
	struct str first = env("AWS_REGION"), second = env("AWS_DEFAULT_REGION");

	if (first.n)
		return first;
	return second.n ? second : STR("us-east-1");
}

/* Are there keys to sign with? */
bool sign_has_keys(void)
{
	return env("AWS_ACCESS_KEY_ID").n && env("AWS_SECRET_ACCESS_KEY").n;
}

static struct str hash(struct str text, char hex[SHA256_HEX])
{
	unsigned char digest[SHA256_BYTES];

	sha256(text, digest);
	sha256_write_hex(digest, hex);
	return (struct str){ hex, SHA256_HEX };
}

/* One step of the chain that derives the signing key. */
static void step(unsigned char key[SHA256_BYTES], struct str text)
{
	struct hmac_key k;

	hmac_key_init(&k, key, SHA256_BYTES);
	hmac(&k, text, key);
	explicit_bzero(&k, sizeof(k));
}

/* The signature of @string_to_sign, in hexadecimal. */
static void sign(struct str date, struct str string_to_sign, char hex[SHA256_HEX])
{
	unsigned char key[SHA256_BYTES];
	struct hmac_key first;
	struct buf secret;

	buf_init(&secret, TEXT_BYTES_MAX);
	buf_add_lit(&secret, "AWS4");
	buf_add(&secret, env("AWS_SECRET_ACCESS_KEY"));
	hmac_key_init(&first, buf_str(&secret).p, buf_len(&secret));
	hmac(&first, date, key);
	step(key, region());
	step(key, STR("vpc-lattice"));
	step(key, STR("aws4_request"));
	step(key, string_to_sign);
	sha256_write_hex(key, hex);
	explicit_bzero(secret.p, secret.cap);
	explicit_bzero(&first, sizeof(first));
	buf_fini(&secret);
}

/* Append the header fields that sign @r to @to; it has failed when they cannot be made. */
void sign_write_headers(const struct sign_request *r, struct buf *to)
{
	struct str token = env("AWS_SESSION_TOKEN"), missing;
	struct str_cut cut = str_cut(r->target, '?');
	char payload[SHA256_HEX], digest[SHA256_HEX], signature[SHA256_HEX], time[TIME_BYTES];
	struct http_headers headers = { 0 };
	struct canonical c = {
		.method = r->method,
		.path = cut.head,
		.query = cut.tail,
		.host = r->host,
		.headers = &headers,
		.signed_headers =
			token.n ? STR("host;x-amz-content-sha256;x-amz-date;x-amz-security-token")
				: STR("host;x-amz-content-sha256;x-amz-date"),
		.payload = hash(r->body, payload),
	};
	struct buf text;
	struct str date;
	struct tm tm;

	gmtime_r(&r->now, &tm);
	strftime(time, sizeof(time), "%Y%m%dT%H%M%SZ", &tm);
	date = (struct str){ time, DATE_DIGITS };
	headers.at[0] = (struct http_header){ STR("x-amz-content-sha256"), c.payload };
	headers.at[1] = (struct http_header){ STR("x-amz-date"), str_of(time) };
	headers.at[2] = (struct http_header){ STR("x-amz-security-token"), token };
	headers.count = token.n ? 3 : 2;
	buf_init(&text, TEXT_BYTES_MAX);
	if (canonical_write(&c, &text, &missing) != CANONICAL_DONE)
		to->failed = true;
	hash(buf_str(&text), digest);
	buf_clear(&text);
	buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n" STR_FMT "/" STR_FMT "/vpc-lattice/aws4_request\n",
		 time, STR_ARG(date), STR_ARG(region()));
	buf_add(&text, (struct str){ digest, SHA256_HEX });
	sign(date, buf_str(&text), signature);
	to->failed = to->failed || text.failed;
	buf_fini(&text);
	buf_addf(to, "X-Amz-Date: %s\r\nX-Amz-Content-Sha256: " STR_FMT "\r\n", time,
		 STR_ARG(c.payload));
	if (token.n)
		buf_addf(to, "X-Amz-Security-Token: " STR_FMT "\r\n", STR_ARG(token));
	buf_addf(to,
		 "Authorization: AWS4-HMAC-SHA256 Credential=" STR_FMT "/" STR_FMT "/" STR_FMT
		 "/vpc-lattice/aws4_request, SignedHeaders=" STR_FMT ", Signature=" STR_FMT "\r\n",
		 STR_ARG(env("AWS_ACCESS_KEY_ID")), STR_ARG(date), STR_ARG(region()),
		 STR_ARG(c.signed_headers), SHA256_HEX, signature);
}
