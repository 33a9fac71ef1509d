/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles a snapshot from all records in one read transaction: VPCs, target groups, services
 * with their listeners, then what each associated VPC may connect to. Lists come sorted by id
 * from the store, so that ids are found by bisection.
 */
#include "store/compile.h"

#include "base/array.h"
#include "base/json.h"
#include "model/address.h"
#include "model/route.h"
#include "store/certificates.h"
#include "store/children.h"
#include "store/compile_filter.h"
#include "store/compile_identity.h"
#include "store/compile_names.h"
#include "store/compile_policy.h"
#include "store/compile_target.h"
#include "store/health_compile.h"
#include "store/log_compile.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

/* Memory for one snapshot, and for the records that it is made from. */
static const size_t snapshot_bytes_max = (size_t)256 << 20;
static const size_t records_bytes_max = (size_t)256 << 20;

struct compiler {
	struct store *store;
	const struct pool *pool;
	struct certificates *certificates; /* the caller's; may be NULL */
	struct children targets, listeners, rules, security_groups, instances, policies;
	struct policy_cache *compiled;
};

/* One compilation. */
struct build {
	struct store *store;
	struct snapshot *snapshot;
	struct arena records;
	struct compiler *kept;
	bool failed; /* a string found no room */
	struct fault *fault;
};

static int out_of_memory(const struct build *b)
{
	return fault_set(b->fault, FAULT_INTERNAL, "snapshot: out of memory");
}

static int bad_record(const struct build *b, const struct record *r, const char *why)
{
	return fault_set(b->fault, FAULT_INTERNAL, "snapshot: record " STR_FMT ": %s",
			 STR_ARG(r->id), why);
}

static int load(struct build *b, const struct store_query *q, struct record **ret)
{
	return store_list(b->store, q, &b->records, ret, b->fault);
}

/* @s kept in the snapshot. */
static struct str keep(struct build *b, struct str s)
{
	struct str copy = arena_copy(&b->snapshot->arena, s);

	if (!copy.p)
		b->failed = true;
	return copy;
}

/* The member @name of @body, or empty, kept in the snapshot. */
static struct str keep_member(struct build *b, const cJSON *body, const char *name)
{
	return keep(b, json_get_str(body, name));
}

