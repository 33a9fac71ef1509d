/* SPDX-License-Identifier: Apache-2.0 */
/* The function of each command; commands.c holds the table that names them. */
#ifndef LATTICE_LATTICECTL_RUN_H
#define LATTICE_LATTICECTL_RUN_H

#include "latticectl/command.h"

extern const struct command commands[];

#define RUN(name) enum exit_status run_##name(struct session *s, const struct args *a)
RUN(vpc_add);
RUN(vpc_list);
RUN(vpc_show);
RUN(vpc_remove);
RUN(network_create);
RUN(network_list);
RUN(network_show);
RUN(network_update);
RUN(network_delete);
RUN(service_create);
RUN(service_list);
RUN(service_show);
RUN(service_update);
RUN(service_delete);
RUN(listener_create);
RUN(listener_list);
RUN(listener_show);
RUN(listener_update);
RUN(listener_delete);
RUN(rule_create);
RUN(rule_list);
RUN(rule_show);
RUN(rule_update);
RUN(rule_delete);
RUN(target_group_create);
RUN(target_group_list);
RUN(target_group_show);
RUN(target_group_update);
RUN(target_group_delete);
RUN(target_register);
RUN(target_deregister);
RUN(target_list);
RUN(lambda_add);
RUN(lambda_list);
RUN(lambda_show);
RUN(lambda_update);
RUN(lambda_remove);
RUN(lambda_run);
RUN(association_create);
RUN(association_list);
RUN(association_delete);
RUN(association_show);
RUN(association_update);
RUN(share_create);
RUN(share_list);
RUN(share_show);
RUN(share_update);
RUN(share_delete);
RUN(instance_add);
RUN(instance_list);
RUN(instance_show);
RUN(instance_update);
RUN(instance_remove);
RUN(security_group_create);
RUN(security_group_list);
RUN(security_group_show);
RUN(security_group_update);
RUN(security_group_delete);
RUN(certificate_import);
RUN(certificate_list);
RUN(certificate_show);
RUN(certificate_delete);
RUN(certificate_ca);
RUN(auth_policy_put);
RUN(auth_policy_get);
RUN(auth_policy_delete);
RUN(explain);
RUN(identity_add);
RUN(identity_list);
RUN(identity_show);
RUN(identity_update);
RUN(identity_remove);
RUN(identity_key);
RUN(identity_attest);
RUN(identity_attestations);
RUN(identity_unattest);
RUN(tag_add);
RUN(tag_remove);
RUN(tag_list);
RUN(wait);
RUN(apply);
RUN(diff);
RUN(completion);
RUN(quota_list);
RUN(log_subscribe);
RUN(log_list);
RUN(log_unsubscribe);
RUN(log_destination_create);
RUN(log_destination_list);
RUN(log_destination_show);
RUN(log_destination_delete);
RUN(top);
RUN(usage);
RUN(status);
RUN(logs);
RUN(flows);
RUN(api);
#undef RUN

#endif
