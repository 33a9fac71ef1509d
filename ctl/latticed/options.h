/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator asked for, from the environment and then the command line: options_parse()
 * once at start. Text is borrowed from both and lives as long as the process.
 */
#ifndef LATTICE_LATTICED_OPTIONS_H
#define LATTICE_LATTICED_OPTIONS_H

#include "api/quota.h"
#include "base/buf.h"
#include "base/log.h"
#include "model/log_place.h"
#include "proxy/trace.h"
#include "steer/steer.h"
#include "telemetry/flow_line.h"

enum {
	OPTIONS_ERROR_BYTES = 256,
	OPTIONS_PATH_BYTES = 1024,
	OPTIONS_API_MAX = 8, /* sockets of the API of one kind */
};

struct options {
	const char *state_dir;
	const char *run_dir;
	const char *log_dir;		       /* STATE/logs unless told */
	struct flow_format flow_format;	       /* no fields: no flow logs */
	struct sock_addr metrics;	       /* family AF_UNSPEC: nowhere */
	struct str api_paths[OPTIONS_API_MAX]; /* none: api.sock in run_dir */
	struct sock_addr api_tcp[OPTIONS_API_MAX];
	unsigned api_path_count, api_tcp_count;
	const char *region;
	const char *account;
	const char *resolv_conf; /* of the host */
	struct trace_rules trace;
	struct log_url otlp; /* if trace.is_recorded */
	struct pool pool;
	struct quotas quotas;
	unsigned workers;
	enum steer_mode steer;
	enum log_level log_level;
	bool wants_help;
	int plane_fd; /* -1 but in the plane */
	char log_dir_text[OPTIONS_PATH_BYTES];
};

int options_parse(struct options *o, int argc, char *const argv[], char error[OPTIONS_ERROR_BYTES])
	__attribute__((warn_unused_result));
void options_write_help(struct buf *b);

#endif
