/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules as bits. A rule has up to seven conditions, each in a slot: its method, its path, and one
 * for each header. For each slot there is a set of rules, a bit each in order of priority: those
 * which ask for nothing there, to which each part of the request adds those which it satisfies.
 * The rule is the first bit that is in all sets.
 *
 * Texts are found by hash. A prefix is looked for at each length that some rule has, a contained
 * text by a hash that rolls along the value, once for each such length.
 */
#include "model/route.h"

#include "base/array.h"
#include "base/buf.h"

enum {
	SLOT_METHOD,
	SLOT_PATH,
	SLOT_HEADERS,
	SLOT_COUNT = SLOT_HEADERS + ROUTE_HEADERS_MAX,

	WORDS_MAX = ROUTE_RULES_MAX / 64,
	LENGTH_WORDS = (ROUTE_TEXT_BYTES_MAX + 1) / 64,
	KIND_COUNT = SNAP_MATCH_CONTAINS + 1,
	FIELD_BUCKETS = 64,
	JOINED_BYTES_MAX = 128 * 1024, /* more than a head may have */
};

#define HASH_STEP UINT64_C(0x100000001b3)
#define HASH_MIX  UINT64_C(0x9e3779b97f4a7c15)

/* A text that rules compare with, and for each slot the rules that do. */
struct text {
	struct text *next;
	uint64_t hash;
	struct str value;
	uint64_t *rules[SLOT_COUNT];
};

/* Texts of one kind of comparison; with folded case or as they are. */
struct texts {
	struct text **buckets;
	unsigned shift; /* 64 less the logarithm of the number of buckets */
	bool folded;
	uint64_t lengths[LENGTH_WORDS]; /* a bit for each length that a text has */
};

/* A part of the request: its method, its path, or the header @name. */
struct field {
	struct field *next;
	struct str name;
	size_t condition_count;
	bool is_asked;			   /* some rule has a condition on it */
	struct texts texts[KIND_COUNT][2]; /* by kind; then as they are, and folded */
};

struct route_table {
	const struct snap_rule *rules;
	size_t rule_count, word_count;
	size_t slot_count;	       /* slots that some rule uses are below it */
	uint64_t *unasked[SLOT_COUNT]; /* the rules that ask for nothing in a slot */
	struct field method, path;
	struct field *headers[FIELD_BUCKETS];
};

/* What has been met so far. */
struct answer {
	const struct route_table *table;
	uint64_t met[SLOT_COUNT][WORDS_MAX];
};

static uint64_t hash_add(uint64_t hash, char c, bool folded)
{
	unsigned char u = (unsigned char)c;

	return hash * HASH_STEP + (folded ? str_fold(c) : u) + 1;
}

/* @hash, of the first @from bytes of @s, continued to the first @to. */
static uint64_t hash_on(uint64_t hash, struct str s, size_t from, size_t to, bool folded)
{
	size_t i;

	for (i = from; i < to; i++)
		hash = hash_add(hash, s.p[i], folded);
	return hash;
}

static struct text **bucket_of(const struct texts *set, uint64_t hash)
{
	return &set->buckets[((hash ^ hash >> 32) * HASH_MIX) >> set->shift];
}

static struct text *find_text(const struct texts *set, uint64_t hash, struct str s)
{
	struct text *t;

	for (t = *bucket_of(set, hash); t; t = t->next) {
		if (t->hash == hash &&
		    (set->folded ? str_eq_nocase(t->value, s) : str_eq(t->value, s)))
			return t;
	}
	return NULL;
}

static struct field *find_header(const struct route_table *t, struct str name)
{
	uint64_t hash = hash_on(0, name, 0, name.n, true);
	struct field *f;

	for (f = t->headers[hash % FIELD_BUCKETS]; f; f = f->next) {
		if (str_eq_nocase(f->name, name))
			return f;
	}
	return NULL;
}

/* Compiling */

/* Buckets for up to as many texts as the field has conditions, when the first is added. */
static bool open_texts(struct arena *a, struct texts *set, size_t count, bool folded)
{
	unsigned bits = 1;

	if (set->buckets)
		return true;
	while ((size_t)1 << bits < count)
		bits++;
	set->buckets = arena_new(a, struct text *, (size_t)1 << bits);
	set->shift = 64 - bits;
	set->folded = folded;
	return set->buckets != NULL;
}

/* Rule number @rule has the condition @m on field @f in @slot. False: no memory, or out of bounds.
 */
