/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One Lambda function as processes of this host: lambda_runtime_start() serves Lambda's Invoke on a
 * port, and to each process the Runtime API on a port of its own, by which it is known. Processes
 * are started when there is something to do for them, and again when they end.
 */
#ifndef LATTICE_LATTICECTL_LAMBDA_RUNTIME_H
#define LATTICE_LATTICECTL_LAMBDA_RUNTIME_H

#include "latticectl/lambda_http.h"

#include <sys/types.h>

enum {
	LAMBDA_CONCURRENCY_MAX = 64,
	LAMBDA_QUEUE_MAX = 1000, /* calls that wait for a process; then 429 */
	LAMBDA_PAYLOAD_BYTES_MAX = 6 << 20,
};

struct lambda_config {
	const char *name;
	const char *const *command; /* ends with NULL */
	uint16_t port;
	unsigned concurrency, timeout_s;
};

struct lambda_runtime {
	const struct lambda_config *config;
	struct loop *loop;
	struct http_server invoke;
	struct list instances, queue; /* queue: calls without a process */
	unsigned instance_count, queued;
	unsigned restart_ms; /* after a process that ended before it asked for work */
	struct timer restart;
	bool is_stopping;
};

int lambda_runtime_start(struct lambda_runtime *r, struct loop *loop,
			 const struct lambda_config *config);
void lambda_runtime_child_ended(struct lambda_runtime *r, pid_t pid, int status);
void lambda_runtime_signal(struct lambda_runtime *r, int signal);
void lambda_runtime_stop(struct lambda_runtime *r);

#endif
