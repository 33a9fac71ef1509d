/* SPDX-License-Identifier: Apache-2.0 */
/* From the record of a target to its address. */
#ifndef LATTICE_STORE_COMPILE_TARGET_H
#define LATTICE_STORE_COMPILE_TARGET_H

#include "store/build.h"

bool compile_target(struct build *b, struct str vpc_id, const struct record *r,
		    struct sock_addr *ret);

#endif
