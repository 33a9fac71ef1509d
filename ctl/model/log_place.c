/* SPDX-License-Identifier: Apache-2.0 */
/* Reading destinations: AWS's ARNs become names of files, in a form that never collides. */
#include "model/log_place.h"

#include "base/array.h"
#include "model/endpoint.h"

#include <errno.h>
#include <stdio.h>

enum { URL_BYTES_MAX = 1024 };

/* How an ARN of each of AWS's types goes on behind its account, and how its file begins. */
static const struct {
	enum log_type type;
	struct str service, tail, prefix;
} aws_types[] = {
	{ LOG_TYPE_CLOUDWATCH, { "logs", 4 }, { "log-group:", 10 }, { "cloudwatch-", 11 } },
	{ LOG_TYPE_S3, { "s3", 2 }, { "", 0 }, { "s3-", 3 } },
	{ LOG_TYPE_FIREHOSE, { "firehose", 8 }, { "deliverystream/", 15 }, { "firehose-", 9 } },
};

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

/* @prefix, @name with every byte that is not plain as %XX, and ".log". False: it is too long. */
static bool write_file_name(struct str prefix, struct str name, char to[LOG_FILE_NAME_MAX + 1])
{
	static const char hex[] = "0123456789ABCDEF";
	static const char end[] = ".log";
	size_t n = prefix.n, i;

	memcpy(to, prefix.p, prefix.n);
	for (i = 0; i < name.n && n + 3 + sizeof(end) <= LOG_FILE_NAME_MAX; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (is_plain(name.p[i])) {
			to[n++] = name.p[i];
			continue;
		}
		to[n++] = '%';
		to[n++] = hex[c >> 4];
		to[n++] = hex[c & 15];
	}
	memcpy(to + n, end, sizeof(end));
	return i == name.n;
}

/*
 * The type of AWS's destination @arn, and in @file, terminated, the file that stands for it:
 *   arn:P:logs:R:A:log-group:NAME[:*]        cloudwatch-NAME.log
 *   arn:P:s3:::BUCKET[/PREFIX]               s3-BUCKET.log, s3-BUCKET%2FPREFIX.log
 *   arn:P:firehose:R:A:deliverystream/NAME   firehose-NAME.log
 * LOG_TYPE_NONE: it is none of these, or too long for a file.
 */
enum log_type log_arn_parse(struct str arn, char file[LOG_FILE_NAME_MAX + 1])
{
	struct str_cut c = { .tail = arn };
	struct str part[5], name;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(part); i++) {
		c = str_cut(c.tail, ':');
		if (!c.found)
			return LOG_TYPE_NONE;
		part[i] = c.head;
	}
	if (!str_eq(part[0], STR("arn")) || !part[1].n)
		return LOG_TYPE_NONE;
	for (i = 0; i < ARRAY_SIZE(aws_types); i++)
		if (str_eq(part[2], aws_types[i].service) && str_starts(c.tail, aws_types[i].tail))
			break;
	if (i == ARRAY_SIZE(aws_types))
		return LOG_TYPE_NONE;
	name = str_skip(c.tail, aws_types[i].tail.n);
	if (aws_types[i].type == LOG_TYPE_CLOUDWATCH && str_ends(name, STR(":*")))
		name.n -= 2;
	if (!name.n || !write_file_name(aws_types[i].prefix, name, file))
		return LOG_TYPE_NONE;
	return aws_types[i].type;
}

/* How a type is called in the API. */
const char *log_type_word(enum log_type type)
{
	static const char *const words[LOG_TYPES] = {
		[LOG_TYPE_NONE] = "none", [LOG_TYPE_CLOUDWATCH] = "CLOUDWATCH_LOGS",
		[LOG_TYPE_S3] = "S3",	  [LOG_TYPE_FIREHOSE] = "FIREHOSE",
		[LOG_TYPE_FILE] = "FILE", [LOG_TYPE_SYSLOG] = "SYSLOG",
		[LOG_TYPE_HTTP] = "HTTP",
	};

	return words[type];
}

/* A plain name within the log directory: no slash, nothing hidden. */
bool log_file_name_is_valid(struct str name)
{
	size_t i;

	if (!name.n || name.n > LOG_FILE_NAME_MAX || name.p[0] == '.')
		return false;
	for (i = 0; i < name.n; i++)
		if (!is_plain(name.p[i]) && name.p[i] != '%')
			return false;
	return true;
}

/* 0 or -EINVAL. A name in the URL is not looked up here. */
int log_url_parse(struct str text, struct log_url *ret)
{
	struct endpoint e;

	if (text.n > URL_BYTES_MAX || endpoint_parse_url(text, &e))
		return -EINVAL;
	*ret = (struct log_url){
		.is_tls = e.is_tls,
		.addr = e.addr,
		.name = e.name,
		.authority = e.host,
		.path = e.path.n ? e.path : STR("/"),
	};
	return 0;
}

int log_subscription_cmp(const void *a, const void *b)
{
	const struct log_subscription *x = a, *y = b;
	int order = str_cmp(x->resource_id, y->resource_id);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* The first of the *@ret_count subscriptions to @resource_id; NULL for none. */
const struct log_subscription *log_subscriptions_find(const struct log_subscriptions *s,
						      struct str resource_id, size_t *ret_count)
{
	size_t low = 0, high = resource_id.n ? s->count : 0, n = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (str_cmp(s->at[mid].resource_id, resource_id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	while (resource_id.n && low + n < s->count &&
	       str_eq(s->at[low + n].resource_id, resource_id))
		n++;
	*ret_count = n;
	return n ? &s->at[low] : NULL;
}
