/* SPDX-License-Identifier: Apache-2.0 */
/* A stack of the numbers that came back. */
#include "base/slots.h"

#include <errno.h>
#include <stdlib.h>

/* A number that is not in use, from 1 on: one that came back, or the next. */
uint32_t slots_take(struct slots *s)
{
	return s->free_count ? s->free[--s->free_count] : ++s->end;
}

/* @slot may be taken again. 0 or -ENOMEM, and then it is lost. */
int slots_give(struct slots *s, uint32_t slot)
{
	if (s->free_count == s->free_room) {
		size_t room = s->free_room ? 2 * s->free_room : 16;
		uint32_t *free_slots = realloc(s->free, room * sizeof(*free_slots));

		if (!free_slots)
			return -ENOMEM;
		s->free = free_slots;
		s->free_room = room;
	}
	s->free[s->free_count++] = slot;
	return 0;
}

void slots_fini(struct slots *s)
{
	free(s->free);
	*s = (struct slots){ 0 };
}
