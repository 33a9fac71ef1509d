/* SPDX-License-Identifier: Apache-2.0 */
/* Small numbers, given and taken back: slots_take(), slots_give(). All-zero: none is given yet. */
#ifndef LATTICE_BASE_SLOTS_H
#define LATTICE_BASE_SLOTS_H

#include <stddef.h>
#include <stdint.h>

struct slots {
	uint32_t end;	/* those above were never given */
	uint32_t *free; /* those that came back */
	size_t free_count, free_room;
};

uint32_t slots_take(struct slots *s);
int slots_give(struct slots *s, uint32_t slot) __attribute__((warn_unused_result));
void slots_fini(struct slots *s);

#endif
