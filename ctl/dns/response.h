/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a resolver answered: response_take() judges it and makes of it what may be kept, and
 * response_write() makes an answer to one client of what was kept.
 */
#ifndef LATTICE_DNS_RESPONSE_H
#define LATTICE_DNS_RESPONSE_H

#include "dns/wire.h"

/* How long an answer is kept at most, whatever it says. */
enum { RESPONSE_SECONDS_MAX = 3600, RESPONSE_NEGATIVE_SECONDS_MAX = 300 };

struct response {
	uint16_t flags;
	uint32_t keep_seconds; /* 0: not to be kept */
	size_t n;	       /* of the message, which ends before its EDNS record */
};

bool response_take(uint8_t *message, size_t n, const struct dns_query *asked, struct response *ret);
void response_write(struct str kept, const struct dns_query *q, uint32_t age_seconds, size_t max,
		    struct dns_writer *w);

#endif
