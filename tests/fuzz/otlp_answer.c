/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a collector answers: no more is rejected than was posted, the message can stand
 * in a log, and nobody is made to wait longer than the limit.
 */
#include "telemetry/otlp_answer.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	char message[OTLP_MESSAGE_BYTES];
	size_t i;

	assert(otlp_rejected(text, 7, message) <= 7);
	for (i = 0; message[i]; i++)
		assert(message[i] >= ' ' && message[i] <= '~');
	assert(i < OTLP_MESSAGE_BYTES);
	assert(otlp_retry_after_ms(text, UINT64_C(1700000000000)) <= OTLP_RETRY_MS_MAX);
	return 0;
}
