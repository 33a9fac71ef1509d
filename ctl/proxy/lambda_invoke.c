/* SPDX-License-Identifier: Apache-2.0 */
/* A function's secrets are in the clear for as long as it takes to sign one call, and then wiped.
 */
#include "proxy/lambda_invoke.h"

#include "auth/sign.h"
#include "auth/vault.h"
#include "http/chars.h"
#include "http/h1_write.h"
#include "model/snap_function.h"

enum {
	TARGET_BYTES_MAX = 4096,
	SECRETS_BYTES_MAX = 256 << 10, /* what two secrets take to be unsealed */
};

/* A function's ARN is one segment of the path. */
static void write_target(const struct snap_target *t, struct buf *to)
{
	const struct snap_function *f = t->function;
	size_t i;

	buf_add(to, f->path_prefix);
	if (f->is_whole_path)
		return;
	buf_add_lit(to, "/2015-03-31/functions/");
	for (i = 0; i < t->function_arn.n; i++) {
		char c = t->function_arn.p[i];

		if (char_is(c, CHAR_UNRESERVED))
			buf_add_char(to, c);
		else
			buf_addf(to, "%%%02X", (unsigned char)c);
	}
	buf_add_lit(to, "/invocations");
}

static void wipe(struct str s)
{
	if (s.n)
		explicit_bzero((char *)s.p, s.n);
}

/* Append the fields that sign a call of @path. False: a secret cannot be unsealed. */
static bool sign(const struct lambda_invoke *i, struct str path, struct buf *to)
{
	const struct snap_function *f = i->target->function;
	const struct snap_signing *s = f->signing;
	const struct sign_request r = {
		.method = STR("POST"),
		.target = path,
		.host = f->host,
		.body = i->event,
		.now = i->now,
	};
	struct signer by = { .key_id = s->key_id, .region = s->region, .service = STR("lambda") };
	struct arena a;
	bool done;

	if (!i->vault)
		return false;
	arena_init(&a, SECRETS_BYTES_MAX);
	done = vault_unseal(i->vault, &a, s->secret_label, s->secret, &by.secret) == 0 &&
	       (!s->token.n ||
		vault_unseal(i->vault, &a, s->token_label, s->token, &by.token) == 0);
	if (done)
		sign_write_headers(&by, &r, to);
	wipe(by.secret);
	wipe(by.token);
	arena_fini(&a);
	return done;
}

/* Append the head of the call to @to. False: it cannot be signed. */
bool lambda_invoke_write(const struct lambda_invoke *i, struct buf *to)
{
	const struct snap_function *f = i->target->function;
	struct buf target;
	bool done = true;

	buf_init(&target, TARGET_BYTES_MAX);
	write_target(i->target, &target);
	h1_write_request_line(to, STR("POST"), buf_str(&target));
	h1_write_header(to, STR("host"), f->host);
	h1_write_header(to, STR("content-type"), STR("application/json"));
	h1_write_header(to, STR("x-amz-invocation-type"), STR("RequestResponse"));
	h1_write_header_u64(to, STR("content-length"), i->event.n);
	if (f->signing)
		done = sign(i, buf_str(&target), to);
	h1_write_head_end(to);
	to->failed |= target.failed;
	buf_fini(&target);
	return done;
}
