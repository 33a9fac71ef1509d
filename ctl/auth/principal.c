/* SPDX-License-Identifier: Apache-2.0 */
/* Reading principals' ARNs, and questions about a principal. */
#include "auth/principal.h"

#include "base/array.h"

const struct principal principal_anonymous = { .type = PRINCIPAL_ANONYMOUS };

enum { ACCOUNT_BYTES = 12, NAME_BYTES_MAX = 64 };

static bool is_account(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.n == ACCOUNT_BYTES;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* IAM's alphabet of names of users, roles and sessions. */
static bool is_name(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (!is_letter_or_digit(s.p[i]) && !memchr("_+=,.@-", s.p[i], 7))
			return false;
	}
	return s.n >= 1 && s.n <= NAME_BYTES_MAX;
}

static bool is_path(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '*' || s.p[i] == '?')
			return false;
	}
	return true;
}

/* Split "PATH/NAME" at its last slash; without one there is no path. */
static struct str_cut cut_last(struct str s)
{
	size_t n = s.n;

	while (n && s.p[n - 1] != '/')
		n--;
	if (!n)
		return (struct str_cut){ .tail = s };
	return (struct str_cut){ { s.p, n - 1 }, str_skip(s, n), true };
}

/* "user/PATH/NAME" and "role/PATH/NAME". */
static bool read_iam(struct str resource, struct principal_arn *p)
{
	struct str_cut c = str_cut(resource, '/');
	struct str_cut path = cut_last(c.tail);

	if (str_eq(resource, STR("root"))) {
		p->type = PRINCIPAL_ACCOUNT;
		return true;
	}
	if (str_eq(c.head, STR("user")))
		p->type = PRINCIPAL_USER;
	else if (str_eq(c.head, STR("role")))
		p->type = PRINCIPAL_ASSUMED_ROLE;
	p->name = path.tail;
	return p->type != PRINCIPAL_ANONYMOUS && c.found && is_name(p->name) && is_path(path.head);
}

/* "assumed-role/ROLE/SESSION" and "federated-user/NAME". */
static bool read_sts(struct str resource, struct principal_arn *p)
{
	struct str_cut c = str_cut(resource, '/');

	if (str_eq(c.head, STR("federated-user"))) {
		p->type = PRINCIPAL_FEDERATED_USER;
		p->name = c.tail;
		p->session = c.tail;
		return is_name(p->name);
	}
	if (!str_eq(c.head, STR("assumed-role")))
		return false;
	p->type = PRINCIPAL_ASSUMED_ROLE;
	c = str_cut(c.tail, '/');
	p->name = c.head;
	p->session = c.tail;
	return is_name(p->name) && is_name(p->session);
}

static bool read_arn(struct str arn, struct principal_arn *p)
{
	struct str part[5];
	struct str_cut c = { .tail = arn };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(part); i++) {
		c = str_cut(c.tail, ':');
		if (!c.found)
			return false;
		part[i] = c.head;
	}
	p->partition = part[1];
	p->account = part[4];
	if (!str_eq(part[0], STR("arn")) || !str_starts(part[1], STR("aws")) || part[3].n ||
	    !is_account(part[4]))
		return false;
	if (str_eq(part[2], STR("iam")))
		return read_iam(c.tail, p);
	return str_eq(part[2], STR("sts")) && read_sts(c.tail, p);
}

/* Read @arn; the result borrows from it, and is all-zero when it is no principal's. */
struct principal_arn principal_parse_arn(struct str arn)
{
	struct principal_arn p = { 0 };

	if (!read_arn(arn, &p))
		return (struct principal_arn){ 0 };
	return p;
}

/* What aws:PrincipalType says, static. */
struct str principal_type_name(enum principal_type type)
{
	static const char *const names[] = {
		[PRINCIPAL_ANONYMOUS] = "Anonymous",
		[PRINCIPAL_ACCOUNT] = "Account",
		[PRINCIPAL_USER] = "User",
		[PRINCIPAL_FEDERATED_USER] = "FederatedUser",
		[PRINCIPAL_ASSUMED_ROLE] = "AssumedRole",
	};

	return str_of(names[type]);
}

/* The tag @key of @p, whose case does not count, or NULL. */
const struct principal_tag *principal_find_tag(const struct principal *p, struct str key)
{
	size_t i;

	for (i = 0; i < p->tag_count; i++) {
		if (str_eq_nocase(p->tags[i].key, key))
			return &p->tags[i];
	}
	return NULL;
}
