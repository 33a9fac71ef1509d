/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition operators. What holds when: a positive operator when a value of the request meets one
 * of the policy's, a negated one when none does; a missing key fails a positive operator and meets
 * a negated one, and IfExists is met by a missing key always. ForAllValues asks it of every value
 * and is met by none, ForAnyValue wants one. A value that is not of the operator's type (a word
 * where a number must be) meets nothing: neither the operator nor its negation.
 */
#include "auth/condition.h"

#include "base/array.h"

static const struct condition_operator operators[] = {
#define X(name, test, order, negated) \
	{ { #name, sizeof(#name) - 1 }, CONDITION_##test, CONDITION_##order, negated },
#include "auth/operators.def"
#undef X
};

/* Fill what @text, an operator with what may stand around it, says of @c. */
int condition_read_operator(struct str text, struct condition *c, const char **ret_why)
{
	struct str s = text;
	size_t i;

	c->op_text = text;
	c->set = CONDITION_PLAIN;
	if (str_starts(s, STR("ForAllValues:"))) {
		c->set = CONDITION_ALL;
		s = str_skip(s, sizeof("ForAllValues:") - 1);
	} else if (str_starts(s, STR("ForAnyValue:"))) {
		c->set = CONDITION_ANY;
		s = str_skip(s, sizeof("ForAnyValue:") - 1);
	}
	c->if_exists = str_ends(s, STR("IfExists"));
	if (c->if_exists)
		s.n -= sizeof("IfExists") - 1;
	for (i = 0; i < ARRAY_SIZE(operators) && !str_eq(operators[i].name, s); i++)
		;
	*ret_why = "is no condition operator";
	if (i == ARRAY_SIZE(operators))
		return -1;
	c->op = &operators[i];
	*ret_why = "stands alone: neither IfExists nor ForAllValues and ForAnyValue go with it";
	return c->op->test == CONDITION_NULL && (c->if_exists || c->set != CONDITION_PLAIN) ? -1
											    : 0;
}

/* Cut @s at its first colon that is in no variable. */
static struct str_cut cut_arn(struct str s)
{
	bool is_variable = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '$' && s.n - i > 1 && s.p[i + 1] == '{')
			is_variable = true;
		else if (s.p[i] == '}')
			is_variable = false;
		else if (s.p[i] == ':' && !is_variable)
			return (struct str_cut){ { s.p, i }, str_skip(s, i + 1), true };
	}
	return (struct str_cut){ .head = s };
}

/* The six parts of an ARN, each a text with wildcards. */
static int compile_arn(const struct glob_form *f, struct str source, struct condition_value *ret,
		       const char **ret_why)
{
	struct str_cut c = { .tail = source };
	int i;

	ret->parts = arena_new(f->arena, struct glob, 6);
	*ret_why = "finds no memory";
	if (!ret->parts)
		return -1;
	for (i = 0; i < 6; i++) {
		struct str part = c.tail;

		if (i < 5) {
			c = cut_arn(c.tail);
			part = c.head;
			*ret_why = "is no ARN: six parts with colons between them are wanted";
			if (!c.found)
				return -1;
		}
		if (glob_compile(f, part, &ret->parts[i], ret_why) < 0)
			return -1;
	}
	return 0;
}

/* The operand that @source is for operators without variables. */
static bool compile_operand(enum condition_test test, struct str source,
			    struct condition_value *ret)
{
	switch (test) {
	case CONDITION_NUMERIC:
		return operand_read_number(source, &ret->number);
	case CONDITION_DATE:
		return operand_read_date(source, &ret->number);
	case CONDITION_IP:
		return operand_read_net(source, &ret->net);
	default:
		return operand_read_bool(source, &ret->truth);
	}
}

static const char *const wanted[] = {
	[CONDITION_NUMERIC] = "is no number",
	[CONDITION_DATE] = "is no date such as 2026-11-26T12:00:00Z, and no number of seconds",
	[CONDITION_BOOL] = "is neither true nor false",
	[CONDITION_BINARY] = "is not in base64",
	[CONDITION_IP] = "is no address and no prefix such as 10.0.0.0/8",
	[CONDITION_NULL] = "is neither true nor false",
};

static int compile_bytes(struct arena *a, struct str source, struct condition_value *ret,
			 const char **ret_why)
{
	unsigned char *to = arena_new(a, unsigned char, source.n / 4 * 3 + 1);

	*ret_why = to ? wanted[CONDITION_BINARY] : "finds no memory";
	return to && operand_read_base64(source, to, &ret->bytes) ? 0 : -1;
}

/*
 * Compile @source, a value that @c compares with; its operator is known. Returns 0, or -1 with
 * *@ret_why saying what is wrong with the value.
 */
int condition_compile_value(const struct condition *c, const struct glob_form *f, struct str source,
			    struct condition_value *ret, const char **ret_why)
{
	struct glob_form form = *f;

