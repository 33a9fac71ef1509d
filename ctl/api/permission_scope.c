/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ARNs end like the paths of URIs, with each collection in the singular, so that a path says them:
 * of a creation with a star as its id, of an operation on something that thing's own. What is not
 * there has the ARN that it would have. Lists touch nothing, but for targets, whose group is named.
 */
#include "api/permission_scope.h"

#include "base/json.h"

#include <cjson/cJSON.h>

/* Members of the body that name what an association of two is made of. */
static const char *const sides[] = { "resourceConfigurationIdentifier", "serviceIdentifier",
				     "serviceNetworkIdentifier" };

/* The kind of which @identifier is an id or an ARN. */
static enum kind kind_of(struct str identifier, struct str *ret_id)
{
	static const enum kind kinds[] = {
#define X(kind, number, prefix, tail, type, word) KIND_##kind,
#include "model/kinds.def"
#undef X
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (id_parse(kinds[i], identifier, ret_id))
			return kinds[i];
	return KIND_NONE;
}

/* Policies are parts of what they protect. */
static bool is_part(enum kind kind)
{
	return kind == KIND_AUTH_POLICY || kind == KIND_RESOURCE_POLICY;
}

/* The ARN that @identifier would have if it named something. */
static int expect(struct call *c, enum kind kind, struct str identifier, struct str id,
		  struct permission_resource *ret)
{
	const struct arn arn = {
		.kind = kind, .region = c->region, .account = c->account, .id = id
	};

	ret->body = NULL;
	ret->arn = identifier.n != id.n ? identifier : arn_write(&c->arena, &arn);
	return ret->arn.p ? 0 : fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
}

/*
 * What @identifier, an id or an ARN of whatever kind, names, whosever it is: an ARN must not be
 * another than the one that policies speak of. What has no such form is "*".
 */
int permission_find(struct call *c, struct str identifier, struct permission_resource *ret)
{
	struct str id;
	enum kind kind = kind_of(identifier, &id);
	struct record *r;

	if (kind == KIND_NONE) {
		*ret = (struct permission_resource){ .arn = STR("*") };
		return 0;
	}
	if (store_get(c->store, kind, id, &c->arena, &r, &c->fault) < 0) {
		if (c->fault.code != FAULT_NOT_FOUND)
			return -1;
		c->fault = (struct fault){ 0 };
		return expect(c, kind, identifier, id, ret);
	}
	if (is_part(kind))
		return permission_find(c, r->parent, ret);
	ret->body = call_body(c, r);
	ret->arn = json_get_str(ret->body, "arn");
	if (identifier.n != id.n && !str_eq(identifier, ret->arn))
		return expect(c, kind, identifier, id, ret);
	return c->failed ? fault_set(&c->fault, FAULT_INTERNAL, "out of memory") : 0;
}

/* A list of resources that grows at its end. */
struct scope {
	struct permission_resource *first, **end;
};

static struct permission_resource *add(struct call *c, struct scope *s)
{
	struct permission_resource *r = arena_new(&c->arena, struct permission_resource, 1);

	if (!r) {
		fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
		return NULL;
	}
	*s->end = r;
	s->end = &r->next;
	return r;
}

static int add_named(struct call *c, struct scope *s, struct str identifier)
{
	struct permission_resource *r = add(c, s);

	return r ? permission_find(c, identifier, r) : -1;
}

/* @parent, the type of the collection @plural, and @id. */
static int write_child(struct call *c, struct str parent, struct str plural, struct str id,
		       struct permission_resource *ret)
{
	struct str type = str_first(plural, plural.n - 1);

	ret->body = NULL;
	if (parent.n)
		ret->arn = arena_printf(&c->arena, STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(parent),
					STR_ARG(type), STR_ARG(id));
	else
		ret->arn = arena_printf(
			&c->arena,
			"arn:aws:vpc-lattice:" STR_FMT ":" STR_FMT ":" STR_FMT "/" STR_FMT,
			STR_ARG(c->region), STR_ARG(c->account), STR_ARG(type), STR_ARG(id));
	return ret->arn.p ? 0 : fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
}

/*
 * What the path of @uri, filled with the call's parameters, names in the end, and what it is a part
 * of; @ret_last is the collection behind it, or empty.
 */
static int read_path(struct call *c, struct str uri, struct permission_resource *ret,
		     struct str *ret_last)
{
	struct str_cut cut = str_cut(uri, '/');
	struct str collection = { 0 }, parent;
	size_t n = 0;

	*ret = (struct permission_resource){ 0 };
	while (cut.found) {
		cut = str_cut(cut.tail, '/');
		if (!str_starts(cut.head, STR("{"))) {
			collection = cut.head;
			continue;
		}
		parent = ret->arn;
		if (permission_find(c, c->params[n], ret) < 0)
			return -1;
		/* The default rule has no record; an id alone does not say whose part it is. */
		if (parent.n && !ret->body && !str_starts(c->params[n], STR("arn:")) &&
		    write_child(c, parent, collection, c->params[n], ret) < 0)
			return -1;
		collection = (struct str){ 0 };
		n++;
	}
	*ret_last = collection;
	return 0;
}

/* Does @operation make something, which has no ARN yet? */
bool permission_is_creation(struct str operation)
{
	return str_starts(operation, STR("Create")) || str_starts(operation, STR("Start"));
}

static int scope_of_creation(struct call *c, struct str operation, struct str uri, struct scope *s)
{
	struct permission_resource parent, *r;
	struct str last, side;
	size_t i;

	for (i = 0; str_ends(operation, STR("Association")) && i < sizeof(sides) / sizeof(*sides);
	     i++) {
		side = json_get_str(c->body, sides[i]);
		if (side.n && add_named(c, s, side) < 0)
			return -1;
	}
	if (read_path(c, uri, &parent, &last) < 0)
		return -1;
	r = add(c, s);
	return r ? write_child(c, parent.arn, last, STR("*"), r) : -1;
}

/* The rules that are changed together. */
static int scope_of_batch(struct call *c, struct str uri, struct scope *s)
{
	struct permission_resource listener, *r;
	const cJSON *rule;
	struct str last, id;

	if (read_path(c, uri, &listener, &last) < 0)
		return -1;
	cJSON_ArrayForEach (rule, cJSON_GetObjectItemCaseSensitive(c->body, "rules")) {
		id = json_get_str(rule, "ruleIdentifier");
		r = add(c, s);
		if (!r || permission_find(c, id, r) < 0)
			return -1;
		if (!r->body && !str_starts(id, STR("arn:")) &&
		    write_child(c, listener.arn, last, id, r) < 0)
			return -1;
	}
	return 0;
}

/*
 * What a call of @operation, whose URI template is @uri, touches; lives as long as the call. An
 * empty list: nothing that has an ARN.
 */
int permission_scope(struct call *c, struct str operation, struct str uri,
		     struct permission_resource **ret)
{
	struct scope s = { .end = &s.first };
	struct permission_resource *r;
	struct str last;
	int err = 0;

	if (permission_is_creation(operation)) {
		err = scope_of_creation(c, operation, uri, &s);
	} else if (str_eq(operation, STR("BatchUpdateRule"))) {
		err = scope_of_batch(c, uri, &s);
	} else if (!str_starts(operation, STR("List")) || str_eq(operation, STR("ListTargets"))) {
		r = add(c, &s);
		err = r ? read_path(c, uri, r, &last) : -1;
	}
	*ret = s.first;
	return err;
}
