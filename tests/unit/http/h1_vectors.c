/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of tests/vectors/h1: messages that others have read two ways, and their plain kin. */
#include "http/chars.h"
#include "http/h1_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { LINE_BYTES_MAX = 1024, COLUMNS_MAX = 4 };

struct vector {
	const char *columns[COLUMNS_MAX]; /* but for the last */
	char bytes[LINE_BYTES_MAX];
	size_t n;
};

static size_t unescape(const char *from, char *to)
{
	size_t n = 0;

	for (; *from; from++) {
		if (*from != '\\') {
			to[n++] = *from;
			continue;
		}
		switch (*++from) {
		case 'r':
			to[n++] = '\r';
			break;
		case 'n':
			to[n++] = '\n';
			break;
		case 't':
			to[n++] = '\t';
			break;
		case '0':
			to[n++] = '\0';
			break;
		case '\\':
			to[n++] = '\\';
			break;
		case 'x':
			to[n++] = (char)(char_hex(from[1]) << 4 | char_hex(from[2]));
			from += 2;
			break;
		default:
			fail_msg("unknown escape %c", *from);
		}
	}
	return n;
}

/* Call @run for each vector of @columns columns in @path; it returns what became of it. */
static void run_all(const char *path, int columns,
		    const char *(*run)(const struct vector *v, char *room))
{
	static struct vector v;
	char line[LINE_BYTES_MAX], room[LINE_BYTES_MAX];
	FILE *f = fopen(path, "r");
	int count = 0, wrong = 0, i;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *at = line;
		const char *got;

		if (line[0] == '#')
			continue;
		line[strcspn(line, "\n")] = '\0';
		for (i = 0; i < columns - 1; i++) {
			v.columns[i] = at;
			at = strchr(at, '\t');
			assert_non_null(at);
			*at++ = '\0';
		}
		v.n = unescape(at, v.bytes);
		got = run(&v, room);
		count++;
		if (strcmp(got, v.columns[0]) != 0) {
			print_error("%s: %s: %s, not %s\n", path, v.columns[1], got, v.columns[0]);
			wrong++;
		}
	}
	fclose(f);
	assert_true(count > 10);
	assert_int_equal(wrong, 0);
}

static const char *framing_name(enum http_framing f)
{
	static const char *const names[] = {
		[HTTP_FRAMING_NONE] = "take(none)",
		[HTTP_FRAMING_LENGTH] = "take(length)",
		[HTTP_FRAMING_CHUNKED] = "take(chunked)",
		[HTTP_FRAMING_UNTIL_CLOSE] = "take(close)",
	};

	return names[f];
}

static const char *run_request(const struct vector *v, char *room)
{
	struct http_request q;
	size_t scanned = 0;
	struct h1_result r = h1_parse_request((struct str){ v->bytes, v->n }, &scanned, &q);

	if (r.outcome == H1_MORE)
		return "more";
	if (r.outcome == H1_DONE)
		return framing_name(q.framing);
	snprintf(room, LINE_BYTES_MAX, "%u", r.status);
	return room;
}

static const char *run_response(const struct vector *v, char *room)
{
	struct http_response a;
	size_t scanned = 0;
	struct h1_result r = h1_parse_response((struct str){ v->bytes, v->n }, &scanned,
					       str_of(v->columns[2]), &a);

	(void)room;
	if (r.outcome == H1_MORE)
		return "more";
	return r.outcome == H1_DONE ? framing_name(a.framing) : "bad";
}

static const char *run_chunked(const struct vector *v, char *room)
{
	struct h1_chunked c = { 0 };
	struct str in = { v->bytes, v->n };
	size_t n = (size_t)snprintf(room, LINE_BYTES_MAX, "take(");

	for (;;) {
		struct h1_chunk k = h1_chunked_next(&c, in);

		in = str_skip(in, k.consumed);
		if (k.outcome == H1_CHUNK_BAD)
			return "bad";
		if (k.outcome == H1_CHUNK_END)
			break;
		if (k.outcome == H1_CHUNK_DATA)
			n += (size_t)snprintf(room + n, LINE_BYTES_MAX - n, STR_FMT,
					      STR_ARG(k.data));
		if (k.outcome == H1_CHUNK_MORE || !in.n)
			return "more";
	}
	snprintf(room + n, LINE_BYTES_MAX - n, ")");
	return room;
}

static void requests(void **state)
{
	(void)state;
	run_all("tests/vectors/h1/requests", 3, run_request);
}

static void responses(void **state)
{
	(void)state;
	run_all("tests/vectors/h1/responses", 4, run_response);
}

static void chunked_bodies(void **state)
{
	(void)state;
	run_all("tests/vectors/h1/chunked", 3, run_chunked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(responses),
		cmocka_unit_test(chunked_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
