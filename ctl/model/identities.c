/* SPDX-License-Identifier: Apache-2.0 */
/* Looking identities up in a snapshot, by bisection. */
#include "model/identities.h"

#include <stdlib.h>

static int cmp_identity(const void *key, const void *item)
{
	return str_cmp(*(const struct str *)key,
		       ((const struct snap_identity *)item)->principal.arn);
}

static int cmp_key(const void *key, const void *item)
{
	return str_cmp(*(const struct str *)key, ((const struct access_key *)item)->id);
}

/* The identity that was added as @arn, or NULL. */
const struct snap_identity *identities_find(const struct snap_identities *s, struct str arn)
{
	return s->count ? bsearch(&arn, s->at, s->count, sizeof(*s->at), cmp_identity) : NULL;
}

/* The access key @id, active or not, or NULL. */
const struct access_key *identities_find_key(const struct snap_identities *s, struct str id)
{
	return s->key_count ? bsearch(&id, s->keys, s->key_count, sizeof(*s->keys), cmp_key) : NULL;
}

/* Order of attestations: VPC, those by cgroup first, then uid or path. */
int snap_attestation_cmp(const void *a, const void *b)
{
	const struct snap_attestation *x = a, *y = b;

	if (x->vpc != y->vpc)
		return x->vpc < y->vpc ? -1 : 1;
	if (x->by_uid != y->by_uid)
		return x->by_uid ? 1 : -1;
	if (x->by_uid)
		return x->uid < y->uid ? -1 : x->uid > y->uid;
	return str_cmp(x->cgroup, y->cgroup);
}

static const struct principal *find(const struct snap_identities *s,
				    const struct snap_attestation *key)
{
	const struct snap_attestation *found = NULL;

	if (s->attestation_count)
		found = bsearch(key, s->attestations, s->attestation_count, sizeof(*key),
				snap_attestation_cmp);
	return found ? &found->principal : NULL;
}

/* Whom processes of the user @uid in @vpc are taken for, or NULL. A cgroup's rule goes before. */
const struct principal *identities_attest_uid(const struct snap_identities *s, uint32_t vpc,
					      uint32_t uid)
{
	struct snap_attestation key = { .vpc = vpc, .by_uid = true, .uid = uid };

	return find(s, &key);
}

/*
 * Whom processes of the cgroup @path in @vpc are taken for, or NULL. The rule of the closest
 * cgroup decides: "/a/b" is for itself and for "/a/b/c", not for "/a/bc".
 */
const struct principal *identities_attest_cgroup(const struct snap_identities *s, uint32_t vpc,
						 struct str path)
{
	struct snap_attestation key = { .vpc = vpc, .cgroup = path };
	const struct principal *p;

	if (!identities_is_cgroup(path))
		return NULL;
	while (key.cgroup.n > 1) {
		p = find(s, &key);
		if (p)
			return p;
		do
			key.cgroup.n--;
		while (key.cgroup.p[key.cgroup.n] != '/');
	}
	key.cgroup = STR("/");
	return find(s, &key);
}

/* Is there any rule for @vpc, by user or else by cgroup? */
bool identities_attests(const struct snap_identities *s, uint32_t vpc, bool by_uid)
{
	size_t low = 0, high = s->attestation_count;

	/* The least that a rule of the kind can be; what is not before it is the first of them. */
	const struct snap_attestation least = { .vpc = vpc, .by_uid = by_uid };

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snap_attestation_cmp(&s->attestations[middle], &least) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->attestation_count && s->attestations[low].vpc == vpc &&
	       s->attestations[low].by_uid == by_uid;
}

/* Is @path absolute, without empty and dot segments and without a slash at its end? */
bool identities_is_cgroup(struct str path)
{
	struct str_cut c = str_cut(path, '/');

	if (!c.found || c.head.n)
		return false;
	if (path.n == 1)
		return true;
	do {
		c = str_cut(c.tail, '/');
		if (!c.head.n || str_eq(c.head, STR(".")) || str_eq(c.head, STR("..")))
			return false;
	} while (c.found);
	return true;
}
