/* SPDX-License-Identifier: Apache-2.0 */
/* Every command of latticectl. */
#include "latticectl/run.h"

#define VALUE	 .takes_value = true
#define REQUIRED .takes_value = true, .required = true
#define REPEATS	 .takes_value = true, .repeats = true

static const struct option vpc_options[] = { { "--netns", VALUE },	  { "--path", VALUE },
					     { "--pid", VALUE },	  { "--container", VALUE },
					     { .name = "--resolv-conf" }, { 0 } };
static const struct option auth_options[] = { { "--auth-type", VALUE }, { 0 } };
static const struct option network_update_options[] = { { "--auth-type", REQUIRED }, { 0 } };
static const struct option service_create_options[] = { { "--auth-type", VALUE },
							{ "--custom-domain", VALUE },
							{ "--certificate", VALUE },
							{ "--idle-timeout", VALUE },
							{ 0 } };
static const struct option service_update_options[] = {
	{ "--auth-type", VALUE }, { "--certificate", VALUE }, { "--idle-timeout", VALUE }, { 0 }
};
static const struct option service_options[] = { { "--service", REQUIRED }, { 0 } };
static const struct option listener_create_options[] = {
	{ "--service", REQUIRED }, { "--protocol", REQUIRED },	  { "--port", VALUE },
	{ "--forward", REPEATS },  { "--fixed-response", VALUE }, { 0 }
};
static const struct option listener_update_options[] = {
	{ "--service", REQUIRED }, { "--forward", REPEATS }, { "--fixed-response", VALUE }, { 0 }
};
static const struct option rule_options[] = { { "--service", REQUIRED },
					      { "--listener", REQUIRED },
					      { 0 } };
static const struct option rule_create_options[] = { { "--service", REQUIRED },
						     { "--listener", REQUIRED },
						     { "--priority", REQUIRED },
						     { "--method", VALUE },
						     { "--path", VALUE },
						     { "--path-prefix", VALUE },
						     { "--header", REPEATS },
						     { .name = "--case-sensitive" },
						     { "--forward", REPEATS },
						     { "--fixed-response", VALUE },
						     { 0 } };
static const struct option rule_update_options[] = { { "--service", REQUIRED },
						     { "--listener", REQUIRED },
						     { "--priority", VALUE },
						     { "--method", VALUE },
						     { "--path", VALUE },
						     { "--path-prefix", VALUE },
						     { "--header", REPEATS },
						     { .name = "--case-sensitive" },
						     { "--forward", REPEATS },
						     { "--fixed-response", VALUE },
						     { 0 } };
static const struct option group_update_options[] = { { "--health-check", VALUE },
						      { "--health-path", VALUE },
						      { "--health-protocol", VALUE },
						      { "--health-version", VALUE },
						      { "--health-port", VALUE },
						      { "--health-interval", VALUE },
						      { "--health-timeout", VALUE },
						      { "--healthy-threshold", VALUE },
						      { "--unhealthy-threshold", VALUE },
						      { "--health-codes", VALUE },
						      { 0 } };
static const struct option policy_options[] = { { .name = "--dry-run" }, { 0 } };
static const struct option explain_options[] = {
	{ "--service", VALUE }, { "--as", VALUE },	  { .name = "--anonymous" },
	{ "--method", VALUE },	{ "--path", VALUE },	  { "--header", REPEATS },
	{ "--vpc", VALUE },	{ "--source-ip", VALUE }, { 0 }
};
static const struct option lambda_options[] = {
	{ "--endpoint", REQUIRED }, { "--sign", VALUE }, { "--secret-file", VALUE },
	{ "--token-file", VALUE },  { "--ca", VALUE },	 { 0 }
};
static const struct option lambda_update_options[] = {
	{ "--endpoint", VALUE },    { "--sign", VALUE },
	{ "--secret-file", VALUE }, { "--token-file", VALUE },
	{ .name = "--no-sign" },    { "--ca", VALUE },
	{ .name = "--system-ca" },  { 0 }
};
static const struct option lambda_run_options[] = {
	{ "--port", VALUE }, { "--concurrency", VALUE }, { "--timeout", VALUE }, { 0 }
};
static const struct option group_options[] = { { "--vpc", VALUE },
					       { "--type", VALUE },
					       { "--event", VALUE },
					       { "--protocol", VALUE },
					       { "--protocol-version", VALUE },
					       { "--port", VALUE },
					       { 0 } };
