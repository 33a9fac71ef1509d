/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroups of a process, names in which containers choose: the first line of the input is the
 * container's id, the rest the cgroups. A process is in a container only where its id is.
 */
#include "io/process.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str_cut c = str_cut((struct str){ (const char *)data, size }, '\n');
	int depth;

	if (!process_is_container_id(c.head))
		return 0;
	depth = process_container_depth(c.tail, c.head);
	if (depth < -1 || (depth >= 0 && !memmem(c.tail.p, c.tail.n, c.head.p, c.head.n)))
		abort();
	process_is_alive(c.tail);
	return 0;
}
