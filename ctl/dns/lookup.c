/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name is asked for twice, for IPv4 and IPv6. An answer counts until it is too old; then the name
 * is asked for again, and while nobody answers it keeps what it had. That there is no such name is
 * an answer, too, and takes the addresses away.
 */
#include "dns/lookup.h"

#include "base/clock.h"
#include "dns/addresses.h"

#include <lattice/limits.h>
#include <stdlib.h>

enum { V4, V6, FAMILIES };

/* What is known of one name. */
struct name {
	struct list link;
	char text[HOST_NAME_BYTES_MAX + 1];
	uint64_t ticket, due_ms;
	unsigned waiting; /* questions on their way */
	bool has_changed; /* since it was given away */
	unsigned failures;
	struct addresses at[FAMILIES];
	enum addresses_outcome outcome[FAMILIES];
	enum host_state state;
	const char *reason;
	uint64_t since_ms;
};

static void run(struct lookup *l);

static void due_expired(struct timer *t)
{
	run(container_of(t, struct lookup, due));
}

void lookup_init(struct lookup *l, struct loop *loop, const struct lookup_hooks *hooks)
{
	*l = (struct lookup){ .loop = loop, .hooks = *hooks, .due.expired = due_expired };
	list_init(&l->names);
}

static void forget(struct lookup *l, struct name *n)
{
	if (n->waiting)
		l->asking--;
	list_remove(&n->link);
	l->count--;
	free(n);
}

void lookup_fini(struct lookup *l)
{
	timer_disarm(l->loop, &l->due);
	while (!list_empty(&l->names))
		forget(l, list_entry(l->names.next, struct name, link));
}

static void write_host(const struct name *n, struct host *to)
{
	unsigned family, i;

	memcpy(to->name, n->text, sizeof(to->name));
	to->state = n->state;
	to->reason = n->reason;
	to->since_ms = n->since_ms;
	for (family = 0; family < FAMILIES; family++)
		for (i = 0; i < n->at[family].count; i++)
			to->addrs[to->count++] = n->at[family].at[i];
}

/* Give away a book of all that is known. Without memory the old one stays. */
static void publish(struct lookup *l)
{
	struct hosts *h = hosts_new(l->count);
	struct list *pos;
	size_t i = 0;

	if (!h)
		return;
	list_each (pos, &l->names)
		write_host(list_entry(pos, struct name, link), &h->at[i++]);
	l->hooks.changed(l->hooks.ctx, h);
}

static bool same_addresses(const struct addresses *a, const struct addresses *b)
{
	unsigned i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!sock_addr_eq(&a->at[i], &b->at[i]))
			return false;
	return true;
}

/* The state of @n, of which both families are settled. */
static enum host_state judge(const struct name *n, const char **ret_reason)
{
	unsigned count = n->at[V4].count + n->at[V6].count;
	bool has_failed = n->outcome[V4] == ADDRESSES_FAILED || n->outcome[V6] == ADDRESSES_FAILED;
	bool is_found = n->outcome[V4] == ADDRESSES_FOUND || n->outcome[V6] == ADDRESSES_FOUND;

	*ret_reason = NULL;
	if (is_found)
		return HOST_RESOLVED;
	if (has_failed)
		*ret_reason = "the host's resolvers do not answer";
	else if (n->outcome[V4] == ADDRESSES_NO_NAME)
		*ret_reason = "there is no such name";
	else
		*ret_reason = "the name has no address";
	return count ? HOST_STALE : HOST_UNRESOLVED;
}

/* For how long what is known of @n counts. */
static uint64_t good_ms(struct name *n)
{
	uint32_t seconds = LOOKUP_SECONDS_MAX;
	uint64_t retry_ms = LOOKUP_RETRY_MS_MAX;
	int i;

	if (n->state != HOST_RESOLVED) {
		if (n->failures < 6)
			retry_ms = (uint64_t)LOOKUP_RETRY_MS_MIN << n->failures++;
		return retry_ms < LOOKUP_RETRY_MS_MAX ? retry_ms : LOOKUP_RETRY_MS_MAX;
	}
	n->failures = 0;
	for (i = 0; i < FAMILIES; i++)
		if (n->outcome[i] == ADDRESSES_FOUND && n->at[i].ttl < seconds)
			seconds = n->at[i].ttl;
	return 1000 * (uint64_t)(seconds < LOOKUP_SECONDS_MIN ? LOOKUP_SECONDS_MIN : seconds);
}

/* Both questions about @n are answered. */
static void settle(struct lookup *l, struct name *n, bool has_changed)
{
	const char *reason;
	enum host_state state = judge(n, &reason);

	if (state != n->state)
		n->since_ms = clock_wall_ms();
	has_changed |= state != n->state || reason != n->reason;
	n->state = state;
	n->reason = reason;
	n->due_ms = l->loop->now_ms + good_ms(n);
	if (has_changed)
		publish(l);
}