static int cmp_str(struct str a, struct str b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int cmp_service(const void *key, const void *item)
{
	return cmp_str(*(const struct str *)key, ((const struct snap_service *)item)->id);
}

static int cmp_vpc(const void *key, const void *item)
{
	return cmp_str(*(const struct str *)key, ((const struct snap_vpc *)item)->id);
}

static int cmp_group(const void *key, const void *item)
{
	return cmp_str(*(const struct str *)key, ((const struct snap_target_group *)item)->id);
}

static int cmp_number(const void *a, const void *b)
{
	uint32_t x = ((const struct snap_vpc *)a)->number;
	uint32_t y = ((const struct snap_vpc *)b)->number;

	return x < y ? -1 : x > y;
}

static struct snap_vpc *find_vpc(const struct build *b, struct str id)
{
	const struct snapshot *s = b->snapshot;

	if (!s->vpc_count || !id.n)
		return NULL;
	return bsearch(&id, s->vpcs, s->vpc_count, sizeof(*s->vpcs), cmp_vpc);
}

static struct snap_service *find_service(const struct build *b, struct str id)
{
	const struct snapshot *s = b->snapshot;

	if (!s->service_count || !id.n)
		return NULL;
	return bsearch(&id, s->services, s->service_count, sizeof(*s->services), cmp_service);
}

static struct snap_target_group *find_group(const struct build *b, struct str id)
{
	size_t count = b->snapshot->group_count;

	if (!count || !id.n)
		return NULL;
	return bsearch(&id, b->snapshot->groups, count, sizeof(*b->snapshot->groups), cmp_group);
}

static bool is_active(const cJSON *body)
{
	return str_eq(json_get_str(body, "status"), STR("ACTIVE"));
}

/* VPCs and target groups */

static int fill_vpc(struct build *b, const struct record *r, const cJSON *body, struct snap_vpc *v)
{
	*v = (struct snap_vpc){
		.number = r->number,
		.id = keep(b, r->id),
		.name = keep(b, r->name),
		.arn = keep_member(b, body, "arn"),
		.account = keep(b, r->account),
		.netns = keep_member(b, body, "netns"),
	};
	if (!v->number || v->number >= LATTICE_VPCS_MAX)
		return bad_record(b, r, "its VPC number is out of range");
	if (!v->netns.n || v->netns.n > SNAPSHOT_NETNS_BYTES_MAX)
		return bad_record(b, r, "its namespace has no usable path");
	return 0;
}

static int fill_targets(struct build *b, const struct record *group, struct snap_target_group *g)
{
	const struct snap_vpc *v = find_vpc(b, g->vpc_id);
	size_t i, count;
	struct record *const *r = children_of(&b->kept->targets, group->id, &count);

	if (!count)
		return 0;
	if (!v)
		return bad_record(b, group, "its VPC does not exist");
	g->targets = arena_new(&b->snapshot->arena, struct snap_target, count);
	if (!g->targets)
		return out_of_memory(b);
	for (i = 0; i < count; i++) {
		struct snap_target *t = &g->targets[g->target_count++];

		t->vpc = v->number;
		if (!target_compile(&b->kept->instances, g->vpc_id, r[i], &t->addr))
			return bad_record(b, r[i], "its address cannot be read");
	}
	return 0;
}

static int fill_group(struct build *b, const struct record *r, const cJSON *body,
		      struct snap_target_group *g)
{
	*g = (struct snap_target_group){
		.index = (uint32_t)(g - b->snapshot->groups),
		.id = keep(b, r->id),
		.arn = keep_member(b, body, "arn"),
		.vpc_id = keep_member(b, body, "vpcIdentifier"),
	};
	if (!health_compile(
		    &b->snapshot->arena,
		    cJSON_GetObjectItemCaseSensitive(
			    cJSON_GetObjectItemCaseSensitive(body, "config"), "healthCheck"),
		    &g->check))
		return out_of_memory(b);
	return fill_targets(b, r, g);
}

/* Services and listeners */

static int fill_forward(struct build *b, const struct record *r, const cJSON *groups,
			struct snap_action *a)
{
	int count = cJSON_GetArraySize(groups);
	const cJSON *item;

	if (count <= 0)
		return bad_record(b, r, "its action forwards to nothing");
	a->kind = SNAP_ACTION_FORWARD;
	a->forward = arena_new(&b->snapshot->arena, struct snap_forward, (size_t)count);
	if (!a->forward)
		return out_of_memory(b);
	cJSON_ArrayForEach (item, groups) {
		const cJSON *weight = cJSON_GetObjectItemCaseSensitive(item, "weight");
		struct str id = json_get_str(item, "targetGroupIdentifier");
		struct snap_forward *f = &a->forward[a->forward_count++];
		struct snap_target_group *g = find_group(b, id);

		if (!g)
			return bad_record(b, r, "its action names an unknown target group");
		g->is_used = true;
		f->group = g;
		f->weight = cJSON_IsNumber(weight) ? (uint32_t)weight->valuedouble : 100;
		a->weight_sum += f->weight;
	}
	return 0;
}

static int fill_action(struct build *b, const struct record *r, const cJSON *action,
		       struct snap_action *a)
{
	const cJSON *forward = cJSON_GetObjectItemCaseSensitive(action, "forward");
	const cJSON *fixed = cJSON_GetObjectItemCaseSensitive(action, "fixedResponse");
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(fixed, "statusCode");

	if (forward)
		return fill_forward(b, r, cJSON_GetObjectItemCaseSensitive(forward, "targetGroups"),
				    a);
	if (!cJSON_IsNumber(status))
		return bad_record(b, r, "its action cannot be read");
	a->kind = SNAP_ACTION_FIXED_RESPONSE;
	a->status = (unsigned)status->valuedouble;
	return 0;
}

/* Rules */

/* The union @match, of which one member is set. */
static bool fill_match(struct build *b, const cJSON *match, bool case_sensitive,
		       struct snap_match *m)
{
	static const struct {
		const char *name;
		enum snap_match_kind kind;
	} members[] = {
		{ "exact", SNAP_MATCH_EXACT },
		{ "prefix", SNAP_MATCH_PREFIX },
		{ "contains", SNAP_MATCH_CONTAINS },
	};
	size_t i;

	m->case_sensitive = case_sensitive;
	for (i = 0; i < ARRAY_SIZE(members); i++) {
		struct str value = json_get_str(match, members[i].name);

		if (!value.n)
			continue;
		m->kind = members[i].kind;
		m->value = keep(b, value);
		return true;
	}
	return false;
}

/* An object that has "match" and perhaps "caseSensitive". */
static bool fill_cased_match(struct build *b, const cJSON *of, struct snap_match *m)
{
	return fill_match(b, cJSON_GetObjectItemCaseSensitive(of, "match"),
			  cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(of, "caseSensitive")), m);
}

