/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where access log lines go: what a destination's ARN stands for, and the subscriptions of the
 * data path, by the resource whose requests they want.
 */
#ifndef LATTICE_MODEL_LOG_PLACE_H
#define LATTICE_MODEL_LOG_PLACE_H

#include "base/arena.h"
#include "io/sock.h"

/* The longest name of a log file, with its end; rotation adds ".NN" to it. */
enum { LOG_FILE_NAME_MAX = 240 };

/* Subscriptions are told apart by a number of 16 bits. */
enum { LOG_NUMBER_MAX = 65535 };

/* The kinds of destinations; a resource may have one subscription to each. */
enum log_type {
	LOG_TYPE_NONE,
	LOG_TYPE_CLOUDWATCH,
	LOG_TYPE_S3,
	LOG_TYPE_FIREHOSE,
	LOG_TYPE_FILE,
	LOG_TYPE_SYSLOG,
	LOG_TYPE_HTTP,
	LOG_TYPES,
};

/* How lines leave; AWS's types leave as files. */
enum log_way { LOG_WAY_FILE, LOG_WAY_SYSLOG, LOG_WAY_HTTP };

/* http(s)://HOST[:PORT]/PATH; strings are borrowed from the text. */
struct log_url {
	bool is_tls;
	struct sock_addr addr; /* family AF_UNSPEC: only a port, the host is a name */
	struct str name;       /* the host alone */
	struct str authority, path;
	struct str ca; /* whom to trust, in PEM; empty: whom the system trusts */
};

/* Where lines go. Two places of equal way and name are the same, by http those of equal id. */
struct log_place {
	enum log_way way;
	struct str name;       /* of the file; path of the socket; the URL */
	uint64_t rotate_bytes; /* file: begin another at this size; 0: never */
	unsigned keep;	       /* file: how many old ones stay */
	uint64_t spool_bytes;  /* http: what may wait */
	struct str ca;	       /* https: whom to trust; empty: as the system */
	struct str id;	       /* http: names its spool */
};

/* One subscription; sorted by resource and number. */
struct log_subscription {
	struct str resource_id;
	uint16_t number; /* unlike any other's, and stable */
	struct log_place place;
};

struct log_subscriptions {
	struct log_subscription *at;
	size_t count;
};

enum log_type log_arn_parse(struct str arn, char file[LOG_FILE_NAME_MAX + 1]);
const char *log_type_word(enum log_type type);
bool log_file_name_is_valid(struct str name);
int log_url_parse(struct str text, struct log_url *ret) __attribute__((warn_unused_result));

const struct log_subscription *log_subscriptions_find(const struct log_subscriptions *s,
						      struct str resource_id, size_t *ret_count);
int log_subscription_cmp(const void *a, const void *b);

#endif
