/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a collector answers to a post, beside its status: how many spans of it the collector did
 * not take, by OTLP's JSON, and when to come again, by Retry-After.
 */
#ifndef LATTICE_TELEMETRY_OTLP_ANSWER_H
#define LATTICE_TELEMETRY_OTLP_ANSWER_H

#include "base/str.h"

#include <stdint.h>

enum {
	OTLP_MESSAGE_BYTES = 200,
	OTLP_RETRY_MS_MAX = 5 * 60 * 1000, /* whatever a collector asks for */
};

size_t otlp_rejected(struct str body, size_t posted, char message[OTLP_MESSAGE_BYTES]);
uint64_t otlp_retry_after_ms(struct str value, uint64_t now_ms);

#endif
