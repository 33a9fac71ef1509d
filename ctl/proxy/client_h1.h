/* SPDX-License-Identifier: Apache-2.0 */
/* The client of a request that came over HTTP/1. */
#ifndef LATTICE_PROXY_CLIENT_H1_H
#define LATTICE_PROXY_CLIENT_H1_H

#include "proxy/side.h"

extern const struct client_ops client_h1;

#endif