static bool add_condition(struct arena *a, struct route_table *t, struct field *f, size_t rule,
			  size_t slot, const struct snap_match *m)
{
	bool folded = !m->case_sensitive;
	struct texts *set = &f->texts[m->kind][folded];
	uint64_t hash = hash_on(0, m->value, 0, m->value.n, folded);
	struct text *text;

	if (!m->value.n || m->value.n > ROUTE_TEXT_BYTES_MAX ||
	    !open_texts(a, set, f->condition_count, folded))
		return false;
	text = find_text(set, hash, m->value);
	if (!text) {
		struct text **bucket = bucket_of(set, hash);

		text = arena_new(a, struct text, 1);
		if (!text)
			return false;
		text->hash = hash;
		text->value = m->value;
		text->next = *bucket;
		*bucket = text;
		set->lengths[m->value.n / 64] |= UINT64_C(1) << m->value.n % 64;
	}
	if (!text->rules[slot])
		text->rules[slot] = arena_new(a, uint64_t, t->word_count);
	if (!text->rules[slot])
		return false;
	f->is_asked = true;
	text->rules[slot][rule / 64] |= UINT64_C(1) << rule % 64;
	t->unasked[slot][rule / 64] &= ~(UINT64_C(1) << rule % 64);
	if (t->slot_count <= slot)
		t->slot_count = slot + 1;
	return true;
}

static bool add_rule(struct arena *a, struct route_table *t, size_t i)
{
	const struct snap_rule *rule = &t->rules[i];
	struct snap_match method = { SNAP_MATCH_EXACT, true, rule->method };
	size_t k;

	if (rule->method.n && !add_condition(a, t, &t->method, i, SLOT_METHOD, &method))
		return false;
	if (rule->path.kind != SNAP_MATCH_ANY &&
	    !add_condition(a, t, &t->path, i, SLOT_PATH, &rule->path))
		return false;
	for (k = 0; k < rule->header_count; k++) {
		const struct snap_header_match *h = &rule->headers[k];

		if (h->match.kind != SNAP_MATCH_ANY &&
		    !add_condition(a, t, find_header(t, h->name), i, SLOT_HEADERS + k, &h->match))
			return false;
	}
	return true;
}

/* Make the fields of all headers that @rule names, and count their conditions. */
static bool count_headers(struct arena *a, struct route_table *t, const struct snap_rule *rule)
{
	size_t k;

	for (k = 0; k < rule->header_count; k++) {
		struct str name = rule->headers[k].name;
		struct field *f = find_header(t, name);

		if (!f) {
			uint64_t hash = hash_on(0, name, 0, name.n, true);

			f = arena_new(a, struct field, 1);
			if (!f)
				return false;
			f->name = name;
			f->next = t->headers[hash % FIELD_BUCKETS];
			t->headers[hash % FIELD_BUCKETS] = f;
		}
		f->condition_count++;
	}
	return true;
}

struct route_table *route_compile(struct arena *a, const struct snap_rule *rules, size_t count)
{
	struct route_table *t = arena_new(a, struct route_table, 1);
	size_t i;

	if (!t || count > ROUTE_RULES_MAX)
		return NULL;
	t->rules = rules;
	t->rule_count = count;
	t->word_count = (count + 63) / 64;
	t->method.condition_count = count;
	t->path.condition_count = count;
	for (i = 0; count && i < SLOT_COUNT; i++) {
		t->unasked[i] = arena_new(a, uint64_t, t->word_count);
		if (!t->unasked[i])
			return NULL;
		memset(t->unasked[i], 0xff, t->word_count * sizeof(uint64_t));
		if (count % 64)
			t->unasked[i][count / 64] = (UINT64_C(1) << count % 64) - 1;
	}
	for (i = 0; i < count; i++) {
		if (rules[i].header_count > ROUTE_HEADERS_MAX || !count_headers(a, t, &rules[i]))
			return NULL;
	}
	for (i = 0; i < count; i++) {
		if (!add_rule(a, t, i))
			return NULL;
	}
	return t;
}

/* Asking */

static void meet(struct answer *a, const struct text *t)
{
	size_t slot, i;

	if (!t)
		return;
	for (slot = 0; slot < a->table->slot_count; slot++) {
		const uint64_t *rules = t->rules[slot];

		for (i = 0; rules && i < a->table->word_count; i++)
			a->met[slot][i] |= rules[i];
	}
}

/* The shortest length of a text that is at least @from; 0 when there is none. */
static size_t next_length(const struct texts *set, size_t from)
{
	size_t word = from / 64;
	uint64_t bits;

	if (word >= LENGTH_WORDS)
		return 0;
	bits = set->lengths[word] & ~UINT64_C(0) << from % 64;
	while (!bits) {
		if (++word == LENGTH_WORDS)
			return 0;
		bits = set->lengths[word];
	}
	return word * 64 + (size_t)__builtin_ctzll(bits);
}

