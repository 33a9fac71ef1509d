/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/body.c: each framing into each other, and bounds that hold. */
#include "proxy/body.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { HIGH = 1000, ROOM = 16 * 1024 };

struct fixture {
	struct body body;
	struct buf from, to;
};

static void begin(struct fixture *f, enum http_framing framing, uint64_t length, bool chunk_out)
{
	body_init(&f->body, framing, length, chunk_out);
	buf_init(&f->from, ROOM);
	buf_init(&f->to, ROOM);
}

static void end(struct fixture *f)
{
	body_fini(&f->body);
	buf_fini(&f->from);
	buf_fini(&f->to);
}

static enum body_outcome move(struct fixture *f, const char *text)
{
	buf_add(&f->from, str_of(text));
	return body_move(&f->body, &f->from, &f->to, HIGH);
}

static void assert_sent(struct fixture *f, const char *wanted)
{
	assert_true(str_eq(buf_str(&f->to), str_of(wanted)));
}

static void no_body_is_done_at_once(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, HTTP_FRAMING_NONE, 0, false);
	assert_int_equal(move(&f, "next request"), BODY_DONE);
	assert_int_equal(buf_len(&f.from), strlen("next request"));
	end(&f);
	begin(&f, HTTP_FRAMING_LENGTH, 0, false);
	assert_true(f.body.done);
	end(&f);
}

static void a_length_takes_so_much_and_no_more(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, HTTP_FRAMING_LENGTH, 10, false);
	assert_int_equal(move(&f, "12345"), BODY_MORE);
	assert_int_equal(move(&f, "67890GET / "), BODY_DONE);
	assert_sent(&f, "1234567890");
	assert_true(str_eq(buf_str(&f.from), STR("GET / ")));
	assert_int_equal(f.body.bytes, 10);
	end(&f);
	begin(&f, HTTP_FRAMING_LENGTH, 10, false);
	move(&f, "123");
	assert_int_equal(body_end_at_eof(&f.body, (struct str){ 0 }, &f.to), BODY_BAD);
	end(&f);
}

static void chunks_are_made_anew_or_taken_apart(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, HTTP_FRAMING_CHUNKED, 0, true);
	assert_int_equal(move(&f, "0005;a=b\r\nhel"), BODY_MORE);
	assert_int_equal(move(&f, "lo\r\n0\r\nX: y\r\n\r\nGET"), BODY_DONE);
	assert_sent(&f, "3\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n");
	assert_true(str_eq(buf_str(&f.from), STR("GET")));
	end(&f);
	begin(&f, HTTP_FRAMING_CHUNKED, 0, false);
	assert_int_equal(move(&f, "5\r\nhello\r\n0\r\n\r\n"), BODY_DONE);
	assert_sent(&f, "hello");
	end(&f);
	begin(&f, HTTP_FRAMING_CHUNKED, 0, true);
	assert_int_equal(move(&f, "5\r\nhelloX"), BODY_BAD);
	end(&f);
}

static void the_end_of_the_connection_may_be_the_end_of_the_body(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, HTTP_FRAMING_UNTIL_CLOSE, 0, true);
	assert_int_equal(move(&f, "all"), BODY_MORE);
	assert_int_equal(body_end_at_eof(&f.body, (struct str){ 0 }, &f.to), BODY_DONE);
	assert_sent(&f, "3\r\nall\r\n0\r\n\r\n");
	end(&f);
	begin(&f, HTTP_FRAMING_CHUNKED, 0, true);
	move(&f, "5\r\nhe");
	assert_int_equal(body_end_at_eof(&f.body, (struct str){ 0 }, &f.to), BODY_BAD);
	end(&f);
}

static void no_more_is_moved_than_there_is_room_for(void **state)
{
	static const enum http_framing framings[] = { HTTP_FRAMING_LENGTH, HTTP_FRAMING_CHUNKED,
						      HTTP_FRAMING_UNTIL_CLOSE };
	enum { CHUNK_FRAMING_BYTES = 32, PAYLOAD = 5000 };
	size_t i, k;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct fixture f;
		size_t got = 0;

		begin(&f, framings[i], PAYLOAD, framings[i] == HTTP_FRAMING_CHUNKED);
		if (framings[i] == HTTP_FRAMING_CHUNKED)
			buf_addf(&f.from, "%x\r\n", PAYLOAD);
		for (k = 0; k < PAYLOAD; k++)
			buf_add_char(&f.from, (char)k);
		while (f.body.bytes < PAYLOAD) {
			assert_int_not_equal(body_move(&f.body, &f.from, &f.to, HIGH), BODY_BAD);
			assert_true(buf_len(&f.to) <= HIGH + CHUNK_FRAMING_BYTES);
			got += buf_len(&f.to) / 2;
			buf_consume(&f.to, buf_len(&f.to) / 2); /* a slow reader */
		}
		assert_true(got > 0);
		end(&f);
	}
}

static void much_is_handed_over_without_copying(void **state)
{
	struct fixture f;
	const char *first;

	(void)state;
	begin(&f, HTTP_FRAMING_LENGTH, 2 * HAND_OVER_BYTES_MIN + 5, false);
	memset(buf_reserve(&f.from, HAND_OVER_BYTES_MIN), 'a', HAND_OVER_BYTES_MIN);
	buf_commit(&f.from, HAND_OVER_BYTES_MIN);
	first = buf_str(&f.from).p;
	assert_int_equal(body_move(&f.body, &f.from, &f.to, ROOM), BODY_MORE);
	assert_ptr_equal(buf_str(&f.to).p, first);
	assert_int_equal(buf_len(&f.from), 0);
	/* As much again waits for the receiver rather than being copied. */
	memset(buf_reserve(&f.from, HAND_OVER_BYTES_MIN), 'b', HAND_OVER_BYTES_MIN);
	buf_commit(&f.from, HAND_OVER_BYTES_MIN);
	buf_consume(&f.to, 1);
	assert_int_equal(body_move(&f.body, &f.from, &f.to, ROOM), BODY_MORE);
	assert_int_equal(buf_len(&f.from), HAND_OVER_BYTES_MIN);
	buf_consume(&f.to, buf_len(&f.to));
	assert_int_equal(body_move(&f.body, &f.from, &f.to, ROOM), BODY_MORE);
	assert_int_equal(*buf_str(&f.to).p, 'b');
	/* The end does not wait, and what is behind it stays. */
	assert_int_equal(move(&f, "12345next"), BODY_MORE);
	buf_consume(&f.to, buf_len(&f.to));
	assert_int_equal(move(&f, ""), BODY_DONE);
	assert_sent(&f, "12345");
	assert_true(str_eq(buf_str(&f.from), STR("next")));
	assert_int_equal(f.body.bytes, 2 * HAND_OVER_BYTES_MIN + 5);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_body_is_done_at_once),
		cmocka_unit_test(a_length_takes_so_much_and_no_more),
		cmocka_unit_test(chunks_are_made_anew_or_taken_apart),
		cmocka_unit_test(the_end_of_the_connection_may_be_the_end_of_the_body),
		cmocka_unit_test(much_is_handed_over_without_copying),
		cmocka_unit_test(no_more_is_moved_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