/* @name in lower case, kept in the snapshot. */
static struct str keep_lower(struct build *b, struct str name)
{
	char *copy = arena_new(&b->snapshot->arena, char, name.n + 1);
	size_t i;

	if (!copy) {
		b->failed = true;
		return STR("");
	}
	for (i = 0; i < name.n; i++)
		copy[i] =
			name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] | 0x20) : name.p[i];
	return (struct str){ copy, name.n };
}

static int fill_header_matches(struct build *b, const struct record *r, const cJSON *list,
			       struct snap_rule *rule)
{
	const cJSON *item;
	size_t count = (size_t)cJSON_GetArraySize(list);

	if (!count)
		return 0;
	rule->headers = arena_new(&b->snapshot->arena, struct snap_header_match, count);
	if (!rule->headers)
		return out_of_memory(b);
	cJSON_ArrayForEach (item, list) {
		struct snap_header_match *h = &rule->headers[rule->header_count++];

		h->name = keep_lower(b, json_get_str(item, "name"));
		if (!fill_cased_match(b, item, &h->match))
			return bad_record(b, r, "a header match cannot be read");
	}
	return 0;
}

static int fill_rule(struct build *b, const struct record *r, const cJSON *body,
		     struct snap_rule *rule)
{
	const cJSON *match = cJSON_GetObjectItemCaseSensitive(body, "match");
	const cJSON *http = cJSON_GetObjectItemCaseSensitive(match, "httpMatch");
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(http, "pathMatch");

	rule->id = keep(b, r->id);
	rule->priority = r->number;
	rule->method = keep_member(b, http, "method");
	if (!http)
		return bad_record(b, r, "its match cannot be read");
	if (path && !fill_cased_match(b, path, &rule->path))
		return bad_record(b, r, "its path match cannot be read");
	if (fill_header_matches(b, r, cJSON_GetObjectItemCaseSensitive(http, "headerMatches"),
				rule) < 0)
		return -1;
	return fill_action(b, r, cJSON_GetObjectItemCaseSensitive(body, "action"), &rule->action);
}

static int cmp_priority(const void *a, const void *b)
{
	uint32_t x = ((const struct snap_rule *)a)->priority;
	uint32_t y = ((const struct snap_rule *)b)->priority;

	return x < y ? -1 : x > y;
}

static int fill_rules(struct build *b, struct snap_listener *l)
{
	size_t i, count;
	struct record *const *r = children_of(&b->kept->rules, l->id, &count);

	if (!count)
		return 0;
	l->rules = arena_new(&b->snapshot->arena, struct snap_rule, count);
	if (!l->rules)
		return out_of_memory(b);
	for (i = 0; i < count; i++) {
		const cJSON *body = children_body(&b->kept->rules, &r[i]);

		if (fill_rule(b, r[i], body, &l->rules[l->rule_count++]) < 0)
			return -1;
	}
	qsort(l->rules, l->rule_count, sizeof(*l->rules), cmp_priority);
	l->routes = route_compile(&b->snapshot->arena, l->rules, l->rule_count);
	return l->routes ? 0 : out_of_memory(b);
}

static enum snap_listener_kind kind_of_listener(struct str protocol)
{
	if (str_eq(protocol, STR("HTTPS")))
		return SNAP_LISTENER_HTTPS;
	return str_eq(protocol, STR("TLS_PASSTHROUGH")) ? SNAP_LISTENER_PASSTHROUGH
							: SNAP_LISTENER_HTTP;
}