/* Ask for the addresses of @n. The answers may come before this returns. */
static void ask(struct lookup *l, struct name *n)
{
	static const uint16_t types[FAMILIES] = { DNS_A, DNS_AAAA };
	/* Over TCP, as far as what is cut short is concerned. */
	const struct dns_client as = { .vpc = LATTICE_HOST_VPC,
				       .is_tcp = true,
				       .epoch = n->ticket };
	struct dns_query q = { .flags = DNS_RD, .class = DNS_CLASS_IN };
	int i;

	if (!dns_name_parse(str_of(n->text), &q.name))
		return; /* the API takes no such name */
	n->waiting = FAMILIES;
	l->asking++;
	for (i = 0; i < FAMILIES; i++) {
		q.type = types[i];
		l->hooks.ask(l->hooks.ctx, &q, &as);
	}
}

/* Ask for what is due, as much as may be at once, and wake up for the rest. */
static void run(struct lookup *l)
{
	uint64_t next_ms = UINT64_MAX, now_ms = l->loop->now_ms;
	struct list *pos;

	if (l->is_running)
		return;
	l->is_running = true;
	list_each (pos, &l->names) {
		struct name *n = list_entry(pos, struct name, link);

		if (!n->waiting && n->due_ms <= now_ms && l->asking < LOOKUPS_AT_ONCE)
			ask(l, n);
		if (!n->waiting && n->due_ms > now_ms && n->due_ms < next_ms)
			next_ms = n->due_ms;
	}
	l->is_running = false;
	timer_disarm(l->loop, &l->due);
	if (next_ms != UINT64_MAX)
		timer_arm(l->loop, &l->due, next_ms - now_ms);
}

static struct name *find_ticket(const struct lookup *l, uint64_t ticket)
{
	struct list *pos;

	list_each (pos, &l->names) {
		struct name *n = list_entry(pos, struct name, link);

		if (n->ticket == ticket)
			return n;
	}
	return NULL;
}

/* Is @c us, and not the client of a VPC? */
bool lookup_is_asker(const struct dns_client *c)
{
	return c->vpc == LATTICE_HOST_VPC;
}

/* @message answers @q, which was asked @as. Empty: nobody answered. */
void lookup_take(struct lookup *l, const struct dns_client *as, const struct dns_query *q,
		 struct str message, uint32_t age_seconds)
{
	struct name *n = find_ticket(l, as->epoch);
	int family = q->type == DNS_A ? V4 : V6;
	struct addresses found;
	bool has_changed;

	if (!n || !n->waiting)
		return;
	n->outcome[family] = addresses_read(message, q, &found);
	found.ttl -= age_seconds < found.ttl ? age_seconds : found.ttl;
	has_changed =
		n->outcome[family] != ADDRESSES_FAILED && !same_addresses(&n->at[family], &found);
	if (n->outcome[family] != ADDRESSES_FAILED)
		n->at[family] = found;
	n->has_changed |= has_changed;
	if (--n->waiting)
		return;
	l->asking--;
	settle(l, n, n->has_changed);
	n->has_changed = false;
	run(l);
}

static bool is_wanted(const struct host_names *names, const struct name *n)
{
	struct str text = str_of(n->text);

	return names->count && bsearch(&text, names->at, names->count, sizeof(text), host_name_cmp);
}

/* A name that is due now, in front of @before. False without memory. */
static bool add(struct lookup *l, struct str text, struct list *before)
{
	struct name *n = text.n <= HOST_NAME_BYTES_MAX ? calloc(1, sizeof(*n)) : NULL;

	if (!n)
		return false;
	memcpy(n->text, text.p, text.n);
	n->ticket = ++l->last_ticket;
	n->since_ms = clock_wall_ms();
	list_add_tail(before, &n->link);
	l->count++;
	return true;
}

/* Keep @names, which are sorted and copied, looked up from now on, and no others. */
void lookup_want(struct lookup *l, const struct host_names *names)
{
	bool has_changed = false;
	struct list *pos, *after;
	size_t i = 0;

	list_each_safe (pos, after, &l->names) {
		struct name *n = list_entry(pos, struct name, link);

		if (is_wanted(names, n))
			continue;
		forget(l, n);
		has_changed = true;
	}
	for (pos = l->names.next; i < names->count; i++) {
		struct str text = pos == &l->names
					  ? (struct str){ 0 }
					  : str_of(list_entry(pos, struct name, link)->text);

		if (text.n && !host_name_cmp(&text, &names->at[i]))
			pos = pos->next;
		else
			has_changed |= add(l, names->at[i], pos);
	}
	if (has_changed)
		publish(l);
	run(l);
}
