/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of resources there are, and what each is called. */
#ifndef LATTICE_MODEL_KIND_H
#define LATTICE_MODEL_KIND_H

#include "base/str.h"

enum kind {
	KIND_NONE,
#define X(kind, number, prefix, tail, type, word) KIND_##kind = (number),
#include "model/kinds.def"
#undef X
};

/* What one kind is called; terminated, static. */
struct kind_names {
	const char *prefix; /* of ids */
	const char *tail;   /* in ARNs */
	const char *type;   /* resourceType in faults */
	const char *word;   /* in messages */
};

const struct kind_names *kind_names(enum kind kind);

#endif
