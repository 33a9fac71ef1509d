/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a new store as the API would, but quickly: seed FILE NETNS SERVICES RULES TARGETS makes a
 * VPC whose namespace is at NETNS, a network, and in it services with one listener, that many
 * rules, and a group of that many targets each.
 */
#include "base/num.h"
#include "model/id.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

#define ACCOUNT "123456789012"
#define ARN	"arn:aws:vpc-lattice:us-east-1:" ACCOUNT ":"

static struct store *store;

static void die(const struct fault *f)
{
	fprintf(stderr, "seed: %s\n", f->message);
	exit(1);
}

enum { BODY_BYTES_MAX = 2048 };

/* The body of @r, which is an object with members, with the record's own ARN before them. */
static struct str with_arn(const struct record *r, char text[BODY_BYTES_MAX])
{
	int n;

	if (r->kind == KIND_TARGET)
		return r->body;
	n = snprintf(text, BODY_BYTES_MAX, "{\"arn\":\"" ARN "%s/" STR_FMT "\"," STR_FMT,
		     kind_names(r->kind)->tail, STR_ARG(r->id), STR_ARG(str_skip(r->body, 1)));
	return (struct str){ text, (size_t)n };
}

/* Insert a record of @kind and write its id to @id; @body is borrowed. */
static void insert(enum kind kind, const char *parent, const char *name, const char *body,
		   uint32_t number, char id[ID_BYTES_MAX])
{
	struct record r = { .kind = kind,
			    .account = STR(ACCOUNT),
			    .parent = str_of(parent),
			    .name = str_of(name),
			    .body = str_of(body),
			    .created_ms = 1,
			    .updated_ms = 1 };
	struct store_change c = {
		.action = STORE_INSERT, .record = &r, .number_min = number, .number_max = number
	};
	char text[BODY_BYTES_MAX];
	struct fault f;

	r.id = id_new(kind, id);
	id[r.id.n] = '\0';
	r.body = with_arn(&r, text);
	if (store_change(store, &c, &f) < 0)
		die(&f);
}

static void link_to(const char *from, const char *to)
{
	struct store_change c = { .action = STORE_LINK, .id = str_of(from), .target = str_of(to) };
	struct fault f;

	if (store_change(store, &c, &f) < 0)
		die(&f);
}

struct plan {
	uint32_t services, rules, targets;
	char vpc[ID_BYTES_MAX], network[ID_BYTES_MAX];
};

static void add_group(const struct plan *p, unsigned i, char id[ID_BYTES_MAX])
{
	char name[64], body[1024], target[ID_BYTES_MAX];
	unsigned k;

	snprintf(name, sizeof(name), "group-%u", i);
	snprintf(
		body, sizeof(body),
		"{\"status\":\"ACTIVE\",\"type\":\"IP\","
		"\"vpcIdentifier\":\"%s\",\"config\":{\"port\":80,\"protocol\":\"HTTP\","
		"\"protocolVersion\":\"HTTP1\",\"ipAddressType\":\"IPV4\",\"vpcIdentifier\":\"%s\","
		"\"healthCheck\":{\"enabled\":false}}}",
		p->vpc, p->vpc);
	insert(KIND_TARGET_GROUP, NULL, name, body, 0, id);
	link_to(id, p->vpc);
	for (k = 0; k < p->targets; k++) {
		snprintf(name, sizeof(name), "10.%u.%u.%u:80", 1 + (i >> 8 & 127), i & 255, k + 1);
		insert(KIND_TARGET, id, name, "{}", 0, target);
	}
}

static void add_rules(const struct plan *p, const char *listener, const char *group)
{
	char name[64], body[1024], id[ID_BYTES_MAX];
	unsigned k;

	for (k = 1; k <= p->rules; k++) {
		snprintf(name, sizeof(name), "r-%u", k);
		snprintf(body, sizeof(body),
			 "{\"match\":{\"httpMatch\":{\"pathMatch\":{\"match\":{\"prefix\":\"/"
			 "v%u\"}}}},"
			 "\"action\":{\"forward\":{\"targetGroups\":"
			 "[{\"targetGroupIdentifier\":\"%s\",\"weight\":100}]}}}",
			 k, group);
		insert(KIND_RULE, listener, name, body, k, id);
		link_to(id, group);
	}
}

static void add_service(const struct plan *p, unsigned i)
{
	char name[128], body[1024], id[ID_BYTES_MAX], group[ID_BYTES_MAX], other[ID_BYTES_MAX];

	add_group(p, i, group);
	snprintf(name, sizeof(name), "service-%u", i);
	snprintf(body, sizeof(body),
		 "{\"status\":\"ACTIVE\",\"authType\":\"NONE\","
		 "\"idleTimeoutSeconds\":60,\"dnsEntry\":{\"domainName\":\"service-%u-"
		 "0123456789abcdef0.7d67968.vpc-lattice-svcs.us-east-1.on.aws\","
		 "\"hostedZoneId\":\"Z\"}}",
		 i);
	insert(KIND_SERVICE, NULL, name, body, i + 1, id);
	insert(KIND_LISTENER, id, "http",
	       "{\"protocol\":\"HTTP\",\"port\":80,"
	       "\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}",
	       80, other);
	add_rules(p, other, group);
	snprintf(name, sizeof(name), "%s/%s", p->network, id);
	snprintf(body, sizeof(body),
		 "{\"status\":\"ACTIVE\",\"serviceId\":\"%s\","
		 "\"serviceNetworkId\":\"%s\"}",
		 id, p->network);
	insert(KIND_SERVICE_ASSOCIATION, NULL, name, body, 0, other);
	link_to(other, p->network);
	link_to(other, id);
}

static void add_network(struct plan *p, const char *netns)
{
	char body[1024], id[ID_BYTES_MAX];

	snprintf(body, sizeof(body), "{\"netns\":\"%s\"}", netns);
	insert(KIND_VPC, NULL, "bench", body, 1, p->vpc);
	insert(KIND_SERVICE_NETWORK, NULL, "bench", "{\"authType\":\"NONE\"}", 0, p->network);
	snprintf(body, sizeof(body),
		 "{\"status\":\"ACTIVE\",\"vpcId\":\"%s\","
		 "\"serviceNetworkId\":\"%s\",\"securityGroupIds\":[]}",
		 p->vpc, p->network);
	insert(KIND_VPC_ASSOCIATION, NULL, p->vpc, body, 0, id);
	link_to(id, p->network);
	link_to(id, p->vpc);
}

int main(int argc, char **argv)
{
	struct plan p = { 0 };
	struct fault f;
	unsigned i;

	if (argc != 6 || num_parse_u32(str_of(argv[3]), &p.services) < 0 ||
	    num_parse_u32(str_of(argv[4]), &p.rules) < 0 ||
	    num_parse_u32(str_of(argv[5]), &p.targets) < 0) {
		fprintf(stderr, "seed FILE NETNS SERVICES RULES TARGETS\n");
		return 2;
	}
	if (store_open_sqlite(argv[1], &store, &f) < 0 || store_begin(store, true, &f) < 0)
		die(&f);
	add_network(&p, argv[2]);
	for (i = 0; i < p.services; i++)
		add_service(&p, i);
	if (store_end(store, true, &f) < 0)
		die(&f);
	store_close(store);
	return 0;
}
