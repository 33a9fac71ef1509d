/* SPDX-License-Identifier: Apache-2.0 */
/* What the proxy says in the heads that it sends, whichever version of HTTP carries them. */
#ifndef LATTICE_PROXY_RELAY_HEAD_H
#define LATTICE_PROXY_RELAY_HEAD_H

#include "http/head_out.h"

struct request;

bool relay_head_asks_upgrade(const struct request *r);
struct str relay_head_target(const struct http_request *q);
void relay_head_request_fields(struct request *r, const struct head_out *to);
void relay_head_response_fields(struct request *r, const struct http_response *response,
				const struct head_out *to);

#endif
