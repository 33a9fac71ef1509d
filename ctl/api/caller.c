/* SPDX-License-Identifier: Apache-2.0 */
/* Keys are looked up in the snapshot in force, so that one that is switched off opens nothing. */
#include "api/caller.h"

#include "base/clock.h"
#include "model/snapshot.h"

#include <stdio.h>

static const struct access_key *find_key(const void *ctx, struct str id)
{
	const struct snapshot *s = ctx;

	return s ? identities_find_key(&s->identities, id) : NULL;
}

/* A verifier of signatures for this API; strings are borrowed for good. 0 or -errno. */
int caller_init(struct sigv4 *s, struct str region, const struct vault *v)
{
	const struct sigv4_rules rules = {
		.region = region,
		.service = STR("vpc-lattice"),
		.payload = SIGV4_PAYLOAD_SIGNED,
	};

	return sigv4_init(s, &rules, v);
}

static void refuse(struct caller *c, struct str error, struct str words)
{
	c->principal = NULL;
	c->error = error;
	snprintf(c->words, sizeof(c->words), STR_FMT, STR_ARG(words));
}

/*
 * A signature in the query is none here: it would be a link that acts for whoever follows it. A
 * path that was signed in its normal form only is refused, since what is signed is what is done.
 */
static struct sigv4_result verify(const struct api_context *on, const struct sigv4_request *r)
{
	struct sigv4_result result = { .verdict = SIGV4_NONE };

	if (!on->verifier || !http_headers_find(&r->http->headers, STR("authorization")))
		return result;
	result = sigv4_verify(on->verifier, r);
	if (result.verdict == SIGV4_VALID && result.is_normalized) {
		result.verdict = SIGV4_INVALID;
		result.reason = SIGV4_REASON_MISMATCH;
	}
	return result;
}

/* Who signed @r and its @body? Without a verifier, and without a right signature, nobody. */
void caller_check(const struct api_context *on, const struct http_request *r, struct str body,
		  struct caller *ret)
{
	const bool has_snapshot = on->hooks && on->hooks->snapshot;
	const struct sigv4_request request = {
		.http = r,
		.body = body,
		.now_ms = clock_wall_ms(),
		.find_key = find_key,
		.ctx = has_snapshot ? on->hooks->snapshot(on->hooks->ctx) : NULL,
	};
	struct sigv4_result result = verify(on, &request);
	struct buf words;

	*ret = (struct caller){ 0 };
	switch (result.verdict) {
	case SIGV4_VALID:
		ret->principal = &result.key->principal;
		return;
	case SIGV4_NONE:
		refuse(ret, STR("MissingAuthenticationTokenException"),
		       STR("Missing Authentication Token"));
		return;
	case SIGV4_INVALID:
		break;
	}
	buf_init(&words, CALLER_WORDS_BYTES);
	sigv4_write_reason(&result, &words);
	refuse(ret, sigv4_reason_name(result.reason), buf_str(&words));
	buf_fini(&words);
}
