/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of statements, a bit each, that are cut with one another: those with the action, those that
 * name the principal (looked up by ARN and account), those whose StringEquals on a key has the
 * request's value or that have none on it. When more than a few are left, their resources are
 * asked too: every pattern has been given the four bytes of its literal text that are rarest among
 * all patterns, and one pass over the request's resource finds whose four bytes occur in it.
 */
#include "auth/policy_index.h"

#include "auth/policy_table.h"

#include <stdlib.h>

enum {
	INDEX_KEYS_MAX = 8, /* keys of conditions with a table of their own */

	/* So few statements are looked at sooner than their resources are sieved. */
	SIEVE_ABOVE = 6,

	GRAM_BYTES = 4,
	FILTER_BITS = 12, /* of the hash: 512 statements set one bit in eight */
	FILTER_WORDS = (1 << FILTER_BITS) / 64,
};

/* The conditions StringEquals on one key. */
struct key_index {
	uint16_t key;
	uint64_t *others; /* statements that have none */
	struct policy_table values;
};

struct gram_slot {
	uint32_t gram;
	uint64_t *set; /* NULL: empty */
};

struct policy_index {
	size_t words;
	uint64_t *denies;
	uint64_t *actions[AUTH_ACTIONS];
	uint64_t *anyone; /* statements whose principal needs no look-up */
	struct policy_table principals;
	struct key_index keys[INDEX_KEYS_MAX];
	size_t key_count;

	uint64_t *any_resource; /* statements that have no four bytes to go by */
	uint64_t filter[FILTER_WORDS];
	struct gram_slot *grams;
	size_t gram_mask;
};

/* An index being built. */
struct build {
	struct arena *arena;
	struct policy *policy;
	struct policy_index *index;
	uint32_t *all; /* the four-byte pieces of all patterns, sorted */
	size_t all_count;
};

static void set_bit(uint64_t *set, size_t i)
{
	set[i / 64] |= UINT64_C(1) << i % 64;
}

static uint64_t *new_set(struct build *b)
{
	return arena_new(b->arena, uint64_t, b->index->words);
}

/* Statement @i has @text. */
static bool add_text(struct build *b, struct policy_table *t, struct str text, size_t i)
{
	uint64_t *set = policy_table_set(t, b->arena, b->index->words, text);

	if (set)
		set_bit(set, i);
	return set;
}

/* Principals and actions */

static bool add_principals(struct build *b, size_t i)
{
	const struct policy_statement *s = &b->policy->statements[i];
	size_t k;

	if (b->policy->kind == POLICY_IDENTITY || s->not_principal || s->principals.is_everyone) {
		set_bit(b->index->anyone, i);
		return true;
	}
	for (k = 0; k < s->principals.name_count; k++)
		if (!add_text(b, &b->index->principals, s->principals.names[k], i))
			return false;
	return true;
}

static bool index_statements(struct build *b)
{
	const struct policy *p = b->policy;
	struct policy_index *x = b->index;
	size_t i, a, names = 0;

	for (i = 0; i < p->statement_count; i++)
		names += p->statements[i].principals.name_count;
	x->denies = new_set(b);
	x->anyone = new_set(b);
	for (a = 0; a < AUTH_ACTIONS; a++)
		x->actions[a] = new_set(b);
	if (!x->denies || !x->anyone || !x->actions[AUTH_INVOKE] || !x->actions[AUTH_CONNECT] ||
	    !x->actions[AUTH_CALL] || !policy_table_init(&x->principals, b->arena, names))
		return false;
	for (i = 0; i < p->statement_count; i++) {
		if (p->statements[i].is_deny)
			set_bit(x->denies, i);
		for (a = 0; a < AUTH_ACTIONS; a++)
			if (p->statements[i].actions & 1U << a)
				set_bit(x->actions[a], i);
		if (!add_principals(b, i))
			return false;
	}
	return true;
}

/* Conditions */

/* A condition that a table can answer: equal to one of some plain texts. */
static bool is_lookup(const struct condition *c)
{
	size_t i;

	if (c->op->test != CONDITION_STRING || c->op->is_negated || c->if_exists ||
	    c->set == CONDITION_ALL)
		return false;
	for (i = 0; i < c->value_count; i++)
		if (c->values[i].glob.kind != GLOB_EXACT)
			return false;
	return true;
}

/* The first condition of @s on @key that a table can answer, or NULL. */
static struct condition *find_lookup(const struct policy_statement *s, size_t key)
{
	size_t i;

	for (i = 0; i < s->condition_count; i++)
		if (s->conditions[i].key == key && is_lookup(&s->conditions[i]))
			return &s->conditions[i];
	return NULL;
}