static const struct option instance_options[] = { { "--vpc", REQUIRED },
						  { "--address", REQUIRED },
						  { 0 } };
static const struct option instance_update_options[] = { { "--address", REQUIRED }, { 0 } };
static const struct option join_options[] = { { "--network", REQUIRED },
					      { "--vpc", VALUE },
					      { "--service", VALUE },
					      { "--security-group", REPEATS },
					      { 0 } };
static const struct option rejoin_options[] = { { "--network", VALUE },
						{ "--vpc", VALUE },
						{ "--security-group", .takes_value = true,
						  .required = true, .repeats = true },
						{ 0 } };
static const struct option security_group_options[] = {
	{ "--vpc", REQUIRED }, { "--allow", REPEATS }, { "--description", VALUE }, { 0 }
};
static const struct option share_options[] = { { "--resource", REPEATS },
					       { "--principal", REPEATS },
					       { 0 } };
static const struct option in_vpc_options[] = { { "--vpc", VALUE }, { 0 } };
static const struct option security_group_update_options[] = { { "--allow", REPEATS },
							       { "--description", VALUE },
							       { 0 } };
static const struct option leave_options[] = {
	{ "--network", VALUE }, { "--vpc", VALUE }, { "--service", VALUE }, { 0 }
};
static const struct option certificate_options[] = { { "--certificate", REQUIRED },
						     { "--private-key", REQUIRED },
						     { "--chain", VALUE },
						     { "--replace", VALUE },
						     { 0 } };
static const struct option apply_options[] = {
	{ "-f", REQUIRED }, { "--stack", VALUE }, { "--set", REPEATS }, { .name = "--prune" }, { 0 }
};
static const struct option wait_options[] = { { "--timeout", VALUE }, { 0 } };
static const struct option network_options[] = { { "--network", REQUIRED }, { 0 } };
static const struct option log_options[] = { { "--network", VALUE },
					     { "--service", VALUE },
					     { 0 } };
static const struct option log_subscribe_options[] = {
	{ "--network", VALUE }, { "--service", VALUE }, { "--to", REQUIRED }, { 0 }
};
static const struct option log_destination_options[] = {
	{ "--file", VALUE },	    { "--rotate-bytes", VALUE }, { "--keep", VALUE },
	{ .name = "--syslog" },	    { "--socket", VALUE },	 { "--url", VALUE },
	{ "--spool-bytes", VALUE }, { "--ca", VALUE },		 { 0 }
};
static const struct option top_options[] = { { "-n", VALUE }, { 0 } };
static const struct option usage_options[] = {
	{ "--since", VALUE },	 { "--until", VALUE },	       { "--price-hour", VALUE },
	{ "--price-gb", VALUE }, { "--price-million", VALUE }, { 0 }
};
static const struct option logs_options[] = { { .name = "-f" }, { "--socket", VALUE }, { 0 } };

static const struct option identity_options[] = {
	{ "--tag", REPEATS },  { "--org", VALUE },	  { "--org-path", REPEATS },
	{ "--policy", VALUE }, { .name = "--no-policy" }, { 0 },
};
static const struct option identity_update_options[] = { { "--policy", VALUE },
							 { .name = "--no-policy" },
							 { 0 } };
static const struct option identity_key_options[] = { { "--session", VALUE },
						      { "--duration", VALUE },
						      { 0 } };
static const struct option identity_attest_options[] = {
	{ "--vpc", REQUIRED }, { "--cgroup", VALUE }, { "--uid", VALUE }, { 0 }
};

/* The table is data, one command a line. */
const struct command commands[] = {
#include "latticectl/commands.def"
	{ 0 },
};
