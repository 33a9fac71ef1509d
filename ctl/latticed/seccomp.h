/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that the plane may make. */
#ifndef LATTICE_LATTICED_SECCOMP_H
#define LATTICE_LATTICED_SECCOMP_H

int plane_sandbox(void) __attribute__((warn_unused_result));

#endif
