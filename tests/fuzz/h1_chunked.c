/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a chunked body: the walk ends, stays inside, and yields the same in any pieces. */
#include "http/h1_parse.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Feed @text in pieces of @step; returns the payload's length, with the last outcome in @end. */
static size_t walk(struct str text, size_t step, enum h1_chunk_outcome *end)
{
	struct h1_chunked c = { 0 };
	size_t at = 0, have = 0, payload = 0;

	*end = H1_CHUNK_MORE;
	while (at < text.n) {
		struct h1_chunk now;

		have = have + step < text.n - at ? have + step : text.n - at;
		now = h1_chunked_next(&c, (struct str){ text.p + at, have });
		assert(now.consumed <= have && now.data.n <= now.consumed);
		if (now.outcome == H1_CHUNK_DATA)
			payload += now.data.n;
		at += now.consumed;
		have -= now.consumed;
		*end = now.outcome;
		if (now.outcome == H1_CHUNK_END || now.outcome == H1_CHUNK_BAD)
			break;
		*end = H1_CHUNK_MORE;
	}
	return payload;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	enum h1_chunk_outcome whole, bytewise;
	size_t n = walk(text, size ? size : 1, &whole);

	assert(walk(text, 1, &bytewise) == n);
	assert(whole == bytewise);
	return 0;
}
