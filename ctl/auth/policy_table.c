/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table that is filled once and only read afterwards. Nobody but who writes the policy chooses
 * what is in it: chains stay as they were made.
 */
#include "auth/policy_table.h"

#include "base/hash.h"

/* Room for @count texts, empty, in @a. False: no memory. */
bool policy_table_init(struct policy_table *t, struct arena *a, size_t count)
{
	size_t size = 4;

	while (size < 2 * count)
		size *= 2;
	t->mask = size - 1;
	t->is_empty = true;
	t->slots = arena_new(a, struct policy_slot, size);
	return t->slots;
}

static struct policy_slot *find_slot(const struct policy_table *t, struct str text)
{
	size_t i = hash_str(text) & t->mask;

	while (t->slots[i].set && !str_eq(t->slots[i].text, text))
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

/* The set of @text, a new one of @words words when there is none; NULL: no memory. */
uint64_t *policy_table_set(struct policy_table *t, struct arena *a, size_t words, struct str text)
{
	struct policy_slot *s = find_slot(t, text);

	if (!s->set) {
		s->text = text;
		s->set = arena_new(a, uint64_t, words);
		t->is_empty = false;
	}
	return s->set;
}

/* Add the statements that have @text to those of @into, a set of @words words. */
void policy_table_join(const struct policy_table *t, struct str text, uint64_t *into, size_t words)
{
	const uint64_t *set = t->is_empty ? NULL : find_slot(t, text)->set;
	size_t i;

	for (i = 0; set && i < words; i++)
		into[i] |= set[i];
}
