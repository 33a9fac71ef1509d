/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as path and query of a signed request, cut at the first '?': nothing forges a
 * signature, and a canonical query is its own canonical form.
 */
#include "auth/canonical.h"
#include "auth/sigv4.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct access_key *find_key(const void *ctx, struct str id)
{
	(void)id;
	return ctx;
}

/* The third line of the canonical request with @query, in @to. */
static bool canonical_query(struct str query, struct buf *to)
{
	static const struct http_headers none;
	struct canonical c = { .path = STR("/"),
			       .query = query,
			       .headers = &none,
			       .host = STR("h"),
			       .signed_headers = STR("host") };
	struct str missing;
	size_t rest = strlen("\nhost:h\n\nhost\n");

	if (canonical_write(&c, to, &missing) != CANONICAL_DONE)
		return false;
	assert(str_starts(buf_str(to), STR("\n/\n")));
	buf_consume(to, 3);
	assert(buf_len(to) >= rest);
	to->end -= rest;
	return true;
}

static void check_query(struct str query)
{
	struct buf once, twice;

	buf_init(&once, 1 << 20);
	buf_init(&twice, 1 << 20);
	if (canonical_query(query, &once)) {
		assert(canonical_query(buf_str(&once), &twice));
		assert(str_eq(buf_str(&once), buf_str(&twice)));
	}
	buf_fini(&once);
	buf_fini(&twice);
}

static void check_path(struct str path)
{
	struct buf once, twice;

	buf_init(&once, path.n + 1);
	buf_init(&twice, path.n + 2);
	canonical_write_normal(path, &once);
	assert(!once.failed && canonical_is_normal(buf_str(&once)));
	canonical_write_normal(buf_str(&once), &twice);
	assert(str_eq(buf_str(&once), buf_str(&twice)));
	buf_fini(&once);
	buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sigv4_rules rules = { { "us-west-2", 9 }, { "vpc-lattice-svcs", 16 } };
	static struct vault *v;
	static struct sigv4 s;
	static struct arena sealed;
	static struct str secret;
	struct access_key key = { .id = STR("AKIDEXAMPLE"), .is_active = true };
	struct str_cut cut = str_cut((struct str){ (const char *)data, size }, '?');
	struct http_request http = { .method = STR("GET"),
				     .path = cut.head,
				     .query = cut.tail,
				     .has_query = cut.found,
				     .authority = STR("host") };
	struct sigv4_request r = {
		.http = &http, .now_ms = 1714979289000, .find_key = find_key, .ctx = &key
	};

	if (!v) {
		v = vault_new((const unsigned char *)"0123456789abcdef0123456789abcdef");
		arena_init(&sealed, 64 << 10);
		secret = vault_seal(v, &sealed, key.id, STR("secret"));
		assert(sigv4_init(&s, &rules, v) == 0);
	}
	key.sealed = secret;
	assert(sigv4_verify(&s, &r).verdict != SIGV4_VALID);
	check_query(cut.tail);
	if (cut.head.n && cut.head.p[0] == '/')
		check_path(cut.head);
	return 0;
}
