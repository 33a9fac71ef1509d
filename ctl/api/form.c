/* SPDX-License-Identifier: Apache-2.0 */
/* Names and other texts as AWS's model restricts them. */
#include "api/form.h"

#include "base/json.h"
#include "model/snapshot.h"

/* Authorisation is not enforced yet, so it cannot be asked for: that would be an open door. */
const char *const form_auth_types[] = { "NONE", "AWS_IAM", NULL };

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter_or_digit(char c)
{
	return is_lower_or_digit((char)(c | 0x20)) || (c >= '0' && c <= '9');
}

/* [a-z0-9-]+ without a hyphen first, last or next to another. */
static bool is_name(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (is_lower_or_digit(s.p[i]))
			continue;
		if (s.p[i] != '-' || i == 0 || i == s.n - 1 || s.p[i - 1] == '-')
			return false;
	}
	return s.n > 0;
}

bool form_is_service_network_name(struct str s)
{
	return is_name(s);
}

bool form_is_service_name(struct str s)
{
	return is_name(s) && !str_starts(s, STR("svc-"));
}

bool form_is_listener_name(struct str s)
{
	return is_name(s) && !str_starts(s, STR("listener-"));
}

bool form_is_rule_name(struct str s)
{
	return is_name(s) && !str_starts(s, STR("rule-"));
}

bool form_is_target_group_name(struct str s)
{
	return is_name(s) && !str_starts(s, STR("tg-"));
}

static bool is_plain_word(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_letter_or_digit(s.p[i]) && !memchr("._-", s.p[i], 3))
			return false;
	return s.n && is_letter_or_digit(s.p[0]);
}

/* A VPC may be called like its namespace; not like an id, by which it can be named too. */
bool form_is_vpc_name(struct str s)
{
	return is_plain_word(s) && !str_starts(s, STR("vpc-"));
}

bool form_is_instance_name(struct str s)
{
	return is_plain_word(s) && !str_starts(s, STR("i-"));
}

/* Nearly what EC2 takes; not like an id. */
bool form_is_security_group_name(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.n && s.p[0] != ' ' && s.p[s.n - 1] != ' ' && !str_starts(s, STR("sg-"));
}

/* An absolute path without "." and "..", or a name under /run/netns. */
bool form_is_netns(struct str s)
{
	struct str_cut c = { .tail = s, .found = true };

	if (!s.n || s.n > SNAPSHOT_NETNS_BYTES_MAX || memchr(s.p, '\n', s.n))
		return false;
	if (s.p[0] != '/' && memchr(s.p, '/', s.n))
		return false;
	while (c.found) {
		c = str_cut(c.tail, '/');
		if (str_eq(c.head, STR(".")) || str_eq(c.head, STR("..")))
			return false;
	}
	return true;
}

bool form_is_client_token(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] >= '!' && s.p[i] <= '~')
			return true;
	return false;
}

/* Labels of letters, digits and inner hyphens, joined by dots. */
bool form_is_domain_name(struct str s)
{
	struct str_cut c = { .tail = s, .found = true };
	size_t i;

	while (c.found) {
		c = str_cut(c.tail, '.');
		if (!c.head.n || c.head.n > 63 || c.head.p[0] == '-' ||
		    c.head.p[c.head.n - 1] == '-')
			return false;
		for (i = 0; i < c.head.n; i++)
			if (!is_letter_or_digit(c.head.p[i]) && c.head.p[i] != '-')
				return false;
	}
	return true;
}

/* What @body says of authType; NONE unless told. */
struct str form_auth_type(const struct cJSON *body)
{
	struct str given = json_get_str(body, "authType");

	return given.n ? given : STR("NONE");
}