	*ret = (struct condition_value){ .source = source };
	form.wildcards = c->op->test == CONDITION_STRING_LIKE || c->op->test == CONDITION_ARN;
	switch (c->op->test) {
	case CONDITION_STRING:
	case CONDITION_STRING_NOCASE:
	case CONDITION_STRING_LIKE:
		return glob_compile(&form, source, &ret->glob, ret_why);
	case CONDITION_ARN:
		return compile_arn(&form, source, ret, ret_why);
	case CONDITION_BINARY:
		return compile_bytes(f->arena, source, ret, ret_why);
	default:
		*ret_why = wanted[c->op->test];
		return compile_operand(c->op->test, source, ret) ? 0 : -1;
	}
}

static bool in_order(enum condition_order order, double x, double y)
{
	switch (order) {
	case CONDITION_LT:
		return x < y;
	case CONDITION_LE:
		return x <= y;
	case CONDITION_GT:
		return x > y;
	case CONDITION_GE:
		return x >= y;
	default: /* CONDITION_EQ */
		return !(x < y) && !(x > y);
	}
}

static bool arn_matches(const struct glob *parts, struct str s, struct context *x)
{
	struct str_cut c = { .tail = s };
	int i;

	for (i = 0; i < 5; i++) {
		c = str_cut(c.tail, ':');
		if (!c.found || !glob_matches(&parts[i], c.head, x))
			return false;
	}
	return glob_matches(&parts[5], c.tail, x);
}

static bool equals_nocase(const struct glob *g, struct str s, struct context *x)
{
	struct str text = g->text;

	if (g->kind == GLOB_VARIABLES && !glob_expand(g, x, &text))
		return false;
	return str_eq_nocase(text, s);
}

/* A value of the request, read as the operator's type. */
struct given {
	struct str text;
	double number;
	bool truth;
	struct sock_addr addr;
};

/* Read @s; false: it is not of the type. */
static bool read_given(enum condition_test test, struct str s, struct given *g)
{
	g->text = s;
	switch (test) {
	case CONDITION_NUMERIC:
		return operand_read_number(s, &g->number);
	case CONDITION_DATE:
		return operand_read_date(s, &g->number);
	case CONDITION_BOOL:
		return operand_read_bool(s, &g->truth);
	case CONDITION_IP:
		return sock_addr_parse(s, &g->addr) == 0;
	default:
		return true;
	}
}

static bool value_meets(const struct condition *c, const struct condition_value *v,
			const struct given *g, struct context *x)
{
	switch (c->op->test) {
	case CONDITION_STRING:
	case CONDITION_STRING_LIKE:
		return glob_matches(&v->glob, g->text, x);
	case CONDITION_STRING_NOCASE:
		return equals_nocase(&v->glob, g->text, x);
	case CONDITION_NUMERIC:
	case CONDITION_DATE:
		return in_order(c->op->order, g->number, v->number);
	case CONDITION_BOOL:
		return v->truth == g->truth;
	case CONDITION_BINARY:
		return str_eq(v->bytes, g->text);
	case CONDITION_IP:
		return operand_net_holds(&v->net, &g->addr);
	case CONDITION_ARN:
		return arn_matches(v->parts, g->text, x);
	default: /* CONDITION_NULL asks for no value */
		return false;
	}
}

/* Does @g meet one of the policy's values? */
static bool meets_one(const struct condition *c, const struct given *g, struct context *x)
{
	size_t i;

	for (i = 0; i < c->value_count; i++)
		if (value_meets(c, &c->values[i], g, x))
			return true;
	return false;
}

/* Does the single value @s do what the operator, negation and all, asks for? */
static bool value_does(const struct condition *c, struct str s, struct context *x)
{
	struct given g;

	if (!read_given(c->op->test, s, &g))
		return false;
	return meets_one(c, &g, x) != c->op->is_negated;
}

/* Keys whose value is a number or an address need not become text and be read again. */
static bool holds_directly(const struct condition *c, struct context *x, bool *ret)
{
	const struct context_key *k = &x->keys->at[c->key];
	struct given g = { .text = { 0 } };

	if (c->op->test == CONDITION_NUMERIC || c->op->test == CONDITION_DATE) {
		if (!context_number(x->request, k, &g.number))
			return false;
	} else if (c->op->test == CONDITION_IP && k->kind == CONTEXT_SOURCE_IP &&
		   x->request->source && x->request->source->family) {
		g.addr = *x->request->source;
	} else {
		return false;
	}
	*ret = meets_one(c, &g, x) != c->op->is_negated;
	return true;
}

static bool is_null(const struct condition *c, bool is_missing)
{
	size_t i;

	for (i = 0; i < c->value_count; i++)
		if (c->values[i].truth == is_missing)
			return true;
	return false;
}

/* Does the condition hold for the request of @x? */
bool condition_holds(const struct condition *c, struct context *x)
{
	/* All values must do for ForAllValues, and for "none of them" of a negated operator. */
	bool all = c->set == CONDITION_ALL || (c->set == CONDITION_PLAIN && c->op->is_negated);
	const struct context_values *v;
	bool holds;
	size_t i;

	if (holds_directly(c, x, &holds))
		return holds;
	v = context_get(x, c->key);
	if (c->op->test == CONDITION_NULL)
		return is_null(c, v->count == 0);
	if (v->count == 0 && c->if_exists)
		return true;
	for (i = 0; i < v->count; i++)
		if (value_does(c, context_value(v, i), x) != all)
			return !all;
	return all;
}
