/* SPDX-License-Identifier: Apache-2.0 */
/* Making, checking and reading ids and ARNs. */
#include "model/id.h"

#include "base/rand.h"

#include <stdio.h>

enum { UUID_BYTES = 36 };

/* A random UUID (RFC 9562 version 4): what the ids of certificates are. */
static void write_uuid(char text[UUID_BYTES + 1])
{
	static const size_t dashes[] = { 8, 13, 18, 23 };
	size_t i;

	rand_hex(text, UUID_BYTES);
	for (i = 0; i < sizeof(dashes) / sizeof(dashes[0]); i++)
		text[dashes[i]] = '-';
	text[14] = '4';
	text[19] = '8';
	text[UUID_BYTES] = '\0';
}

/* A fresh random id of @kind in @text, terminated. */
struct str id_new(enum kind kind, char text[ID_BYTES_MAX])
{
	int n;

	if (kind == KIND_CERTIFICATE) {
		write_uuid(text);
		return str_of(text);
	}
	n = snprintf(text, ID_BYTES_MAX - ID_RANDOM_DIGITS, "%s", kind_names(kind)->prefix);

	rand_hex(text + n, ID_RANDOM_DIGITS);
	text[n + ID_RANDOM_DIGITS] = '\0';
	return str_of(text);
}

/* Is @s made of @n or more characters from 0-9 and a-z only? */
static bool is_word(struct str s, size_t n)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'z'))
			return false;
	return s.n == n;
}

static bool is_uuid(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? s.p[i] != '-' : !memchr("0123456789abcdef", s.p[i], 16))
			return false;
	}
	return s.n == UUID_BYTES;
}

/* What AWS leaves to EC2: ARNs are of that service, and ids may have 8 characters too. */
static bool is_of_ec2(enum kind kind)
{
	return kind == KIND_VPC || kind == KIND_SECURITY_GROUP || kind == KIND_INSTANCE;
}

/* The AWS service in the ARNs of @kind. */
static const char *service_of(enum kind kind)
{
	if (kind == KIND_CERTIFICATE)
		return "acm";
	return is_of_ec2(kind) ? "ec2" : "vpc-lattice";
}

/* Does @id have the form of an id of @kind? */
bool id_is_valid(enum kind kind, struct str id)
{
	struct str prefix = str_of(kind_names(kind)->prefix);
	struct str rest = str_skip(id, prefix.n);

	if (kind == KIND_CERTIFICATE)
		return is_uuid(id);
	if (!prefix.n || !str_starts(id, prefix))
		return false;
	return is_word(rest, ID_RANDOM_DIGITS) || (is_of_ec2(kind) && is_word(rest, 8));
}

/* Twelve digits? */
bool id_is_account(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == ACCOUNT_DIGITS;
}

/* The last segment of an ARN's path, after the last slash. */
static struct str last_segment(struct str s)
{
	struct str_cut c = str_cut(s, '/');

	while (c.found)
		c = str_cut(c.tail, '/');
	return c.head;
}

/* Read "arn:PARTITION:vpc-lattice:REGION:ACCOUNT:TAIL" as far as it concerns the id. */
static bool parse_arn(enum kind kind, struct str arn, struct str *ret)
{
	bool in_service = kind == KIND_LISTENER || kind == KIND_RULE;
	struct str head = str_of(in_service ? "service" : kind_names(kind)->tail);
	struct str part[5];
	struct str_cut c = { .tail = arn };
	size_t i;

	for (i = 0; i < 5; i++) {
		c = str_cut(c.tail, ':');
		if (!c.found || !c.head.n)
			return false;
		part[i] = c.head;
	}
	if (!str_eq(part[0], STR("arn")) || !id_is_account(part[4]) ||
	    !str_eq(part[2], str_of(service_of(kind))))
		return false;
	c = str_cut(c.tail, '/');
	if (!c.found || !str_eq(c.head, head) || !id_is_valid(kind, last_segment(c.tail)))
		return false;
	*ret = last_segment(c.tail);
	return true;
}

/* The id in @identifier, an id or an ARN of @kind; borrowed from it. False: it is neither. */
bool id_parse(enum kind kind, struct str identifier, struct str *ret)
{
	if (str_starts(identifier, STR("arn:")))
		return parse_arn(kind, identifier, ret);
	if (!id_is_valid(kind, identifier))
		return false;
	*ret = identifier;
	return true;
}

/* The text of @arn in the arena; p is NULL when that is spent. */
struct str arn_write(struct arena *a, const struct arn *arn)
{
	const char *of = service_of(arn->kind);
	const char *tail = kind_names(arn->kind)->tail;

	if (arn->parent.n)
		return arena_printf(
			a, "arn:aws:%s:" STR_FMT ":" STR_FMT ":service/" STR_FMT "/%s/" STR_FMT, of,
			STR_ARG(arn->region), STR_ARG(arn->account), STR_ARG(arn->parent), tail,
			STR_ARG(arn->id));
	return arena_printf(a, "arn:aws:%s:" STR_FMT ":" STR_FMT ":%s/" STR_FMT, of,
			    STR_ARG(arn->region), STR_ARG(arn->account), tail, STR_ARG(arn->id));
}

/* The account in "arn:aws:vpc-lattice:REGION:ACCOUNT:...". */
struct str arn_account(struct str arn)
{
	struct str_cut c = { .tail = arn, .found = true };
	int i;

	for (i = 0; i < 5 && c.found; i++)
		c = str_cut(c.tail, ':');
	return c.head;
}