/* How many values statements compare @key with, and in how many statements. */
static size_t count_lookups(const struct policy *p, size_t key, size_t *ret_statements)
{
	size_t i, values = 0;

	*ret_statements = 0;
	for (i = 0; i < p->statement_count; i++) {
		const struct condition *c = find_lookup(&p->statements[i], key);

		if (!c)
			continue;
		values += c->value_count;
		++*ret_statements;
	}
	return values;
}

static bool index_key(struct build *b, size_t key, size_t values)
{
	struct key_index *k = &b->index->keys[b->index->key_count++];
	const struct policy *p = b->policy;
	size_t i, v;

	k->key = (uint16_t)key;
	k->others = new_set(b);
	if (!k->others || !policy_table_init(&k->values, b->arena, values))
		return false;
	for (i = 0; i < p->statement_count; i++) {
		struct condition *c = find_lookup(&p->statements[i], key);

		if (!c) {
			set_bit(k->others, i);
			continue;
		}
		c->is_indexed = true;
		for (v = 0; v < c->value_count; v++)
			if (!add_text(b, &k->values, c->values[v].glob.text, i))
				return false;
	}
	return true;
}

/* Keys that a single statement compares are looked at there. */
static bool index_conditions(struct build *b)
{
	size_t key, statements, values;

	for (key = 0; key < b->policy->keys.count; key++) {
		values = count_lookups(b->policy, key, &statements);
		if (statements > 1 && b->index->key_count < INDEX_KEYS_MAX &&
		    !index_key(b, key, values))
			return false;
	}
	return true;
}

/* Resources */

static uint32_t gram_at(const char *p)
{
	uint32_t g;

	memcpy(&g, p, GRAM_BYTES);
	return g;
}

static uint32_t gram_hash(uint32_t g)
{
	return g * UINT32_C(0x9e3779b1) >> (32 - FILTER_BITS);
}

/* What is literal in @r and must stand somewhere in a resource that it covers. */
static struct str literal_of(const struct policy_resource *r)
{
	const struct glob *g = r->is_arn ? &r->parts[5] : &r->whole;

	return g->kind == GLOB_VARIABLES ? (struct str){ 0 } : g->text;
}

static bool is_literal(const char *p)
{
	int i;

	for (i = 0; i < GRAM_BYTES; i++)
		if (p[i] == GLOB_BYTE_RUN || p[i] == GLOB_BYTE_ONE)
			return false;
	return true;
}

static int cmp_gram(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* How often @gram occurs in all patterns. */
static size_t count_gram(const struct build *b, uint32_t gram)
{
	size_t low = 0, high = b->all_count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->all[middle] < gram)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < b->all_count && b->all[end] == gram; end++)
		;
	return end - low;
}

/* The rarest four bytes of @text; false: there are none. */
static bool choose_gram(const struct build *b, struct str text, uint32_t *ret)
{
	size_t i, count, least = SIZE_MAX;

	for (i = 0; i + GRAM_BYTES <= text.n; i++) {
		if (!is_literal(&text.p[i]))
			continue;
		count = count_gram(b, gram_at(&text.p[i]));
		/* Of equals the last: patterns begin alike more often than they end alike. */
		if (count <= least) {
			least = count;
			*ret = gram_at(&text.p[i]);
		}
	}
	return least != SIZE_MAX;
}

static bool add_gram(struct build *b, uint32_t gram, size_t statement)
{
	struct policy_index *x = b->index;
	uint32_t h = gram_hash(gram);
	size_t i = h & x->gram_mask;

	while (x->grams[i].set && x->grams[i].gram != gram)
		i = (i + 1) & x->gram_mask;
	x->grams[i].gram = gram;
	if (!x->grams[i].set)
		x->grams[i].set = new_set(b);
	if (!x->grams[i].set)
		return false;
	set_bit(x->grams[i].set, statement);
	x->filter[h / 64] |= UINT64_C(1) << h % 64;
	return true;
}

static bool index_resources_of(struct build *b, size_t i)
{
	const struct policy_statement *s = &b->policy->statements[i];
	uint32_t gram = 0;
	size_t k;

	for (k = 0; k < s->resource_count; k++) {
		if (s->not_resource || !choose_gram(b, literal_of(&s->resources[k]), &gram))
			set_bit(b->index->any_resource, i);
		else if (!add_gram(b, gram, i))
			return false;
	}
	return true;
}

