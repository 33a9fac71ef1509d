/* SPDX-License-Identifier: Apache-2.0 */
/* Targets that speak HTTP/1: a connection each for as long as the exchange lasts. */
#ifndef LATTICE_PROXY_TARGET_H1_H
#define LATTICE_PROXY_TARGET_H1_H

#include "proxy/side.h"

extern const struct target_ops target_h1;

#endif
