/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As AWS writes them (VPC Lattice user guide, HTTP targets). Tags are free text: what could end a
 * field or a header is replaced or escaped.
 */
#include "auth/caller_text.h"

#include "http/chars.h"

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

/* Append the value of x-amzn-lattice-identity. */
void caller_text_identity(const struct principal *p, struct buf *to)
{
	size_t i;

	add(to, STR("Principal="), p->arn);
	add(to, STR("; PrincipalOrgID="), p->org_id);
	buf_add_lit(to, "; PrincipalOrgPaths=");
	for (i = 0; i < p->org_path_count; i++)
		add(to, i ? STR(",") : STR(""), p->org_paths[i]);
	add(to, STR("; SessionName="), p->session);
	buf_add_lit(to, "; Type=AWS_IAM");
}

/* Append the value of x-amzn-lattice-identity-tags. */
void caller_text_tags(const struct principal *p, struct buf *to)
{
	size_t i;

	add(to, STR("principal="), p->arn);
	add(to, STR(";principalorgid="), p->org_id);
	add(to, STR(";principalorgpath="), first_path(p));
	for (i = 0; i < p->tag_count; i++) {
		add(to, STR(";"), p->tags[i].key);
		add(to, STR("="), p->tags[i].value);
	}
}
