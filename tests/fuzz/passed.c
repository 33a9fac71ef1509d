/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the environment says of passed fds, a line each for LISTEN_PID, LISTEN_FDS and
 * LISTEN_FDNAMES: whatever it is, no fd has a name from elsewhere or a number out of bounds.
 */
#include "io/passed.h"
#include "steer/keep.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct passed at[PASSED_MAX];
	struct str_cut pid = str_cut((struct str){ (const char *)data, size }, '\n');
	struct str_cut fds = str_cut(pid.tail, '\n');
	const struct passed_words w = { pid.head, fds.head, fds.tail };
	unsigned count, i;

	if (passed_parse(&w, 77, at, &count))
		assert(!count);
	assert(count <= PASSED_MAX);
	for (i = 0; i < count; i++) {
		struct str name = at[i].name;

		assert(at[i].fd == PASSED_FIRST + (int)i);
		assert(!name.n ||
		       (name.p >= w.names.p && name.p + name.n <= w.names.p + w.names.n));
		if (keep_name_parse(name))
			assert(passed_name_is_valid(name) && name.n < KEEP_NAME_BYTES);
	}
	return 0;
}
