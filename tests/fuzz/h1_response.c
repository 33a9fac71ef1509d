/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a response head, to a GET and to a HEAD. */
#include "http/h1_parse.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct http_response *r = malloc(sizeof(*r));
	size_t scanned = 0;
	struct h1_result result = h1_parse_response(text, &scanned, STR("GET"), r);

	assert(result.outcome != H1_DONE || result.head_bytes <= size);
	scanned = 0;
	result = h1_parse_response(text, &scanned, STR("HEAD"), r);
	assert(result.outcome != H1_DONE || r->framing == HTTP_FRAMING_NONE);
	free(r);
	return 0;
}
