/* SPDX-License-Identifier: Apache-2.0 */
/* Names are kept in lower case and without a last dot, as they are looked for. */
#include "store/compile_names.h"

#include <stdlib.h>

static bool add(struct arena *a, struct snap_vpc *v, const struct snap_service *s, struct str name)
{
	char *copy;
	size_t i;

	if (!name.n)
		return true;
	copy = arena_new(a, char, name.n);
	if (!copy)
		return false;
	for (i = 0; i < name.n; i++)
		copy[i] =
			(char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 0x20 : name.p[i]);
	if (copy[name.n - 1] == '.')
		name.n--;
	v->names[v->name_count++] = (struct snap_name){ .name = { copy, name.n },
							.service = s,
							.is_alias = !str_eq(name, s->dns_name) };
	return true;
}

/* Add the names of @s, for which there is room in v->names. False when @a is spent. */
bool compile_names_add(struct arena *a, struct snap_vpc *v, const struct snap_service *s)
{
	return add(a, v, s, s->dns_name) && add(a, v, s, s->domain);
}

/* All are added. */
void compile_names_end(struct snap_vpc *v)
{
	qsort(v->names, v->name_count, sizeof(*v->names), snap_name_cmp);
}
