/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the name server did with the questions of one VPC: dns_server_count(). Bounded by two short
 * lists of words, whatever is asked.
 */
#ifndef LATTICE_DNS_COUNTS_H
#define LATTICE_DNS_COUNTS_H

#include <stdint.h>

/* What became of a message. */
enum dns_fate {
	DNS_FATE_OWN,	    /* answered with names of ours */
	DNS_FATE_CACHED,    /* answered with what others said before */
	DNS_FATE_FORWARDED, /* asked of others, or joined to an equal question that was */
	DNS_FATE_TOO_MANY,  /* not asked of others: too many wait already */
	DNS_FATE_REFUSED,   /* no question that is answered */
	DNS_FATE_DROPPED,   /* no query at all */
	DNS_FATES,
};

/* How it was answered: by enum dns_rcode, and the rest. */
enum { DNS_RESULT_OTHER = 6, DNS_RESULTS };

struct dns_counts {
	uint64_t queries[DNS_FATES];
	uint64_t responses[DNS_RESULTS];
	unsigned waiting; /* clients for an answer of others, now */
};

#endif
