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

#include <cjson/cJSON.h>

/* The record of the instance @id of the VPC, or NULL. */
static const struct record *find_instance(struct build *b, struct str vpc_id, struct str id)
{
	struct store_query q = { .kind = KIND_INSTANCE, .id = id, .parent = vpc_id, .limit = 1 };
	struct record *const *found;
	struct record *r;

	if (b->is_whole) {
		found = children_find(&b->instances, vpc_id, id);
		return found ? *found : NULL;
	}
	return store_list(b->store, &q, &b->reading, &r, b->fault) == 0 ? r : NULL;
}

/* The address that the instance @id of the VPC has now. */
static bool read_instance(struct build *b, struct str vpc_id, struct str id, struct sock_addr *ret)
{
	const struct record *r = find_instance(b, vpc_id, id);
	cJSON *body = r ? json_parse(r->body) : NULL;
	bool is_read = sock_addr_parse(json_get_str(body, "address"), ret) == 0;

	cJSON_Delete(body);
	return is_read;
}

/* The address and port of the target @r of a group in the VPC. False: it cannot be told. */
bool compile_target(struct build *b, struct str vpc_id, const struct record *r,
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
		if (!read_instance(b, vpc_id, place, ret))
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
