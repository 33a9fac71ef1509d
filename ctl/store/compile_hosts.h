/* SPDX-License-Identifier: Apache-2.0 */
/* The names outside that functions and log destinations are called at. */
#ifndef LATTICE_STORE_COMPILE_HOSTS_H
#define LATTICE_STORE_COMPILE_HOSTS_H

#include "store/build.h"

int compile_hosts(struct build *b);

#endif
