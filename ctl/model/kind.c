/* SPDX-License-Identifier: Apache-2.0 */
/* The names of kinds of resources, from kinds.def. */
#include "model/kind.h"

#include "base/array.h"

static const struct kind_names names[] = {
	[KIND_NONE] = { "", "", "", "resource" },
#define X(kind, number, prefix, tail, type, word) [KIND_##kind] = { prefix, tail, type, word },
#include "model/kinds.def"
#undef X
};

/* The names of @kind; those of KIND_NONE when it is none of ours. */
const struct kind_names *kind_names(enum kind kind)
{
	if ((size_t)kind >= ARRAY_SIZE(names) || !names[kind].prefix)
		return &names[KIND_NONE];
	return &names[kind];
}
