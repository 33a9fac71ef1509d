/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body that comes faster than it can be read at once, from one plain socket for another and with
 * much of it to come, goes through a pipe. It does so only while there is something to be moved: a
 * pipe that is empty goes back, so that who waits holds none, and small pieces are copied, which
 * costs less than the calls that moving them takes.
 */
#include "proxy/splice.h"

enum {
	SPLICE_LEFT_BYTES_MIN = 256 * 1024, /* of a body whose length is known */
	SPLICE_PIECE_BYTES_MIN = 32 * 1024, /* that come at a time */
};

/* May what is still to come of @b go past the buffers? */
static bool is_for_pipe(const struct body *b, const struct stream *from, const struct stream *to)
{
	if (!b->is_bulk || b->done || b->chunk_out || to->is_deaf || to->is_final)
		return false;
	if (b->framing == HTTP_FRAMING_LENGTH ? b->left < SPLICE_LEFT_BYTES_MIN
					      : b->framing != HTTP_FRAMING_UNTIL_CLOSE)
		return false;
	return from->readable && !from->eof && !from->error && stream_is_plain(from) &&
	       stream_is_plain(to);
}

/* Move what can be moved through the pipe of @b. Returns the bytes that went in or out. */
static size_t carry(struct body *b, struct stream *from, struct stream *to)
{
	bool has_length = b->framing == HTTP_FRAMING_LENGTH;
	uint64_t before = b->bytes;
	size_t taken, sent, total = 0;

	do {
		taken = pipe_fill(b->pipe, from, has_length ? b->left : UINT64_MAX);
		b->bytes += taken;
		if (has_length)
			b->left -= taken;
		sent = pipe_flush(b->pipe, to);
		total += taken + sent;
	} while (taken || sent);
	if (!b->pipe->held) {
		pipe_give(b->pipe);
		b->pipe = NULL;
		b->is_bulk = b->bytes - before >= SPLICE_PIECE_BYTES_MIN;
	}
	return total;
}

/*
 * Take in what @from has of @b, or whatever it says before and behind that: into its buffer, or
 * through a pipe and on to @to at once. Returns the bytes moved.
 */
size_t splice_fill(struct pipes *pipes, struct body *b, struct stream *from, struct stream *to)
{
	if (!b->pipe) {
		if (!is_for_pipe(b, from, to))
			return stream_fill(from);
		if (buf_len(&from->in) || buf_len(&to->out))
			return 0; /* these go first */
		b->pipe = pipe_take(pipes);
		if (!b->pipe) {
			b->is_bulk = false;
			return stream_fill(from);
		}
	}
	return carry(b, from, to);
}
