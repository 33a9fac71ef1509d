/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps secrets out of places where nobody looks for them: secrets_guard(), first of all. */
#ifndef LATTICE_LATTICED_SECRETS_H
#define LATTICE_LATTICED_SECRETS_H

int secrets_guard(void) __attribute__((warn_unused_result));

#endif
