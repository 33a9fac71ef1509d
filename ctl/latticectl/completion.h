/* SPDX-License-Identifier: Apache-2.0 */
/* Completion of command lines, from the same table that parses them and from live names. */
#ifndef LATTICE_LATTICECTL_COMPLETION_H
#define LATTICE_LATTICECTL_COMPLETION_H

#include "latticectl/session.h"

/* The word by which a shell asks; no command of the table. */
#define COMPLETION_WORD "__complete"

enum exit_status completion_print(struct session *s, const struct command *table,
				  char *const *words);

#endif
