/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of conditions that are more than text: numbers, dates, truth, bytes in base64, addresses.
 * All are read without a locale; what is not wholly of the form is refused with false.
 */
#ifndef LATTICE_AUTH_OPERAND_H
#define LATTICE_AUTH_OPERAND_H

#include "base/arena.h"
#include "io/sock.h"

/* Addresses that begin with the same bits. */
struct operand_net {
	struct sock_addr addr;
	unsigned bits;
};

bool operand_read_number(struct str s, double *ret);
bool operand_read_date(struct str s, double *ret_seconds);
bool operand_read_bool(struct str s, bool *ret);
bool operand_read_base64(struct str s, unsigned char *to, struct str *ret);
bool operand_read_net(struct str s, struct operand_net *ret);
bool operand_net_holds(const struct operand_net *n, const struct sock_addr *a);

#endif
