/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a function returned: what is taken can be sent as it stands. */
#include "proxy/lambda_answer.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		assert(s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lambda_answer answer;
	struct arena a;
	size_t i;

	arena_init(&a, 1 << 20);
	if (lambda_answer_parse((struct str){ (const char *)data, size }, &a, &answer)) {
		assert(answer.status >= 200 && answer.status <= 599);
		assert(answer.headers.count <= LATTICE_HEADERS_MAX && answer.body.n <= size);
		for (i = 0; i < answer.headers.count; i++) {
			assert(answer.headers.at[i].name.n);
			assert(!str_eq_nocase(answer.headers.at[i].name, STR("content-length")));
			check_text(answer.headers.at[i].name);
			check_text(answer.headers.at[i].value);
		}
	}
	arena_fini(&a);
	return 0;
}
