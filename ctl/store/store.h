/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where resources live. store_open_sqlite(), then one transaction a request: store_begin(), any
 * of the calls below, store_end(). A committed change is durable. What must be unique and what
 * may not be deleted follows from the data: names and numbers are unique among the records of one
 * kind under one parent, and a record that another one links to stays.
 */
#ifndef LATTICE_STORE_STORE_H
#define LATTICE_STORE_STORE_H

#include "base/arena.h"
#include "model/fault.h"

#include <stdint.h>

/* One resource. Strings are borrowed; those of a query's result live in its arena. */
struct record {
	struct record *next; /* in a query's result */
	struct str id;
	enum kind kind;
	struct str account;
	struct str parent;		 /* the record it dies with; empty: none */
	struct str name;		 /* empty: none */
	uint32_t number;		 /* VPC number, place in the address pool, port; 0: none */
	struct str body;		 /* a JSON object */
	uint64_t created_ms, updated_ms; /* wall clock */
};

/* Which records: those that meet every member that is not empty, in the order of their ids. */
struct store_query {
	enum kind kind;
	struct str id, account, parent, name;
	struct str links_to;	       /* records that link to this id */
	struct str tag_key, tag_value; /* both or none: records with this tag in their body */
	struct str type;	       /* records whose body has this type */
	struct str used_below;	       /* records that a descendant of this one links to */
	struct str after;	       /* paging: ids behind this one */
	size_t limit;		       /* 0: all */
};

enum store_action {
	STORE_INSERT, /* the record; its number from number_min to number_max, least recent first */
	STORE_UPDATE, /* the record's body, number and time */
	STORE_DELETE, /* id, with everything whose parent it is */
	STORE_LINK,   /* from id to target */
	STORE_UNLINK, /* every link from id */
};

struct store_change {
	enum store_action action;
	struct record *record;
	uint32_t number_min, number_max; /* 0: the record gets no number */
	struct str id, target;
};

/* What was asked with a client's token and answered, for a while. */
struct store_token {
	struct str account, operation, token;
	struct str request, answer; /* JSON */
	uint64_t created_ms;	    /* wall clock */
};

/* What a service did, as it is paid for. */
struct store_usage {
	struct store_usage *next; /* in a list */
	struct str service, account, name;
	uint64_t hours, requests, received_bytes, sent_bytes;
	uint64_t paid_requests; /* those beyond what is free in each hour */
};

/* Requests in each hour that cost nothing, for each service. */
enum { STORE_FREE_REQUESTS = 300000 };

/* Days since 1970, both included. */
struct store_days {
	uint32_t first, last;
};

struct store;

/* Kinds are below. */
enum { STORE_KINDS_MAX = 256 };

/* As in the tables. Of more events than these it is only known that there were some. */
enum { STORE_ID_BYTES_MAX = 64, STORE_EVENTS_MAX = 4096 };

struct store_ops {
	int (*begin)(struct store *s, bool writes, struct fault *fault);
	int (*end)(struct store *s, bool commit, struct fault *fault);
	int (*query)(struct store *s, const struct store_query *q, struct arena *a,
		     struct record **ret, struct fault *fault);
	int (*count)(struct store *s, const struct store_query *q, size_t *ret,
		     struct fault *fault);
	int (*change)(struct store *s, const struct store_change *c, struct fault *fault);
	int (*recall)(struct store *s, struct store_token *t, struct arena *a, struct fault *fault);
	int (*remember)(struct store *s, const struct store_token *t, uint64_t oldest_ms,
			struct fault *fault);
	void (*rest)(struct store *s);
	int (*add_usage)(struct store *s, const struct store_usage *u, uint64_t hour,
			 struct fault *fault);
	int (*forget_usage)(struct store *s, uint32_t oldest_day, size_t *rows,
			    struct fault *fault);
	int (*list_usage)(struct store *s, const struct store_days *days, struct arena *a,
			  struct store_usage **ret, struct fault *fault);
	void (*close)(struct store *s);
};

/*
 * The record at the root of something that was changed: itself, or what it dies with. A change
 * that was rolled back only looks like one.
 */
struct store_event {
	enum kind kind;
	char id[STORE_ID_BYTES_MAX + 1];
};

/* Embedded first in each implementation, all zero but for ops. */
struct store {
	const struct store_ops *ops;
	uint64_t changes[STORE_KINDS_MAX], deletions[STORE_KINDS_MAX]; /* of records of a kind */
	struct store_event *events; /* as it was last forgotten */
	size_t event_count;
	bool events_lost; /* there were too many */
};

int store_open_sqlite(const char *path, struct store **ret, struct fault *fault);
void store_close(struct store *s);

void store_rest(struct store *s);
int store_begin(struct store *s, bool writes, struct fault *fault);
int store_end(struct store *s, bool commit, struct fault *fault);
int store_list(struct store *s, const struct store_query *q, struct arena *a, struct record **ret,
	       struct fault *fault);
int store_count(struct store *s, const struct store_query *q, size_t *ret, struct fault *fault);
int store_change(struct store *s, const struct store_change *c, struct fault *fault);

bool store_events(const struct store *s, const struct store_event **ret, size_t *ret_count);
void store_forget_events(struct store *s);

/* Another number than before when any record of @kind may have changed. */
uint64_t store_version(const struct store *s, enum kind kind);

int store_recall(struct store *s, struct store_token *t, struct arena *a, struct fault *fault);
int store_remember(struct store *s, const struct store_token *t, uint64_t oldest_ms,
		   struct fault *fault);

int store_add_usage(struct store *s, const struct store_usage *u, uint64_t hour,
		    struct fault *fault);
int store_forget_usage(struct store *s, uint32_t oldest_day, size_t *rows, struct fault *fault);
int store_list_usage(struct store *s, const struct store_days *days, struct arena *a,
		     struct store_usage **ret, struct fault *fault);

int store_get(struct store *s, enum kind kind, struct str id, struct arena *a, struct record **ret,
	      struct fault *fault);
size_t record_count(const struct record *first);

#endif
