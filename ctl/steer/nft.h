/* SPDX-License-Identifier: Apache-2.0 */
/* Steering through nf_tables' TPROXY, for kernels without the module. */
#ifndef LATTICE_STEER_NFT_H
#define LATTICE_STEER_NFT_H

#include "steer/steer.h"

extern const struct steer_ops nft_steer_ops;

#endif
