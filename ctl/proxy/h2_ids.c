/* SPDX-License-Identifier: Apache-2.0 */
/* Stream numbers that a client may still open. */
#include "proxy/h2_ids.h"

/*
 * A head came for the client's stream @id. False: the stream was passed over and may not be opened
 * any more (RFC 9113 section 5.1.1); libnghttp2 cannot tell that from one that was open and is
 * closed, whose trailers may still be under way.
 */
bool h2_ids_open(struct h2_ids *ids, int32_t id)
{
	int32_t before = ids->last ? ids->last : -1;
	unsigned i;

	if (id > ids->last) {
		if (id > 2 && id - 2 > before)
			ids->skips[ids->count++ % H2_SKIPS_MAX] =
				(struct h2_skip){ before + 2, id - 2 };
		ids->last = id;
		return true;
	}
	for (i = 0; i < ids->count && i < H2_SKIPS_MAX; i++) {
		if (id >= ids->skips[i].from && id <= ids->skips[i].to)
			return false;
	}
	return true;
}
