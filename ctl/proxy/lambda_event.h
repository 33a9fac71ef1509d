/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request as the event that a Lambda function gets (VPC Lattice user guide, Lambda functions as
 * targets), in either of its structures. Pure: lambda_event_write() from what is given.
 */
#ifndef LATTICE_PROXY_LAMBDA_EVENT_H
#define LATTICE_PROXY_LAMBDA_EVENT_H

#include "base/buf.h"
#include "http/message.h"

/* Who asks; the members but the first are empty for somebody anonymous. */
struct lambda_caller {
	struct str source_vpc_arn;
	struct str type, principal, org_id, session;
};

struct lambda_event {
	bool is_v2;
	struct str method, path; /* the path with its query */
	struct str query;
	const struct http_header *headers; /* as a target gets them */
	size_t header_count;
	struct str body;
	struct str network_arn, service_arn, group_arn, region, request_id;
	struct lambda_caller caller;
	uint64_t time_us;
};

void lambda_event_write(struct buf *b, const struct lambda_event *e);

#endif
