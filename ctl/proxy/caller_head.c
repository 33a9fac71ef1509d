/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x-amzn-lattice-identity and x-amzn-lattice-identity-tags, as AWS writes them. Tags are free text:
 * what could end a field or a header is replaced or escaped.
 */
#include "proxy/caller_head.h"

#include "base/buf.h"
#include "http/chars.h"

/* Fifty tags of 128 and 256 characters, each byte escaped, and more than all else. */
enum { VALUE_BYTES_MAX = 48 << 10, VALUE_BYTES_LIKELY = 1000 };

static void add_text(struct buf *b, struct str text)
{
	char *from = buf_reserve(b, 2 * text.n), *at = from;
	size_t i;

	for (i = 0; from && i < text.n; i++) {
		if (text.p[i] == ';')
			*at++ = '\\';
		*at++ = char_is(text.p[i], CHAR_VALUE) ? text.p[i] : '?';
	}
	if (from)
		buf_commit(b, (size_t)(at - from));
}

static void add(struct buf *b, struct str name, struct str value)
{
	buf_add(b, name);
	add_text(b, value);
}

static struct str first_path(const struct principal *p)
{
	return p->org_path_count ? p->org_paths[0] : (struct str){ 0 };
}

static void add_identity(const struct principal *p, struct buf *b)
{
	size_t i;

	add(b, STR("Principal="), p->arn);
	add(b, STR("; PrincipalOrgID="), p->org_id);
	buf_add_lit(b, "; PrincipalOrgPaths=");
	for (i = 0; i < p->org_path_count; i++)
		add(b, i ? STR(",") : STR(""), p->org_paths[i]);
	add(b, STR("; SessionName="), p->session);
	buf_add_lit(b, "; Type=AWS_IAM");
}

static void add_tags(const struct principal *p, struct buf *b)
{
	size_t i;

	add(b, STR("principal="), p->arn);
	add(b, STR(";principalorgid="), p->org_id);
	add(b, STR(";principalorgpath="), first_path(p));
	for (i = 0; i < p->tag_count; i++) {
		add(b, STR(";"), p->tags[i].key);
		add(b, STR("="), p->tags[i].value);
	}
}

/* A field of what @b holds, which the head gets a copy of. */
static void write_field(const struct head_out *to, struct str name, const struct buf *b)
{
	struct str value = buf_str(b);

	if (!b->failed)
		head_out_joined(to, name, &value, 1);
}

/* Tell of @p, unless it is nobody; a value without memory is left out. */
void caller_head_fields(const struct principal *p, const struct head_out *to)
{
	struct buf b;

	if (!p || p->type == PRINCIPAL_ANONYMOUS)
		return;
	buf_init(&b, VALUE_BYTES_MAX);
	buf_reserve(&b, VALUE_BYTES_LIKELY); /* not by and by */
	add_identity(p, &b);
	write_field(to, STR("x-amzn-lattice-identity"), &b);
	buf_clear(&b);
	add_tags(p, &b);
	write_field(to, STR("x-amzn-lattice-identity-tags"), &b);
	buf_fini(&b);
}
