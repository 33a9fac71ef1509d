/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Destinations of access logs: whatever an ARN says becomes a plain file name, or is refused. And
 * where functions are called.
 */
#include "model/log_place.h"
#include "model/endpoint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };
	char file[LOG_FILE_NAME_MAX + 1];
	struct endpoint e;
	struct log_url u;

	if (log_arn_parse(s, file) != LOG_TYPE_NONE) {
		assert(log_file_name_is_valid(str_of(file)));
		assert(str_ends(str_of(file), STR(".log")));
	}
	if (log_url_parse(s, &u) == 0) {
		assert(u.addr.port && u.path.n && u.path.p[0] == '/');
		assert(u.authority.p >= s.p && u.authority.p + u.authority.n <= s.p + s.n);
	}
	if (endpoint_parse(s, &e) == 0) {
		assert(e.addr.port && e.name.n && e.host.n >= e.name.n);
		assert(!e.path.n || (e.path.p[0] == '/' && e.path.p[e.path.n - 1] != '/'));
	}
	return 0;
}