static void meet_exact(struct answer *a, const struct texts *set, struct str value)
{
	uint64_t hash;

	if (!value.n || next_length(set, value.n) != value.n)
		return;
	hash = hash_on(0, value, 0, value.n, set->folded);
	meet(a, find_text(set, hash, value));
}

static void meet_prefixes(struct answer *a, const struct texts *set, struct str value)
{
	size_t at = 0, n;
	uint64_t hash = 0;

	for (n = next_length(set, 1); n && n <= value.n; n = next_length(set, n + 1)) {
		hash = hash_on(hash, value, at, n, set->folded);
		at = n;
		meet(a, find_text(set, hash, str_first(value, n)));
	}
}

/* Every text of @n bytes that stands somewhere in @value. */
static void meet_contained(struct answer *a, const struct texts *set, struct str value, size_t n)
{
	uint64_t hash = hash_on(0, value, 0, n, set->folded);
	uint64_t oldest = 1; /* what the first byte of a run of @n has been multiplied by, next */
	size_t i;

	for (i = 0; i < n; i++)
		oldest *= HASH_STEP;
	for (i = 0;; i++) {
		meet(a, find_text(set, hash, str_first(str_skip(value, i), n)));
		if (i + n == value.n)
			return;
		hash = hash_add(hash, value.p[i + n], set->folded) -
		       oldest * hash_add(0, value.p[i], set->folded);
	}
}

static void meet_field(struct answer *a, const struct field *f, struct str value)
{
	size_t i, n;

	if (!f->is_asked)
		return;
	for (i = 0; i < 2; i++) {
		const struct texts *contained = &f->texts[SNAP_MATCH_CONTAINS][i];

		meet_exact(a, &f->texts[SNAP_MATCH_EXACT][i], value);
		meet_prefixes(a, &f->texts[SNAP_MATCH_PREFIX][i], value);
		for (n = next_length(contained, 1); n && n <= value.n;
		     n = next_length(contained, n + 1))
			meet_contained(a, contained, value, n);
	}
}

/* A header that comes on several lines may be met as one list, too: RFC 9110 section 5.3. */
static void meet_joined(struct answer *a, const struct field *f, const struct http_headers *all)
{
	struct buf joined;
	size_t i;

	buf_init(&joined, JOINED_BYTES_MAX);
	for (i = 0; i < all->count; i++) {
		if (!str_eq_nocase(all->at[i].name, f->name))
			continue;
		if (buf_len(&joined))
			buf_add_lit(&joined, ", ");
		buf_add(&joined, all->at[i].value);
	}
	if (!joined.failed)
		meet_field(a, f, buf_str(&joined));
	buf_fini(&joined);
}

static bool is_named_before(const struct http_headers *all, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++) {
		if (str_eq_nocase(all->at[k].name, all->at[i].name))
			return true;
	}
	return false;
}

static bool is_named_after(const struct http_headers *all, size_t i)
{
	size_t k;

	for (k = i + 1; k < all->count; k++) {
		if (str_eq_nocase(all->at[k].name, all->at[i].name))
			return true;
	}
	return false;
}

static void meet_headers(struct answer *a, const struct http_headers *all)
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		const struct field *f = find_header(a->table, all->at[i].name);

		if (!f)
			continue;
		meet_field(a, f, all->at[i].value);
		if (is_named_after(all, i) && !is_named_before(all, i))
			meet_joined(a, f, all);
	}
}

static const struct snap_rule *first_met(const struct answer *a)
{
	const struct route_table *t = a->table;
	size_t i, slot;

	for (i = 0; i < t->word_count; i++) {
		uint64_t bits = t->unasked[0][i] | a->met[0][i];

		for (slot = 1; slot < t->slot_count; slot++)
			bits &= t->unasked[slot][i] | a->met[slot][i];
		if (bits)
			return &t->rules[i * 64 + (size_t)__builtin_ctzll(bits)];
	}
	return NULL;
}

const struct snap_rule *route_find(const struct route_table *t, const struct http_request *q)
{
	struct answer a;
	size_t slot;

	if (!t || !t->rule_count)
		return NULL;
	a.table = t;
	for (slot = 0; slot == 0 || slot < t->slot_count; slot++)
		memset(a.met[slot], 0, t->word_count * sizeof(uint64_t));
	meet_field(&a, &t->method, q->method);
	meet_field(&a, &t->path, q->path);
	if (t->slot_count > SLOT_HEADERS)
		meet_headers(&a, &q->headers);
	return first_met(&a);
}
