/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that need nobody else: from the zone, and refusals. */
#ifndef LATTICE_DNS_ANSWER_H
#define LATTICE_DNS_ANSWER_H

#include "dns/wire.h"
#include "dns/zone.h"

/* Longest of our own answers: a name of 255 bytes, an alias' target, an SOA, EDNS. */
enum { ANSWER_BYTES_MAX = 1024 };

/* Where answers come from, and who asks. */
struct answer_source {
	struct zone_view view;
	uint32_t serial; /* of the zone's SOA */
};

bool answer_write(const struct answer_source *s, const struct dns_query *q, struct dns_writer *w);
void answer_write_error(const struct dns_query *q, enum dns_rcode rcode, struct dns_writer *w);
void answer_write_truncated(const struct dns_query *q, uint16_t flags, struct dns_writer *w);

#endif