static int fill_listener(struct build *b, const struct record *r, struct snap_listener *l)
{
	cJSON *body = json_parse(r->body);
	int err;

	l->id = keep(b, r->id);
	l->port = (uint16_t)r->number;
	l->protocol = keep_member(b, body, "protocol");
	l->kind = kind_of_listener(l->protocol);
	err = fill_action(b, r, cJSON_GetObjectItemCaseSensitive(body, "defaultAction"),
			  &l->default_action);
	cJSON_Delete(body);
	return err ? err : fill_rules(b, l);
}

static int fill_listeners(struct build *b, struct str service_id, struct snap_service *s)
{
	size_t i, count;
	struct record *const *r = children_of(&b->kept->listeners, service_id, &count);

	if (!count)
		return 0;
	s->listeners = arena_new(&b->snapshot->arena, struct snap_listener, count);
	if (!s->listeners)
		return out_of_memory(b);
	for (i = 0; i < count; i++)
		if (fill_listener(b, r[i], &s->listeners[s->listener_count++]) < 0)
			return -1;
	return 0;
}

/* The tags of a service, which policies may ask for. */
static int fill_tags(struct build *b, const cJSON *tags, struct snap_service *s)
{
	struct principal_tag *list;
	const cJSON *item;

	if (!cJSON_GetArraySize(tags))
		return 0;
	list = arena_new(&b->snapshot->arena, struct principal_tag,
			 (size_t)cJSON_GetArraySize(tags));
	if (!list)
		return out_of_memory(b);
	s->tags = list;
	cJSON_ArrayForEach (item, tags) {
		list[s->tag_count].key = keep(b, str_of(item->string));
		list[s->tag_count++].value = keep(b, str_of(cJSON_GetStringValue(item)));
	}
	return 0;
}

static int fill_service(struct build *b, const struct record *r, const cJSON *body,
			struct snap_service *s)
{
	const cJSON *dns = cJSON_GetObjectItemCaseSensitive(body, "dnsEntry");
	const cJSON *idle = cJSON_GetObjectItemCaseSensitive(body, "idleTimeoutSeconds");

	*s = (struct snap_service){
		.id = keep(b, r->id),
		.name = keep(b, r->name),
		.arn = keep_member(b, body, "arn"),
		.dns_name = keep_member(b, dns, "domainName"),
		.domain = keep_member(b, body, "customDomainName"),
		.addr4 = address_v4(b->kept->pool, r->number),
		.addr6 = address_v6(b->kept->pool, r->number),
		.idle_ms = cJSON_IsNumber(idle) ? (unsigned)idle->valuedouble * 1000 : 0,
		.index = (uint32_t)(s - b->snapshot->services),
		.auth.is_on = !str_eq(json_get_str(body, "authType"), STR("NONE")),
	};
	if (fill_listeners(b, r->id, s) < 0)
		return -1;
	if (b->kept->certificates &&
	    !certificates_fill(b->kept->certificates, &b->snapshot->arena, body, s))
		return out_of_memory(b);
	return fill_tags(b, cJSON_GetObjectItemCaseSensitive(body, "tags"), s);
}

/* Each list is filled in the order of its ids; each entry counts once it is whole. */

static int build_vpcs(struct build *b, const struct record *r)
{
	struct snapshot *s = b->snapshot;

	s->vpcs = arena_new(&s->arena, struct snap_vpc, record_count(r) + 1);
	if (!s->vpcs)
		return out_of_memory(b);
	for (; r; r = r->next) {
		cJSON *body = json_parse(r->body);
		int err = fill_vpc(b, r, body, &s->vpcs[s->vpc_count]);

		cJSON_Delete(body);
		if (err)
			return err;
		s->vpc_count++;
	}
	return 0;
}

static int build_groups(struct build *b, const struct record *r)
{
	struct snapshot *s = b->snapshot;

	b->snapshot->groups = arena_new(&s->arena, struct snap_target_group, record_count(r) + 1);
	if (!b->snapshot->groups)
		return out_of_memory(b);
	for (; r; r = r->next) {
		cJSON *body = json_parse(r->body);
		int err = fill_group(b, r, body, &b->snapshot->groups[s->group_count]);

		cJSON_Delete(body);
		if (err)
			return err;
		s->group_count++;
	}
	return 0;
}

