/* SPDX-License-Identifier: Apache-2.0 */
/* A book of names is small and changes rarely: it is made anew each time. */
#include "model/hosts.h"

#include <stdlib.h>
#include <strings.h>

/* One with room for @count hosts, which the caller fills, and one reference. NULL without memory.
 */
struct hosts *hosts_new(size_t count)
{
	struct hosts *h = calloc(1, sizeof(*h) + count * sizeof(h->at[0]));

	if (!h)
		return NULL;
	h->refs = 1;
	h->count = count;
	return h;
}

struct hosts *hosts_get(struct hosts *h)
{
	atomic_fetch_add_explicit(&h->refs, 1, memory_order_relaxed);
	return h;
}

/* NULL is fine. */
void hosts_put(struct hosts *h)
{
	if (h && atomic_fetch_sub(&h->refs, 1) == 1)
		free(h);
}

/* For qsort() over struct str, without regard to case. */
int host_name_cmp(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = n ? strncasecmp(x->p, y->p, n) : 0;

	return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* What is known of @name, borrowed; NULL: it is not looked up. @h may be NULL. */
const struct host *hosts_find(const struct hosts *h, struct str name)
{
	size_t low = 0, high = h ? h->count : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct str at = str_of(h->at[mid].name);
		int order = host_name_cmp(&at, &name);

		if (!order)
			return &h->at[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* The @nth address of @name into @ret, whose port stays. False: there are not so many. */
bool hosts_choose(const struct hosts *h, struct str name, unsigned nth, struct sock_addr *ret)
{
	const struct host *found = hosts_find(h, name);
	uint16_t port = ret->port;

	if (!found || nth >= found->count)
		return false;
	*ret = found->addrs[nth];
	ret->port = port;
	return true;
}

const char *host_state_word(enum host_state s)
{
	static const char *const words[] = {
		[HOST_PENDING] = "PENDING",
		[HOST_RESOLVED] = "RESOLVED",
		[HOST_STALE] = "STALE",
		[HOST_UNRESOLVED] = "UNRESOLVED",
	};

	return words[s];
}
