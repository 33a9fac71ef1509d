/* SPDX-License-Identifier: Apache-2.0 */
/* What gRPC adds to HTTP: how to know it, and its statuses. */
#ifndef LATTICE_HTTP_GRPC_H
#define LATTICE_HTTP_GRPC_H

#include "http/message.h"

/* Of gRPC's statuses, those that a proxy has a use for. */
enum {
	GRPC_UNKNOWN = 2,
	GRPC_PERMISSION_DENIED = 7,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_INTERNAL = 13,
	GRPC_UNAVAILABLE = 14,
	GRPC_UNAUTHENTICATED = 16, /* the last there is */
};

bool grpc_is_request(const struct http_request *q);
uint16_t grpc_of_status(unsigned http_status);
struct str grpc_digits(uint16_t status);
bool grpc_is_message(struct str text);

#endif
