/* SPDX-License-Identifier: Apache-2.0 */
/* The stage that asks the policies of network, service and caller whether the request may go on. */
#ifndef LATTICE_PROXY_AUTHORIZE_H
#define LATTICE_PROXY_AUTHORIZE_H

#include "proxy/request.h"

enum step stage_authorize(struct request *r);
bool authorize_is_asked(const struct request *r);
bool authorize_is_enforced(const struct request *r);
struct refusal *authorize_refusal(struct request *r);

#endif
