/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate that a service shows for its custom domain name. */
#ifndef LATTICE_API_SERVICE_CERTIFICATE_H
#define LATTICE_API_SERVICE_CERTIFICATE_H

#include "api/call.h"

/* clang-format off */
#define SERVICE_CERTIFICATE_FIELD                                                      \
	{ .name = "certificateArn", .type = FIELD_STRING, .max = 2048,                 \
	  .matches = service_certificate_is_named,                                     \
	  .expected = "the ARN of a certificate, or empty for none" }
/* clang-format on */

bool service_certificate_is_named(struct str s);
int service_certificate_settle(struct call *c, struct record *service, const struct cJSON *asked);

#endif
