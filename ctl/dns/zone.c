/* SPDX-License-Identifier: Apache-2.0 */
/* Looking a name up. What another VPC may know and this one not is missing, like any other name. */
#include "dns/zone.h"

/* Does @name end with "." and @above? */
static bool is_below(struct str name, struct str above)
{
	return name.n > above.n && str_ends(name, above) && name.p[name.n - above.n - 1] == '.';
}

static bool has_names_below(const struct snap_vpc *v, struct str above)
{
	size_t i;

	for (i = 0; i < v->name_count; i++) {
		if (!v->names[i].is_alias && is_below(v->names[i].name, above))
			return true;
	}
	return false;
}

/*
 * What @name, in lower case and without a last dot, is to the clients of @v, which may be NULL: a
 * VPC that nothing is known of. *@ret is the service of a ZONE_SERVICE or ZONE_ALIAS.
 */
enum zone_find zone_find(const struct snap_vpc *v, struct str zone, struct str name,
			 const struct snap_service **ret)
{
	const struct snap_name *n = v ? snap_vpc_find_name(v, name) : NULL;

	if (n) {
		*ret = n->service;
		return n->is_alias ? ZONE_ALIAS : ZONE_SERVICE;
	}
	if (str_eq(name, zone))
		return ZONE_APEX;
	if (!is_below(name, zone))
		return ZONE_FOREIGN;
	return v && has_names_below(v, name) ? ZONE_EMPTY : ZONE_MISSING;
}
