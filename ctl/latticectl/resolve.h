/* SPDX-License-Identifier: Apache-2.0 */
/* A resource as people name it (name, id or ARN) to what the API takes, and what all kinds share.
 */
#ifndef LATTICE_LATTICECTL_RESOLVE_H
#define LATTICE_LATTICECTL_RESOLVE_H

#include "latticectl/session.h"

/* Longest identifier of the API: an ARN. */
enum { IDENTIFIER_MAX = 2048 };

struct kind {
	const char *what;   /* in messages */
	const char *prefix; /* of its ids */
	const char *label;  /* member that holds its identifier */
	const char *list, *get, *remove;
	const char *columns;
	const char *noun; /* in paths like service/cart; NULL: it has none */
};

extern const struct kind kind_vpc, kind_network, kind_service, kind_target_group, kind_listener,
	kind_rule, kind_security_group, kind_instance, kind_log_destination, kind_function;

/*
 * Add the identifier of @text to @members as @label (NULL: the kind's own). @scope, which may be
 * NULL, holds members the List operation needs.
 */
enum exit_status resolve_into(struct session *s, const struct kind *k, const char *text,
			      const struct cJSON *scope, const char *label, struct cJSON *members);

/* The kind that "NOUN/NAME" is of, or NULL; *@ret_name points behind the slash. */
const struct kind *kind_of_path(const char *path, const char **ret_name);
/* Refuse @path, of which that could not be told, with what was perhaps meant. */
enum exit_status kind_of_path_refuse(const struct args *a, const char *path);
/* The kinds that have a noun, by their place; NULL behind the last. */
const struct kind *kind_with_noun(size_t at);

/* Both a service and a listener of it. */
enum exit_status resolve_listener(struct session *s, const char *service, const char *listener,
				  struct cJSON *members);

/* Add the ARN that @text, an ARN or NOUN/NAME, is or leads to, to @members as @label. */
enum exit_status resolve_arn(struct session *s, const struct args *a, const char *text,
			     const char *label, struct cJSON *members);

enum exit_status kind_show(struct session *s, const struct kind *k, const char *text);
/* Those of one VPC, or of all for NULL. */
enum exit_status kind_list_in_vpc(struct session *s, const struct kind *k, const char *vpc);
enum exit_status kind_remove(struct session *s, const struct kind *k, const char *text);

#endif
