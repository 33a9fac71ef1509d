/* SPDX-License-Identifier: Apache-2.0 */
/* A question to the kernel over a bound netlink socket, and all parts of its answer. */
#ifndef LATTICE_STEER_ASK_H
#define LATTICE_STEER_ASK_H

#include <libmnl/libmnl.h>

int ask_kernel(struct mnl_socket *s, const struct nlmsghdr *question, mnl_cb_t each, void *context);

#endif
