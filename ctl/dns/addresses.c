/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aliases are followed from the name that was asked for, whatever their order in the answer; an
 * address of a name that none of them leads to is not taken.
 */
#include "dns/addresses.h"

#include <stdlib.h>

enum { ANCOUNT = 6, V4_BYTES = 4, V6_BYTES = 16 };

/* One walk over the answers in a message. */
struct walk {
	struct str message;
	size_t at;
	unsigned left;
};

static struct walk start(struct str message, const struct dns_query *q)
{
	return (struct walk){ message, DNS_HEADER_BYTES + q->name.n + 4U,
			      dns_get_u16(message, ANCOUNT) };
}

/* The next answer of @type that @owner has. False: there is no more. */
static bool next(struct walk *w, const struct dns_name *owner, uint16_t type,
		 struct dns_record *ret)
{
	struct dns_name name;

	while (w->left && dns_record_next(w->message, &w->at, ret)) {
		w->left--;
		if (ret->type == type && ret->class == DNS_CLASS_IN &&
		    dns_name_expand(w->message, ret->at, &name) && dns_name_eq(&name, owner))
			return true;
	}
	return false;
}

/* Where the aliases lead that begin at @name, which becomes that. */
static bool follow_aliases(struct str message, const struct dns_query *q, struct dns_name *name,
			   uint32_t *ttl)
{
	struct dns_record r;
	int i;

	for (i = 0; i <= ADDRESSES_ALIASES_MAX; i++) {
		struct walk w = start(message, q);

		if (!next(&w, name, DNS_CNAME, &r))
			return true;
		if (!dns_name_expand(message, r.data_at, name))
			return false;
		if (r.ttl < *ttl)
			*ttl = r.ttl;
	}
	return false;
}

static int cmp_addr(const void *a, const void *b)
{
	const struct sock_addr *x = a, *y = b;

	return memcmp(&x->v6, &y->v6, sizeof(x->v6));
}

static void take(const struct walk *w, const struct dns_record *r, struct addresses *ret)
{
	struct sock_addr *a = &ret->at[ret->count];

	*a = (struct sock_addr){ .family = r->type == DNS_A ? AF_INET : AF_INET6 };
	memset(&a->v6, 0, sizeof(a->v6));
	memcpy(&a->v6, w->message.p + r->data_at, r->data_bytes);
	ret->count++;
	if (r->ttl < ret->ttl)
		ret->ttl = r->ttl;
}

/*
 * What @message, as a forwarder passes it on, answers to @q, a question for A or AAAA. Empty: there
 * is no answer.
 */
enum addresses_outcome addresses_read(struct str message, const struct dns_query *q,
				      struct addresses *ret)
{
	size_t bytes = q->type == DNS_A ? V4_BYTES : V6_BYTES;
	struct dns_name name = q->name;
	struct dns_record r;
	struct walk w;
	unsigned rcode;

	*ret = (struct addresses){ .ttl = UINT32_MAX };
	if (message.n < DNS_HEADER_BYTES + q->name.n + 4U)
		return ADDRESSES_FAILED;
	rcode = dns_get_u16(message, 2) & DNS_RCODE;
	if (rcode == DNS_NXDOMAIN)
		return ADDRESSES_NO_NAME;
	if (rcode != DNS_NOERROR || !follow_aliases(message, q, &name, &ret->ttl))
		return ADDRESSES_FAILED;
	w = start(message, q);
	while (ret->count < HOST_ADDRESSES_MAX && next(&w, &name, q->type, &r))
		if (r.data_bytes == bytes)
			take(&w, &r, ret);
	if (!ret->count)
		return ADDRESSES_NONE;
	qsort(ret->at, ret->count, sizeof(ret->at[0]), cmp_addr);
	return ADDRESSES_FOUND;
}