static int build_services(struct build *b, const struct record *r)
{
	struct snapshot *s = b->snapshot;

	s->services = arena_new(&s->arena, struct snap_service, record_count(r) + 1);
	if (!s->services)
		return out_of_memory(b);
	for (; r; r = r->next) {
		cJSON *body = json_parse(r->body);
		bool active = is_active(body);
		int err = active ? fill_service(b, r, body, &s->services[s->service_count]) : 0;

		cJSON_Delete(body);
		if (err)
			return err;
		s->service_count += active;
	}
	return 0;
}

/* What an associated VPC may connect to */

static size_t count_bindings(const struct build *b, const struct record *associations)
{
	size_t count = 0;

	for (; associations; associations = associations->next) {
		cJSON *body = json_parse(associations->body);
		const struct snap_service *s = find_service(b, json_get_str(body, "serviceId"));

		if (s && is_active(body))
			count += 2 * s->listener_count;
		cJSON_Delete(body);
	}
	return count;
}

static void add_bindings(struct snap_vpc *v, const struct snap_service *s)
{
	size_t i;

	for (i = 0; i < s->listener_count; i++) {
		const struct snap_listener *l = &s->listeners[i];
		struct snap_binding *two = &v->bindings[v->binding_count];

		two[0] = (struct snap_binding){ s->addr4, s, l };
		two[0].addr.port = l->port;
		two[1] = (struct snap_binding){ s->addr6, s, l };
		two[1].addr.port = l->port;
		v->binding_count += 2;
	}
}

/* Another VPC in the network of @v that has its bindings already, or NULL. */
static const struct snap_vpc *find_bound(const struct build *b, const struct snap_vpc *v)
{
	const struct snapshot *s = b->snapshot;
	size_t i;

	for (i = 0; i < s->vpc_count; i++)
		if (s->vpcs[i].bindings && str_eq(s->vpcs[i].network_id, v->network_id))
			return &s->vpcs[i];
	return NULL;
}

/* VPCs of one network share their bindings, which nobody changes any more. */
static int bind_network(struct build *b, struct snap_vpc *v)
{
	const struct snap_vpc *other = find_bound(b, v);
	struct store_query q = { .kind = KIND_SERVICE_ASSOCIATION, .links_to = v->network_id };
	struct record *r;
	size_t count;

	if (other) {
		v->bindings = other->bindings;
		v->binding_count = other->binding_count;
		v->names = other->names;
		v->name_count = other->name_count;
		return 0;
	}
	if (load(b, &q, &r) < 0)
		return -1;
	count = count_bindings(b, r);
	if (count > LATTICE_BINDINGS_MAX)
		return fault_set(b->fault, FAULT_QUOTA,
				 "VPC " STR_FMT " would reach %zu addresses and ports, "
				 "the limit is %d",
				 STR_ARG(v->id), count, LATTICE_BINDINGS_MAX);
	v->bindings = arena_new(&b->snapshot->arena, struct snap_binding, count + 1);
	v->names = arena_new(&b->snapshot->arena, struct snap_name,
			     NAMES_PER_SERVICE * record_count(r) + 1);
	if (!v->bindings || !v->names)
		return out_of_memory(b);
	for (; r; r = r->next) {
		cJSON *body = json_parse(r->body);
		const struct snap_service *s = find_service(b, json_get_str(body, "serviceId"));

		if (s && is_active(body)) {
			add_bindings(v, s);
			b->failed |= !compile_names_add(&b->snapshot->arena, v, s);
		}
		cJSON_Delete(body);
	}
	qsort(v->bindings, v->binding_count, sizeof(*v->bindings), snap_binding_cmp);
	compile_names_end(v);
	return 0;
}

static int build_bindings(struct build *b, const struct record *r)
{
	for (; r; r = r->next) {
		cJSON *body = json_parse(r->body);
		struct snap_vpc *v = find_vpc(b, json_get_str(body, "vpcId"));
		bool active = is_active(body);
		int err = 0;

		if (v && active) {
			v->network_id = keep_member(b, body, "serviceNetworkId");
			v->network_arn = keep_member(b, body, "serviceNetworkArn");
			err = filter_compile(&b->kept->security_groups, body, &b->snapshot->arena,
					     v, b->fault);
		}
		cJSON_Delete(body);
		if (err || (v && active && bind_network(b, v) < 0))
			return -1;
	}
	return 0;
}

