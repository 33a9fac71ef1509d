/* SPDX-License-Identifier: Apache-2.0 */
/* The named counters of `table inet lattice` in the namespace entered. */
#ifndef LATTICE_STEER_NFT_COUNTERS_H
#define LATTICE_STEER_NFT_COUNTERS_H

#include "steer/counters.h"

#include <linux/netlink.h>

/* By enum steer_counter; NULL: nf_tables does not count that by itself. */
extern const char *const nft_counter_names[STEER_COUNTERS];

int nft_counters_see(const struct nlmsghdr *message, void *counters);
int nft_counters_read(struct steer_counters *ret);

#endif
