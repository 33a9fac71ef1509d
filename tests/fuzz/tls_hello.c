/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a ClientHello: what is found stays inside, and no cut changes the verdict. */
#include "io/tls_hello.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum tls_hello_outcome parse(const uint8_t *data, size_t size, struct tls_hello *h)
{
	char *copy = malloc(size + 1); /* so that one byte too many is seen */
	enum tls_hello_outcome outcome;

	memcpy(copy, data, size);
	outcome = tls_hello_parse((struct str){ copy, size }, h);
	free(copy);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_hello whole, now;
	enum tls_hello_outcome outcome = parse(data, size, &whole);
	size_t n;

	assert(outcome != TLS_HELLO_BAD || whole.reason);
	assert(outcome != TLS_HELLO_DONE ||
	       (whole.name_n <= TLS_HELLO_NAME_BYTES_MAX && strlen(whole.name) == whole.name_n));
	for (n = 0; size < 600 && n < size; n++) {
		enum tls_hello_outcome before = parse(data, n, &now);

		/* Once decided it stays so. */
		assert(before == TLS_HELLO_MORE || before == outcome);
		assert(before != TLS_HELLO_DONE || strcmp(now.name, whole.name) == 0);
	}
	return 0;
}
