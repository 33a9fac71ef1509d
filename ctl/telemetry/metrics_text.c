/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of OpenMetrics text. */
#include "telemetry/metrics_text.h"

static void add_line(struct buf *to, const char *word, const char *name, const char *text)
{
	buf_addf(to, "# %s %s %s\n", word, name, text);
}

void metrics_text_about(struct buf *to, const struct metrics_about *a)
{
	add_line(to, "TYPE", a->name, a->type);
	if (a->unit)
		add_line(to, "UNIT", a->name, a->unit);
	add_line(to, "HELP", a->name, a->help);
}

/* A label's value: only what a person named can hold anything that must be escaped. */
static void add_value(struct buf *to, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			buf_add_lit(to, "\\n");
			continue;
		}
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_char(to, '\\');
		buf_add_char(to, s.p[i]);
	}
}

/* A label, behind '{' or another one. */
void metrics_text_label(struct buf *to, const char *name, struct str value)
{
	if (!to->failed && to->p[to->end - 1] != '{')
		buf_add_char(to, ',');
	buf_add(to, str_of(name));
	buf_add_lit(to, "=\"");
	add_value(to, value);
	buf_add_char(to, '"');
}
