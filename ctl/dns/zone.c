/* SPDX-License-Identifier: Apache-2.0 */
/* Looking a name up. What another VPC may know and this one not is missing, like any other name. */
#include "dns/zone.h"

#include "model/name.h"

/* Does @name end with "." and @above? */
static bool is_below(struct str name, struct str above)
{
	return name.n > above.n && str_ends(name, above) && name.p[name.n - above.n - 1] == '.';
}

static bool has_names_below(const struct snapshot *s, const struct snap_vpc *v, struct str above)
{
	const struct snap_network *n = snapshot_find_network(s, v->network);
	size_t i;

	for (i = 0; n && i < n->word_count * 64; i++) {
		const struct snap_service *service = snapshot_find_service(s, (uint32_t)i);

		if (service && snap_network_has(n, (uint32_t)i) &&
		    is_below(service->dns_name, above))
			return true;
	}
	return false;
}

/*
 * What @name, in lower case and without a last dot, is in @view. *@ret is the service of a
 * ZONE_SERVICE or ZONE_ALIAS.
 */
enum zone_find zone_find(const struct zone_view *view, struct str name,
			 const struct snap_service **ret)
{
	const struct snap_vpc *v = view->v;
	const struct snap_name *n = v ? name_find(view->snapshot, v, name) : NULL;

	if (n) {
		*ret = snapshot_find_service(view->snapshot, n->service);
		return n->is_alias ? ZONE_ALIAS : ZONE_SERVICE;
	}
	if (str_eq(name, view->zone))
		return ZONE_APEX;
	if (!is_below(name, view->zone))
		return ZONE_FOREIGN;
	return v && has_names_below(view->snapshot, v, name) ? ZONE_EMPTY : ZONE_MISSING;
}
