/* SPDX-License-Identifier: Apache-2.0 */
/* Write a request, read the answer to its end, parse it. */
#include "latticectl/client.h"

#include "base/buf.h"
#include "base/json.h"
#include "http/h1_parse.h"
#include "latticectl/env_keys.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	ANSWER_BYTES_MAX = 64 << 20, /* more than any page of a list */
	READ_BYTES = 16 << 10,
	ANSWER_SECONDS_MAX = 30, /* between two reads */
};

static int connect_to(const struct sockaddr *to, socklen_t n)
{
	struct timeval patience = { .tv_sec = ANSWER_SECONDS_MAX };
	int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, to, n) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int client_connect(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	memcpy(to.sun_path, path, n);
	return connect_to((const struct sockaddr *)&to, sizeof(to));
}

static int connect_server(const struct client_server *server)
{
	struct sockaddr_storage to;
	socklen_t n;

	if (server->tcp.family == AF_UNSPEC)
		return client_connect(server->path);
	n = sock_addr_to_os(&server->tcp, &to);
	return connect_to((const struct sockaddr *)&to, n);
}

static int send_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		s = str_skip(s, (size_t)n);
	}
	return 0;
}

/* Returns how many bytes came, 0 at the end, or a negative errno. */
static int read_more(int fd, struct buf *in)
{
	char *room = buf_reserve(in, READ_BYTES);
	ssize_t n;

	if (!room)
		return -EMSGSIZE;
	do
		n = recv(fd, room, READ_BYTES, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	buf_commit(in, (size_t)n);
	return (int)n;
}

/* Read until the head is whole; anything that is not a final answer is skipped (1xx). */
static int read_head(int fd, struct buf *in, struct client_reply *reply, struct http_response *ret)
{
	size_t scanned = 0;

	for (;;) {
		struct h1_result head = { .outcome = H1_MORE };
		const struct http_header *type;
		int n;

		if (buf_len(in))
			head = h1_parse_response(buf_str(in), &scanned, STR("POST"), ret);
		if (head.outcome == H1_BAD)
			return -EPROTO;
		if (head.outcome == H1_MORE) {
			n = read_more(fd, in);
			if (n <= 0)
				return n < 0 ? n : -EPROTO;
			continue;
		}
		reply->status = ret->status;
		type = http_headers_find(&ret->headers, STR("x-amzn-errortype"));
		if (type)
			snprintf(reply->error_type, sizeof(reply->error_type), STR_FMT,
				 STR_ARG(str_cut(type->value, ':').head));
		buf_consume(in, head.head_bytes);
		if (ret->status >= 200)
			return 0;
		scanned = 0;
	}
}

static int read_chunks(int fd, struct buf *in, struct buf *body)
{
	struct h1_chunked state = { 0 };

	for (;;) {
		struct h1_chunk c = h1_chunked_next(&state, buf_str(in));
		int n;

		if (c.outcome == H1_CHUNK_BAD)
			return -EPROTO;
		if (c.outcome == H1_CHUNK_DATA)
			buf_add(body, c.data);
		buf_consume(in, c.consumed);
		if (c.outcome == H1_CHUNK_END)
			return body->failed ? -EMSGSIZE : 0;
		if (c.outcome != H1_CHUNK_MORE)
			continue;
		n = read_more(fd, in);
		if (n <= 0)
			return n < 0 ? n : -EPROTO;
	}
}

static int read_body(int fd, struct buf *in, const struct http_response *head, struct buf *body)
{
	bool to_end = head->framing == HTTP_FRAMING_UNTIL_CLOSE;

	if (head->framing == HTTP_FRAMING_CHUNKED)
		return read_chunks(fd, in, body);
	if (head->framing == HTTP_FRAMING_NONE)
		return 0;
	while (to_end || buf_len(in) < head->content_length) {
		int n = read_more(fd, in);

		if (n < 0)
			return n;
		if (n == 0 && !to_end)
			return -EPROTO;
		if (n == 0)
			break;
	}
	buf_add(body, to_end ? buf_str(in) : str_first(buf_str(in), (size_t)head->content_length));
	return body->failed ? -EMSGSIZE : 0;
}

static int exchange(int fd, struct buf *out, struct buf *body, struct client_reply *ret)
{
	struct http_response head;
	struct buf in;
	int r;

	buf_init(&in, ANSWER_BYTES_MAX);
	r = out->failed ? -EMSGSIZE : send_all(fd, buf_str(out));
	if (r == 0)
		r = read_head(fd, &in, ret, &head);
	if (r == 0)
		r = read_body(fd, &in, &head, body);
	buf_fini(&in);
	return r;
}

/* With the keys of the environment, where there must be some. */
static void sign_head(const char *method, struct str target, struct str body, struct buf *to)
{
	const struct sign_request r = {
		.method = str_of(method),
		.target = target,
		.host = STR("lattice"),
		.body = body,
		.now = time(NULL),
	};
	struct signer s;

	if (env_keys_read(STR("vpc-lattice"), &s))
		sign_write_headers(&s, &r, to);
	else
		to->failed = true;
}

int client_call(const struct client_server *server, const char *method, struct str target,
		struct str body, struct client_reply *ret)
{
	struct buf out, answer;
	int fd, r;

	*ret = (struct client_reply){ 0 };
	fd = connect_server(server);
	if (fd < 0)
		return fd;
	buf_init(&out, ANSWER_BYTES_MAX);
	buf_init(&answer, ANSWER_BYTES_MAX);
	buf_addf(&out, "%s " STR_FMT " HTTP/1.1\r\nHost: lattice\r\nConnection: close\r\n", method,
		 STR_ARG(target));
	if (server->tcp.family != AF_UNSPEC)
		sign_head(method, target, body, &out);
	if (server->account)
		buf_addf(&out, "X-Lattice-Account: %s\r\n", server->account);
	if (body.n)
		buf_addf(&out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.n);
	buf_add_lit(&out, "\r\n");
	buf_add(&out, body);
	r = exchange(fd, &out, &answer, ret);
	if (r == 0 && buf_len(&answer)) {
		ret->body = json_parse(buf_str(&answer));
		if (!ret->body)
			r = -EPROTO;
	}
	buf_fini(&answer);
	buf_fini(&out);
	close(fd);
	return r;
}
