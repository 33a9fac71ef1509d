/* SPDX-License-Identifier: Apache-2.0 */
/* libnghttp2's memory, which it asks for several times a request, from what a worker keeps. */
#ifndef LATTICE_PROXY_H2_MEMORY_H
#define LATTICE_PROXY_H2_MEMORY_H

#include "base/reuse.h"

#include <nghttp2/nghttp2.h>

nghttp2_mem h2_memory(struct reuse *r);

#endif