static int build_all(struct build *b)
{
	static const struct {
		enum kind kind;
		int (*build)(struct build *b, const struct record *r);
	} parts[] = {
		{ KIND_VPC, build_vpcs },
		{ KIND_TARGET_GROUP, build_groups },
		{ KIND_SERVICE, build_services },
		{ KIND_VPC_ASSOCIATION, build_bindings },
	};
	struct record *r;
	size_t i;

	if (children_refresh(&b->kept->targets, b->store, b->fault) < 0 ||
	    children_refresh(&b->kept->listeners, b->store, b->fault) < 0 ||
	    children_refresh(&b->kept->rules, b->store, b->fault) < 0 ||
	    children_refresh(&b->kept->security_groups, b->store, b->fault) < 0 ||
	    children_refresh(&b->kept->instances, b->store, b->fault) < 0 ||
	    children_refresh(&b->kept->policies, b->store, b->fault) < 0)
		return -1;
	if (b->kept->certificates &&
	    certificates_refresh(b->kept->certificates, b->store, b->fault) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		struct store_query q = { .kind = parts[i].kind };

		if (load(b, &q, &r) < 0 || parts[i].build(b, r) < 0)
			return -1;
	}
	if (compile_identities(b->store, &b->records, b->snapshot, b->fault) < 0 ||
	    load(b, &(struct store_query){ .kind = KIND_SERVICE_NETWORK }, &r) < 0 ||
	    compile_policies(b->kept->compiled, &b->kept->policies, r, b->snapshot, b->fault) < 0)
		return -1;
	if (b->failed)
		return out_of_memory(b);
	if (log_compile(b->store, b->snapshot, &b->records, b->fault) < 0)
		return -1;
	/* Nothing looks for a VPC by its id any more. */
	qsort(b->snapshot->vpcs, b->snapshot->vpc_count, sizeof(*b->snapshot->vpcs), cmp_number);
	return 0;
}

struct compiler *compiler_new(struct store *s, const struct pool *pool)
{
	struct compiler *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->compiled = policy_cache_new();
	if (!c->compiled) {
		free(c);
		return NULL;
	}
	c->store = s;
	c->pool = pool;
	children_init(&c->targets, KIND_TARGET);
	children_init(&c->listeners, KIND_LISTENER);
	children_init(&c->rules, KIND_RULE);
	children_init(&c->security_groups, KIND_SECURITY_GROUP);
	children_init(&c->instances, KIND_INSTANCE);
	children_init(&c->policies, KIND_AUTH_POLICY);
	return c;
}

void compiler_use_certificates(struct compiler *c, struct certificates *all)
{
	c->certificates = all;
}

/* NULL is fine. */
void compiler_free(struct compiler *c)
{
	if (!c)
		return;
	children_fini(&c->targets);
	children_fini(&c->listeners);
	children_fini(&c->rules);
	children_fini(&c->security_groups);
	children_fini(&c->instances);
	children_fini(&c->policies);
	policy_cache_free(c->compiled);
	free(c);
}

/*
 * Compile all that the store holds. No transaction may be open. *@ret gets a snapshot with one
 * reference, the caller's. A service that is not ACTIVE is left out, one without association is
 * bound nowhere.
 */
int compiler_run(struct compiler *c, uint64_t generation, struct snapshot **ret,
		 struct fault *fault)
{
	struct build b = { .store = c->store, .kept = c, .fault = fault };
	struct fault ignored;
	int err = -1;

	b.snapshot = snapshot_new(generation, snapshot_bytes_max);
	if (!b.snapshot)
		return out_of_memory(&b);
	arena_init(&b.records, records_bytes_max);
	if (store_begin(c->store, false, fault) == 0) {
		err = build_all(&b);
		store_end(c->store, false, &ignored);
	}
	arena_fini(&b.records);
	if (err) {
		snapshot_put(b.snapshot);
		return -1;
	}
	*ret = b.snapshot;
	return 0;
}

int snapshot_compile(struct store *s, uint64_t generation, struct snapshot **ret,
		     struct fault *fault)
{
	struct compiler *c = compiler_new(s, &pool_default);
	int err;

	if (!c)
		return fault_set(fault, FAULT_INTERNAL, "snapshot: out of memory");
	err = compiler_run(c, generation, ret, fault);
	compiler_free(c);
	return err;
}
