/* SPDX-License-Identifier: Apache-2.0 */
/* The stage that verifies a request's signature, where somebody wants to know who calls. */
#ifndef LATTICE_PROXY_AUTHENTICATE_H
#define LATTICE_PROXY_AUTHENTICATE_H

#include "proxy/request.h"

enum step stage_authenticate(struct request *r);

#endif
