/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields as libnghttp2 takes them. Of a head that we send, names and values are copied once, and
 * held until nothing is queued any more: what became of its stream does not matter.
 */
#ifndef LATTICE_PROXY_H2_FIELDS_H
#define LATTICE_PROXY_H2_FIELDS_H

#include "base/reuse.h"
#include "http/head_out.h"

#include <nghttp2/nghttp2.h>

struct h2_block;

/* Of one session; all-zero but for @reuse holds nothing. */
struct h2_fields {
	struct reuse *reuse;
	struct h2_block *held;
	unsigned heads; /* that were made */
};

size_t h2_fields_make(struct h2_fields *f, const struct head_list *fields, nghttp2_nv *ret);
void h2_fields_release(struct h2_fields *f);

#endif
