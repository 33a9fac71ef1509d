/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that more than one folder must agree on, each with its reason. */
#ifndef LATTICE_LIMITS_H
#define LATTICE_LIMITS_H

/* AWS: request headers of 60 K in all, 100 of them; more is answered 400. */
#define LATTICE_HEADER_BYTES_MAX (60 * 1024)
#define LATTICE_HEADERS_MAX	 100

/* AWS: a listener port is 1 to 65535; two listeners a service by default (a quota). */
#define LATTICE_WORKERS_MAX 64

/* VPCs (network namespaces) one host may register: each costs some fds and a kernel table. */
#define LATTICE_VPCS_MAX 4096

/* The number, which no VPC has, by which the data path means the host's own namespace. */
#define LATTICE_HOST_VPC 0

/* Entries of a namespace's steering table: 10,000 services, two listeners each, IPv4 and IPv6. */
#define LATTICE_BINDINGS_MAX 40000

/* Rules of a namespace's filter: those of five security groups. The module takes 1024 by default.
 */
#define LATTICE_FILTER_RULES_MAX 1000

#endif
