/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a request head: spans stay inside, and a verdict does not depend on the cuts. */
#include "http/h1_parse.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_inside(struct str part, struct str all)
{
	assert(!part.n || part.n == 1 || (part.p >= all.p && part.p + part.n <= all.p + all.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct http_request *r = malloc(sizeof(*r));
	struct h1_result whole, now = { 0 };
	size_t scanned = 0, n, i;

	whole = h1_parse_request(text, &scanned, r);
	if (whole.outcome == H1_DONE) {
		assert(whole.head_bytes <= size);
		assert_inside(r->path, text);
		assert_inside(r->query, text);
		assert_inside(r->authority, text);
		for (i = 0; i < r->headers.count; i++)
			assert_inside(r->headers.at[i].value, text);
	}
	scanned = 0;
	for (n = 0; size < 512 && n <= size && now.outcome == H1_MORE; n++)
		now = h1_parse_request((struct str){ text.p, n }, &scanned, r);
	assert(size >= 512 || now.outcome == whole.outcome);
	assert(size >= 512 || now.outcome != H1_DONE || now.head_bytes == whole.head_bytes);
	free(r);
	return 0;
}
