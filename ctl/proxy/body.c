/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies in transit. What arrives chunked is taken apart and put into chunks of our own, so that
 * no framing that we did not write ourselves ever reaches the other side.
 */
#include "proxy/body.h"

#include "http/h1_write.h"
#include "http/trailers.h"

/* From so many bytes on, a buffer is handed over rather than copied. */
enum { HAND_OVER_BYTES_MIN = 8 * 1024 };

/* Who has so much at once, has more. */
enum { BULK_BYTES_MIN = 32 * 1024 };

/* Free what @b holds, all-zero or not. */
void body_fini(struct body *b)
{
	buf_fini(&b->trailers);
	pipe_give(b->pipe);
	b->pipe = NULL;
}

/* A body framed as @framing says, of @length bytes if that frames it. @b holds nothing yet. */
void body_init(struct body *b, enum http_framing framing, uint64_t length, bool chunk_out)
{
	*b = (struct body){ .framing = framing, .chunk_out = chunk_out };
	if (framing == HTTP_FRAMING_LENGTH)
		b->left = length;
	b->done = framing == HTTP_FRAMING_NONE || (framing == HTTP_FRAMING_LENGTH && !length);
}

static void put(struct body *b, struct buf *to, struct str data)
{
	if (!data.n)
		return;
	b->bytes += data.n;
	if (b->chunk_out)
		h1_write_chunk(to, data);
	else
		buf_add(to, data);
}

static void keep_trailer(struct body *b, struct str text)
{
	/* The parser counts all but the line feeds. */
	if (!b->trailers.max)
		buf_init(&b->trailers, 2 * TRAILER_BYTES_MAX);
	buf_add(&b->trailers, text);
}

/* The end of a body in chunks, with those fields of its trailer that may be passed on. */
static void put_end(struct body *b, struct buf *to)
{
	struct str text = buf_str(&b->trailers);
	struct http_header h;

	buf_add_lit(to, "0\r\n");
	while (trailers_next(&text, &h)) {
		if (trailers_allow(h.name))
			h1_write_header(to, h.name, h.value);
	}
	buf_add_lit(to, "\r\n");
}

static enum body_outcome finish(struct body *b, struct buf *to)
{
	if (b->chunk_out)
		put_end(b, to);
	b->done = true;
	return BODY_DONE;
}

static enum body_outcome move_chunked(struct body *b, struct buf *from, struct buf *to, size_t high)
{
	while (buf_len(from) && buf_len(to) < high) {
		struct str room = str_first(buf_str(from), high - buf_len(to));
		struct h1_chunk c = h1_chunked_next(&b->chunked, room);

		if (c.outcome == H1_CHUNK_BAD)
			return BODY_BAD;
		if (c.outcome == H1_CHUNK_DATA)
			put(b, to, c.data);
		if (c.outcome == H1_CHUNK_TRAILER || c.outcome == H1_CHUNK_END)
			keep_trailer(b, c.data);
		buf_consume(from, c.consumed);
		if (c.outcome == H1_CHUNK_END)
			return finish(b, to);
		if (c.outcome == H1_CHUNK_MORE && !c.consumed)
			break;
	}
	return BODY_MORE;
}

/*
 * Is all of @from of the body, so much that copying it would cost more than waiting until the
 * receiver's buffer is empty, and not yet its end?
 */
static bool can_hand_over(const struct body *b, const struct buf *from, const struct buf *to)
{
	return !b->chunk_out && buf_len(from) >= HAND_OVER_BYTES_MIN && from->max == to->max &&
	       !from->failed && !to->failed &&
	       (b->framing != HTTP_FRAMING_LENGTH || buf_len(from) < b->left);
}

/* Give the empty @to all that @from holds, buffer and all. */
static void hand_over(struct body *b, struct buf *from, struct buf *to)
{
	b->bytes += buf_len(from);
	b->is_bulk = buf_len(from) >= BULK_BYTES_MIN;
	if (b->framing == HTTP_FRAMING_LENGTH)
		b->left -= buf_len(from);
	buf_swap(from, to);
}

/*
 * Move what @from holds of the body into @to until that holds @high bytes, and the framing of the
 * last piece.
 */
enum body_outcome body_move(struct body *b, struct buf *from, struct buf *to, size_t high)
{
	struct str data;

	if (b->done)
		return BODY_DONE;
	if (b->framing == HTTP_FRAMING_CHUNKED)
		return move_chunked(b, from, to, high);
	if (b->framing == HTTP_FRAMING_LENGTH && !b->left)
		return body_is_held(b) ? BODY_MORE : finish(b, to);
	if (buf_len(to) >= high)
		return BODY_MORE;
	if (can_hand_over(b, from, to)) {
		if (!buf_len(to))
			hand_over(b, from, to);
		return BODY_MORE;
	}
	data = str_first(buf_str(from), high - buf_len(to));
	if (b->framing == HTTP_FRAMING_LENGTH) {
		data = str_first(data, b->left < SIZE_MAX ? (size_t)b->left : SIZE_MAX);
		b->left -= data.n;
	}
	put(b, to, data);
	buf_consume(from, data.n);
	if (b->framing == HTTP_FRAMING_LENGTH && !b->left)
		return finish(b, to);
	return BODY_MORE;
}

/*
 * The sender ended, and all it sent was moved: the end for a body that nothing else ends, with the
 * lines of @trailers behind it.
 */
enum body_outcome body_end_at_eof(struct body *b, struct str trailers, struct buf *to)
{
	if (b->done)
		return BODY_DONE;
	if (b->framing != HTTP_FRAMING_UNTIL_CLOSE && b->framing != HTTP_FRAMING_STREAM)
		return BODY_BAD;
	keep_trailer(b, trailers);
	return finish(b, to);
}
