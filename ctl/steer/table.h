/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One namespace's steering table as the plane sends it: table_begin(), table_add() and
 * table_add_rules() until all that was announced is there, table_is_whole(); then table_sort(), and
 * table_change() when it only changes the one before. All-zero is an empty table.
 */
#ifndef LATTICE_STEER_TABLE_H
#define LATTICE_STEER_TABLE_H

#include "steer/link.h"

#include <stdbool.h>

struct table {
	uint64_t generation;
	uint64_t base;	/* not 0: this changes the table of that generation */
	uint32_t count; /* announced */
	uint32_t filled;
	bool is_open;
	struct link_binding *bindings;

	bool has_filter; /* without it every client is admitted, without rules none */
	uint32_t rule_count, rules_filled;
	struct ingress *rules;
};

int table_begin(struct table *t, const struct link_msg *m);
int table_add(struct table *t, const struct link_binding *bindings, uint32_t count);
int table_add_rules(struct table *t, const struct ingress *rules, uint32_t count);
bool table_is_whole(const struct table *t, uint64_t generation);
void table_sort(struct table *t);
int table_change(struct table *change, const struct table *old, struct table *ret);
void table_move(struct table *to, struct table *from);
void table_fini(struct table *t);

#endif