/* Gather the four-byte pieces of all patterns, so that rare ones can be told. */
static void gather_grams(struct build *b)
{
	const struct policy *p = b->policy;
	size_t i, k, n;

	for (i = 0; i < p->statement_count; i++)
		for (k = 0; k < p->statements[i].resource_count; k++) {
			struct str text = literal_of(&p->statements[i].resources[k]);

			for (n = 0; n + GRAM_BYTES <= text.n; n++)
				if (is_literal(&text.p[n]))
					b->all[b->all_count++] = gram_at(&text.p[n]);
		}
	qsort(b->all, b->all_count, sizeof(*b->all), cmp_gram);
}

static bool index_resources(struct build *b)
{
	const struct policy *p = b->policy;
	size_t i, resources = 0, size = 4;
	bool ok = true;

	for (i = 0; i < p->statement_count; i++)
		resources += p->statements[i].resource_count;
	while (size < 2 * resources)
		size *= 2;
	b->index->gram_mask = size - 1;
	b->index->grams = arena_new(b->arena, struct gram_slot, size);
	b->index->any_resource = new_set(b);
	/* No pattern is longer than the document that it stands in. */
	b->all = malloc((p->text.n + 1) * sizeof(*b->all));
	if (!b->index->grams || !b->index->any_resource || !b->all) {
		free(b->all);
		return false;
	}
	gather_grams(b);
	for (i = 0; ok && i < p->statement_count; i++)
		ok = index_resources_of(b, i);
	free(b->all);
	return ok;
}

/* Index the statements of @p, in @a; NULL when memory is spent. */
const struct policy_index *policy_index_new(struct arena *a, struct policy *p)
{
	struct build b = { .arena = a, .policy = p };

	b.index = arena_new(a, struct policy_index, 1);
	if (!b.index)
		return NULL;
	b.index->words = (p->statement_count + 63) / 64;
	if (!index_statements(&b) || !index_conditions(&b) || !index_resources(&b))
		return NULL;
	return b.index;
}

/* The statements whose effect is Deny. */
const uint64_t *policy_index_denies(const struct policy_index *x)
{
	return x->denies;
}

static void cut(uint64_t *set, const uint64_t *with, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++)
		set[i] &= with[i];
}

static void by_principal(const struct policy_index *x, const struct principal *p, uint64_t *set)
{
	uint64_t named[POLICY_WORDS_MAX];

	memcpy(named, x->anyone, x->words * sizeof(*named));
	if (p->type != PRINCIPAL_ANONYMOUS) {
		policy_table_join(&x->principals, p->account, named, x->words);
		policy_table_join(&x->principals, p->iam_arn, named, x->words);
		if (!str_eq(p->arn, p->iam_arn))
			policy_table_join(&x->principals, p->arn, named, x->words);
	}
	cut(set, named, x->words);
}

static void by_key(const struct policy_index *x, const struct key_index *k, struct context *c,
		   uint64_t *set)
{
	const struct context_values *v = context_get(c, k->key);
	uint64_t met[POLICY_WORDS_MAX];
	size_t i;

	memcpy(met, k->others, x->words * sizeof(*met));
	for (i = 0; i < v->count; i++)
		policy_table_join(&k->values, context_value(v, i), met, x->words);
	cut(set, met, x->words);
}

static void join_gram(const struct policy_index *x, uint32_t gram, uint64_t *into)
{
	size_t i = gram_hash(gram) & x->gram_mask, w;

	while (x->grams[i].set && x->grams[i].gram != gram)
		i = (i + 1) & x->gram_mask;
	for (w = 0; x->grams[i].set && w < x->words; w++)
		into[w] |= x->grams[i].set[w];
}

static void by_resource(const struct policy_index *x, struct str resource, uint64_t *set)
{
	uint64_t met[POLICY_WORDS_MAX];
	size_t i;

	memcpy(met, x->any_resource, x->words * sizeof(*met));
	for (i = 0; i + GRAM_BYTES <= resource.n; i++) {
		uint32_t gram = gram_at(&resource.p[i]), h = gram_hash(gram);

		if (x->filter[h / 64] >> h % 64 & 1)
			join_gram(x, gram, met);
	}
	cut(set, met, x->words);
}

static size_t count_bits(const uint64_t *set, size_t words)
{
	size_t i, n = 0;

	for (i = 0; i < words; i++)
		n += (size_t)__builtin_popcountll(set[i]);
	return n;
}

/* Put the statements that may match in @set, as far as the policy has statements. */
void policy_index_find(const struct policy *p, struct context *c, uint64_t set[POLICY_WORDS_MAX])
{
	const struct policy_index *x = p->index;
	size_t i;

	memcpy(set, x->actions[c->request->action], x->words * sizeof(*set));
	by_principal(x, c->request->principal, set);
	for (i = 0; i < x->key_count; i++)
		by_key(x, &x->keys[i], c, set);
	if (count_bits(set, x->words) > SIEVE_ABOVE)
		by_resource(x, c->request->resource, set);
}
