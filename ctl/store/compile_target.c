/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a target is follows from the name of its record, "10.0.0.2:8080", "[fd00::2]:8080" or
 * "i-0123456789abcdef0:8080". There may be a great many of them, and reading the body of each
 * would be most of the work.
 */
#include "store/compile_target.h"

#include "base/json.h"
#include "base/num.h"
#include "model/id.h"

/* The address that the instance @id of the VPC has now. */
static bool read_instance(struct children *instances, struct str vpc_id, struct str id,
			  struct sock_addr *ret)
{
	struct record *const *r = children_find(instances, vpc_id, id);

	if (!r)
		return false;
	return sock_addr_parse(json_get_str(children_body(instances, r), "address"), ret) == 0;
}

/* The address and port of the target @r of a group in the VPC. False: it cannot be told. */
bool target_compile(struct children *instances, struct str vpc_id, const struct record *r,
		    struct sock_addr *ret)
{
	struct str place = r->name;
	uint16_t port;

	while (place.n && place.p[place.n - 1] != ':')
		place.n--;
	if (place.n < 2 || num_parse_u16(str_skip(r->name, place.n), &port) < 0)
		return false;
	place.n--;
	if (id_is_valid(KIND_INSTANCE, place)) {
		if (!read_instance(instances, vpc_id, place, ret))
			return false;
	} else {
		if (place.p[0] == '[' && place.p[place.n - 1] == ']')
			place = str_first(str_skip(place, 1), place.n - 2);
		if (sock_addr_parse(place, ret) < 0)
			return false;
	}
	ret->port = port;
	return true;
}
