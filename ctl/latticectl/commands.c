/* SPDX-License-Identifier: Apache-2.0 */
/* Every command of latticectl. */
#include "latticectl/run.h"

#define VALUE	 .takes_value = true
#define REQUIRED .takes_value = true, .required = true
#define REPEATS	 .takes_value = true, .repeats = true

static const struct option vpc_options[] = { { "--netns", VALUE }, { "--path", VALUE }, { 0 } };
static const struct option auth_options[] = { { "--auth-type", VALUE }, { 0 } };
static const struct option service_options[] = { { "--service", REQUIRED }, { 0 } };
static const struct option listener_create_options[] = {
	{ "--service", REQUIRED }, { "--protocol", REQUIRED },	  { "--port", VALUE },
	{ "--forward", REPEATS },  { "--fixed-response", VALUE }, { 0 }
};
static const struct option listener_update_options[] = {
	{ "--service", REQUIRED }, { "--forward", REPEATS }, { "--fixed-response", VALUE }, { 0 }
};
static const struct option group_options[] = {
	{ "--vpc", REQUIRED }, { "--protocol", VALUE }, { "--port", VALUE }, { 0 }
};
static const struct option join_options[] = {
	{ "--network", REQUIRED }, { "--vpc", VALUE }, { "--service", VALUE }, { 0 }
};
static const struct option network_options[] = { { "--network", REQUIRED }, { 0 } };
static const struct option logs_options[] = { { .name = "-f" }, { "--socket", VALUE }, { 0 } };

/* clang-format off */
const struct command commands[] = {
	{ "vpc", "add", run_vpc_add, "NAME --netns NETNS|--path PATH", "register a network namespace as a VPC", "vpc add blue --netns blue", vpc_options, 1, 1 },
	{ "vpc", "list", run_vpc_list, "", "list VPCs", "vpc list", NULL, 0, 0 },
	{ "vpc", "show", run_vpc_show, "VPC", "show a VPC", "vpc show blue", NULL, 1, 1 },
	{ "vpc", "remove", run_vpc_remove, "VPC", "forget a VPC", "vpc remove blue", NULL, 1, 1 },
	{ "network", "create", run_network_create, "NAME [--auth-type NONE|AWS_IAM]", "create a service network", "network create shop", auth_options, 1, 1 },
	{ "network", "list", run_network_list, "", "list service networks", "network list", NULL, 0, 0 },
	{ "network", "show", run_network_show, "NETWORK", "show a service network", "network show shop", NULL, 1, 1 },
	{ "network", "delete", run_network_delete, "NETWORK", "delete a service network", "network delete shop", NULL, 1, 1 },
	{ "service", "create", run_service_create, "NAME [--auth-type NONE|AWS_IAM]", "create a service", "service create cart", auth_options, 1, 1 },
	{ "service", "list", run_service_list, "", "list services", "service list", NULL, 0, 0 },
	{ "service", "show", run_service_show, "SERVICE", "show a service and its addresses", "service show cart", NULL, 1, 1 },
	{ "service", "delete", run_service_delete, "SERVICE", "delete a service", "service delete cart", NULL, 1, 1 },
	{ "listener", "create", run_listener_create, "--service SERVICE --protocol HTTP [--port PORT] (--forward GROUP[:WEIGHT]...|--fixed-response STATUS) [NAME]", "create a listener", "listener create --service cart --protocol HTTP --port 80 --forward cart-v1:90 --forward cart-v2:10", listener_create_options, 0, 1 },
	{ "listener", "list", run_listener_list, "--service SERVICE", "list the listeners of a service", "listener list --service cart", service_options, 0, 0 },
	{ "listener", "show", run_listener_show, "--service SERVICE LISTENER", "show a listener", "listener show --service cart http-80", service_options, 1, 1 },
	{ "listener", "update", run_listener_update, "--service SERVICE LISTENER (--forward GROUP[:WEIGHT]...|--fixed-response STATUS)", "change the default action of a listener", "listener update --service cart http-80 --forward cart-v2", listener_update_options, 1, 1 },
	{ "listener", "delete", run_listener_delete, "--service SERVICE LISTENER", "delete a listener", "listener delete --service cart http-80", service_options, 1, 1 },
	{ "target-group", "create", run_target_group_create, "NAME --vpc VPC [--protocol HTTP] [--port 80]", "create a group of IP targets", "target-group create cart-v1 --vpc green --port 8080", group_options, 1, 1 },
	{ "target-group", "list", run_target_group_list, "", "list target groups", "target-group list", NULL, 0, 0 },
	{ "target-group", "show", run_target_group_show, "GROUP", "show a target group", "target-group show cart-v1", NULL, 1, 1 },
	{ "target-group", "delete", run_target_group_delete, "GROUP", "delete a target group", "target-group delete cart-v1", NULL, 1, 1 },
	{ "target", "register", run_target_register, "GROUP ADDRESS[:PORT]...", "add targets to a group", "target register cart-v1 10.0.0.2:8080 [fd00::2]:8080", NULL, 2, ARGS_MAX },
	{ "target", "deregister", run_target_deregister, "GROUP ADDRESS[:PORT]...", "take targets out of a group", "target deregister cart-v1 10.0.0.2:8080", NULL, 2, ARGS_MAX },
	{ "target", "list", run_target_list, "GROUP", "list the targets of a group and their health", "target list cart-v1", NULL, 1, 1 },
	{ "association", "create", run_association_create, "--network NETWORK (--vpc VPC|--service SERVICE)", "join a VPC or a service to a network", "association create --network shop --vpc blue", join_options, 0, 0 },
	{ "association", "list", run_association_list, "--network NETWORK", "list what is joined to a network", "association list --network shop", network_options, 0, 0 },
	{ "association", "delete", run_association_delete, "ID", "undo an association", "association delete snva-0123456789abcdef0", NULL, 1, 1 },
	{ "status", NULL, run_status, "", "show the state of the daemon", "status", NULL, 0, 0 },
	{ "logs", NULL, run_logs, "[-f] [--socket PATH]", "print access log lines; -f until interrupted, else until none came for 1 s", "logs -f", logs_options, 0, 0 },
	{ "api", NULL, run_api, "OPERATION [JSON|-]", "call any operation of the API with its members as JSON (- reads it from stdin)", "api GetService '{\"serviceIdentifier\":\"svc-0123456789abcdef0\"}'", NULL, 1, 2 },
	{ 0 },
};
/* clang-format on */
