/* SPDX-License-Identifier: Apache-2.0 */
/* The heads that the proxy sends: to the target, and to the client. */
#ifndef LATTICE_PROXY_RELAY_HEAD_H
#define LATTICE_PROXY_RELAY_HEAD_H

#include "http/message.h"

struct request;

bool relay_head_asks_upgrade(const struct request *r);
void relay_head_to_target(struct request *r);
void relay_head_to_client(struct request *r, const struct http_response *response);

#endif
