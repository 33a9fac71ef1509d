/* SPDX-License-Identifier: Apache-2.0 */
/* The handler of each operation, and the tables of what its request may carry. */
#ifndef LATTICE_API_HANDLERS_H
#define LATTICE_API_HANDLERS_H

#include "api/call.h"

#define X(name, method, uri, status, handler, body, query) int handler(struct call *c);
#include "api/operations.def"
#undef X

extern const struct field paging_fields[];
extern const struct field service_network_create_fields[];
extern const struct field service_network_update_fields[];
extern const struct field service_create_fields[];
extern const struct field service_update_fields[];
extern const struct field listener_create_fields[];
extern const struct field listener_update_fields[];
extern const struct field rule_create_fields[];
extern const struct field rule_update_fields[];
extern const struct field rule_batch_fields[];
extern const struct field target_group_create_fields[];
extern const struct field target_group_list_fields[];
extern const struct field target_group_update_fields[];
extern const struct field target_change_fields[];
extern const struct field target_list_fields[];
extern const struct field vpc_association_create_fields[];
extern const struct field vpc_association_list_fields[];
extern const struct field vpc_association_update_fields[];
extern const struct field service_association_create_fields[];
extern const struct field service_association_list_fields[];
extern const struct field vpc_create_fields[];
extern const struct field identity_create_fields[];
extern const struct field identity_update_fields[];
extern const struct field access_key_create_fields[];
extern const struct field access_key_update_fields[];
extern const struct field attestation_create_fields[];
extern const struct field auth_policy_fields[];
extern const struct field explain_fields[];
extern const struct field function_create_fields[];
extern const struct field function_update_fields[];
extern const struct field instance_create_fields[];
extern const struct field instance_update_fields[];
extern const struct field security_group_create_fields[];
extern const struct field security_group_list_fields[];
extern const struct field security_group_update_fields[];
extern const struct field certificate_import_fields[];
extern const struct field tag_add_fields[];
extern const struct field tag_remove_fields[];
extern const struct field tagged_list_fields[];
extern const struct field resource_policy_fields[];
extern const struct field share_create_fields[];
extern const struct field share_update_fields[];
extern const struct field absent_body_fields[];
extern const struct field log_subscription_create_fields[];
extern const struct field log_subscription_update_fields[];
extern const struct field log_subscription_list_fields[];
extern const struct field log_destination_create_fields[];
extern const struct field usage_list_fields[];
extern const struct field resource_configuration_list_fields[];
extern const struct field resource_association_list_fields[];
extern const struct field resource_endpoint_list_fields[];
extern const struct field vpc_endpoint_list_fields[];

#endif
