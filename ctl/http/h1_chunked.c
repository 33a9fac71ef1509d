/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunked bodies (RFC 9112 section 7.1), a state machine over single bytes for framing and spans
 * for data and trailers. Extensions are checked to be well-formed and then dropped.
 */
#include "http/h1_parse.h"

#include "http/chars.h"
#include "http/trailers.h"

enum {
	SIZE_DIGITS_MAX = 15,  /* leading zeros counted: below 2^60 */
	LINE_BYTES_MAX = 1024, /* a size line with its extensions */
};

enum chunk_state {
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER_START,
	CHUNK_TRAILER_NAME,
	CHUNK_TRAILER_VALUE,
	CHUNK_TRAILER_LF,
	CHUNK_END_LF,
	CHUNK_ENDED,
};

static const char *take_size(struct h1_chunked *c, char byte)
{
	int digit = char_hex(byte);

	if (++c->line_len > LINE_BYTES_MAX)
		return "chunk size line too long";
	if (digit >= 0) {
		if (c->line_len > SIZE_DIGITS_MAX)
			return "chunk size too large";
		c->left = c->left << 4 | (uint64_t)digit;
		c->any_digit = true;
		return NULL;
	}
	if (!c->any_digit)
		return "malformed chunk size";
	if (byte == ';')
		c->state = CHUNK_EXTENSION;
	else if (byte == '\r')
		c->state = CHUNK_SIZE_LF;
	else
		return "malformed chunk size";
	return NULL;
}

static const char *take_extension(struct h1_chunked *c, char byte)
{
	if (++c->line_len > LINE_BYTES_MAX)
		return "chunk extension too long";
	if (byte == '\r')
		c->state = CHUNK_SIZE_LF;
	else if (!char_is(byte, CHAR_VALUE))
		return "control byte in a chunk extension";
	return NULL;
}

static const char *take_size_lf(struct h1_chunked *c, char byte)
{
	if (byte != '\n')
		return "chunk size line that ends in a bare CR";
	c->state = c->left ? CHUNK_DATA : CHUNK_TRAILER_START;
	c->line_len = 0;
	c->any_digit = false;
	return NULL;
}

static const char *take_data_end(struct h1_chunked *c, char byte)
{
	if (byte != (c->state == CHUNK_DATA_CR ? '\r' : '\n'))
		return "chunk longer than its size";
	c->state = c->state == CHUNK_DATA_CR ? CHUNK_DATA_LF : CHUNK_SIZE;
	return NULL;
}

static const char *take_trailer(struct h1_chunked *c, char byte)
{
	if (++c->trailer_bytes > TRAILER_BYTES_MAX)
		return "trailers too long";
	if (c->state == CHUNK_TRAILER_START && byte == '\r')
		c->state = CHUNK_END_LF;
	else if (c->state == CHUNK_TRAILER_NAME && byte == ':')
		c->state = CHUNK_TRAILER_VALUE;
	else if (c->state != CHUNK_TRAILER_VALUE && char_is(byte, CHAR_TOKEN))
		c->state = CHUNK_TRAILER_NAME;
	else if (c->state == CHUNK_TRAILER_VALUE && byte == '\r')
		c->state = CHUNK_TRAILER_LF;
	else if (c->state != CHUNK_TRAILER_VALUE || !char_is(byte, CHAR_VALUE))
		return "malformed trailer";
	return NULL;
}

static const char *take_trailer_lf(struct h1_chunked *c, char byte)
{
	if (byte != '\n')
		return "trailer that ends in a bare CR";
	c->state = c->state == CHUNK_TRAILER_LF ? CHUNK_TRAILER_START : CHUNK_ENDED;
	return NULL;
}

/* One byte of framing. NULL, or why it is refused. */
static const char *take_byte(struct h1_chunked *c, char byte)
{
	switch ((enum chunk_state)c->state) {
	case CHUNK_SIZE:
		return take_size(c, byte);
	case CHUNK_EXTENSION:
		return take_extension(c, byte);
	case CHUNK_SIZE_LF:
		return take_size_lf(c, byte);
	case CHUNK_DATA_CR:
	case CHUNK_DATA_LF:
		return take_data_end(c, byte);
	case CHUNK_TRAILER_START:
	case CHUNK_TRAILER_NAME:
	case CHUNK_TRAILER_VALUE:
		return take_trailer(c, byte);
	case CHUNK_TRAILER_LF:
	case CHUNK_END_LF:
		return take_trailer_lf(c, byte);
	case CHUNK_DATA:
	case CHUNK_ENDED:
		break;
	}
	return "bytes behind the last chunk";
}

static struct h1_chunk take_data(struct h1_chunked *c, struct str input, size_t at)
{
	struct str data = str_skip(input, at);

	if (data.n > c->left)
		data.n = (size_t)c->left;
	c->left -= data.n;
	if (!c->left)
		c->state = CHUNK_DATA_CR;
	return (struct h1_chunk){ .outcome = H1_CHUNK_DATA, .consumed = at + data.n, .data = data };
}

/* The trailer, as far as @input has it: it does not go back to being a body. */
static struct h1_chunk take_trailers(struct h1_chunked *c, struct str input)
{
	size_t i;

	for (i = 0; i < input.n && c->state != CHUNK_ENDED; i++) {
		const char *reason = take_byte(c, input.p[i]);

		if (reason)
			return (struct h1_chunk){ .outcome = H1_CHUNK_BAD, .reason = reason };
	}
	return (struct h1_chunk){
		.outcome = c->state == CHUNK_ENDED ? H1_CHUNK_END
			   : i			   ? H1_CHUNK_TRAILER
						   : H1_CHUNK_MORE,
		.consumed = i,
		.data = { input.p, i },
	};
}

/* Behind the last chunk, at @at: most often the empty line, and so the end. */
static struct h1_chunk take_end(struct h1_chunked *c, struct str input, size_t at)
{
	struct h1_chunk t;

	if (str_starts(str_skip(input, at), STR("\r\n"))) {
		c->state = CHUNK_ENDED;
		return (struct h1_chunk){ .outcome = H1_CHUNK_END, .consumed = at + 2 };
	}
	t = take_trailers(c, str_skip(input, at));
	t.consumed += at;
	return t;
}

struct h1_chunk h1_chunked_next(struct h1_chunked *c, struct str input)
{
	size_t i;

	if (c->state == CHUNK_ENDED)
		return (struct h1_chunk){ .outcome = H1_CHUNK_END };
	if (c->state >= CHUNK_TRAILER_START)
		return take_trailers(c, input);
	for (i = 0; i < input.n; i++) {
		const char *reason;

		if (c->state == CHUNK_DATA)
			return take_data(c, input, i);
		reason = take_byte(c, input.p[i]);
		if (reason)
			return (struct h1_chunk){ .outcome = H1_CHUNK_BAD, .reason = reason };
		/* Most bodies end here and now. */
		if (c->state == CHUNK_TRAILER_START && i + 1 < input.n)
			return take_end(c, input, i + 1);
	}
	return (struct h1_chunk){ .outcome = H1_CHUNK_MORE, .consumed = input.n };
}
