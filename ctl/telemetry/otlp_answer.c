/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer that cannot be read says nothing: its status has decided. The message goes to our log,
 * so that only printable ASCII of it does.
 */
#include "telemetry/otlp_answer.h"

#include "base/json.h"
#include "base/num.h"

#include <cjson/cJSON.h>
#include <time.h>

/* An int64 is a string in this JSON; a number is taken too. */
static uint64_t number_of(const cJSON *item)
{
	uint64_t n = 0;

	if (cJSON_IsString(item) && num_parse_u64(str_of(item->valuestring), &n))
		return 0;
	if (cJSON_IsNumber(item) && item->valuedouble >= 1)
		n = item->valuedouble < (double)UINT32_MAX ? (uint64_t)item->valuedouble
							   : UINT32_MAX;
	return n;
}

/*
 * How many of @posted spans the collector rejected, as @body says, and in what words, or in none:
 * to be told of spans that were taken is allowed too.
 */
size_t otlp_rejected(struct str body, size_t posted, char message[OTLP_MESSAGE_BYTES])
{
	cJSON *answer = json_parse(body);
	const cJSON *partial = cJSON_GetObjectItemCaseSensitive(answer, "partialSuccess");
	struct str words = json_get_str(partial, "errorMessage");
	uint64_t n = number_of(cJSON_GetObjectItemCaseSensitive(partial, "rejectedSpans"));
	size_t i;

	for (i = 0; i < words.n && i < OTLP_MESSAGE_BYTES - 1; i++)
		message[i] = words.p[i] >= ' ' && words.p[i] <= '~' ? words.p[i] : '?';
	message[i] = '\0';
	cJSON_Delete(answer);
	return n < posted ? (size_t)n : posted;
}

/* A date of HTTP, in ms since 1970; 0: it is none. */
static uint64_t date_ms(struct str value)
{
	char text[40];
	const char *end;
	struct tm tm = { 0 };
	time_t seconds;

	if (value.n >= sizeof(text))
		return 0;
	memcpy(text, value.p, value.n);
	text[value.n] = '\0';
	end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (!end || *end)
		return 0;
	seconds = timegm(&tm);
	return seconds > 0 ? (uint64_t)seconds * 1000 : 0;
}

/* How long to wait, as the Retry-After @value says at @now_ms of the wall clock; 0: it does not. */
uint64_t otlp_retry_after_ms(struct str value, uint64_t now_ms)
{
	uint64_t seconds, ms, at_ms;

	if (num_parse_u64(value, &seconds) == 0) {
		ms = seconds < OTLP_RETRY_MS_MAX / 1000 ? seconds * 1000 : OTLP_RETRY_MS_MAX;
	} else {
		at_ms = date_ms(value);
		if (!at_ms)
			return 0;
		ms = at_ms > now_ms ? at_ms - now_ms : 0;
	}
	if (!ms)
		return 1;
	return ms < OTLP_RETRY_MS_MAX ? ms : OTLP_RETRY_MS_MAX;
}
