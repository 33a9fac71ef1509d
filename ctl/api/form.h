/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that AWS's model gives names, and fields that many requests share. */
#ifndef LATTICE_API_FORM_H
#define LATTICE_API_FORM_H

#include "api/field.h"

#define FORM_NAME_EXPECTED                                                                \
	"lower-case letters, digits and single hyphens, none of them first or last, and " \
	"not begin like an id"

bool form_is_service_network_name(struct str s);
bool form_is_service_name(struct str s);
bool form_is_listener_name(struct str s);
bool form_is_rule_name(struct str s);
bool form_is_target_group_name(struct str s);
bool form_is_vpc_name(struct str s);
bool form_is_instance_name(struct str s);
bool form_is_security_group_name(struct str s);
bool form_is_netns(struct str s);
bool form_is_client_token(struct str s);
bool form_is_domain_name(struct str s);

extern const char *const form_auth_types[];
struct str form_auth_type(const struct cJSON *body);

/* clang-format off */
#define FORM_CLIENT_TOKEN                                                              \
	{ .name = "clientToken", .type = FIELD_STRING, .min = 1, .max = 64,            \
	  .matches = form_is_client_token, .expected = "printable" }
#define FORM_TAGS { .name = "tags", .type = FIELD_MAP, .max = 200 }
#define FORM_PAGING                                                                    \
	{ .name = "maxResults", .type = FIELD_INTEGER, .min = 1, .max = 100 },         \
	{ .name = "nextToken", .type = FIELD_STRING, .min = 1, .max = 2048 }
/* clang-format on */

#endif
