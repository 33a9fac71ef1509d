/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables with columns as wide as their widest cell, but no wider than the terminal; objects as one
 * member a line, those of nested objects by their path.
 */
#include "latticectl/output.h"

#include "base/num.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_MAX = 8, GAP = 2, CUT_WIDTH_MIN = 8, MEMBER_BYTES = 256, DEPTH_MAX = 16 };

struct column {
	char name[32];
	size_t width;
};

void output_text(FILE *to, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n' || c == '\r' || c == '\t')
			c = ' ';
		fputc(c < 0x20 || c == 0x7f ? '?' : c, to);
	}
}

/* What a cell shows; the caller's to free. */
static char *cell_text(const struct cJSON *value)
{
	if (!value)
		return strdup("-");
	if (cJSON_IsString(value))
		return strdup(value->valuestring);
	return cJSON_PrintUnformatted(value);
}

/* Characters of a line: what COLUMNS says, or the terminal; 0: there is no limit. */
static size_t line_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint32_t n;

	if (columns && num_parse_u32(str_of(columns), &n) == 0)
		return n;
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

/* Print as much of @text as @width has room for; what is cut is marked. Returns its width. */
static size_t print_cell(const char *text, size_t width)
{
	struct str s = str_of(text ? text : "");
	bool is_cut = s.n > width;

	if (is_cut)
		s = str_first(s, width - 1);
	output_text(stdout, s);
	if (is_cut)
		putchar('~');
	return s.n + is_cut;
}

static enum exit_status finish(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return STATUS_DONE;
	fputs("latticectl: cannot write the answer\n", stderr);
	return STATUS_REFUSED;
}

static enum exit_status print_json(const struct cJSON *value)
{
	char *text = cJSON_PrintUnformatted(value);

	if (text)
		puts(text);
	free(text);
	return finish();
}

/* The members of an object, one a line: how wide their names are, then the lines. */
struct members {
	size_t width;
	bool is_printing;
};

static void print_member(struct members *m, const char *name, const struct cJSON *value)
{
	char *text;

	if (!m->is_printing) {
		m->width = strlen(name) > m->width ? strlen(name) : m->width;
		return;
	}
	text = cell_text(value);
	printf("%-*s", (int)(m->width + GAP), name);
	output_text(stdout, str_of(text));
	putchar('\n');
	free(text);
}

static void walk(struct members *m, const char *path, const struct cJSON *value, unsigned depth)
{
	const struct cJSON *item;
	char name[MEMBER_BYTES];
	int i = 0;

	if (!value->child || depth == DEPTH_MAX) {
		print_member(m, path, value);
		return;
	}
	cJSON_ArrayForEach (item, value) {
		if (cJSON_IsArray(value))
			snprintf(name, sizeof(name), "%s[%d]", path, i++);
		else
			snprintf(name, sizeof(name), "%s%s%s", path, *path ? "." : "",
				 item->string);
		walk(m, name, item, depth + 1);
	}
}

enum exit_status output_object(bool json, const struct cJSON *object)
{
	struct members m = { 0 };

	if (!object)
		return STATUS_DONE;
	if (json)
		return print_json(object);
	if (!object->child)
		return STATUS_DONE;
	walk(&m, "", object, 0);
	m.is_printing = true;
	walk(&m, "", object, 0);
	return finish();
}

static size_t split_columns(const char *names, struct column *columns)
{
	struct str rest = str_of(names);
	size_t n = 0;

	while (rest.n && n < COLUMNS_MAX) {
		struct str_cut cut = str_cut(rest, ' ');

		snprintf(columns[n].name, sizeof(columns[n].name), STR_FMT, STR_ARG(cut.head));
		columns[n].width = strlen(columns[n].name);
		rest = cut.tail;
		n++;
	}
	return n;
}

static void measure(const struct cJSON *item, struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = cell_text(cJSON_GetObjectItemCaseSensitive(item, columns[i].name));

		if (text && strlen(text) > columns[i].width)
			columns[i].width = strlen(text);
		free(text);
	}
}

/* Take from the widest columns until a line fits. Ids stay whole: they are there to be copied. */
static void fit(struct column *columns, size_t n)
{
	size_t room = line_width(), total = n ? GAP * (n - 1) : 0;

	for (size_t i = 0; i < n; i++)
		total += columns[i].width;
	while (room && total > room) {
		struct column *widest = NULL;

		for (size_t i = 0; i < n; i++) {
			if (strcmp(columns[i].name, "id") != 0 &&
			    (!widest || columns[i].width >= widest->width))
				widest = &columns[i];
		}
		if (!widest || widest->width <= CUT_WIDTH_MIN)
			return;
		widest->width--;
		total--;
	}
}

static void print_padding(const struct column *c, size_t shown)
{
	printf("%*s", (int)(c->width - shown + GAP), "");
}

static void print_row(const struct cJSON *item, const struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = cell_text(cJSON_GetObjectItemCaseSensitive(item, columns[i].name));
		size_t shown = print_cell(text, columns[i].width);

		if (i + 1 < n)
			print_padding(&columns[i], shown);
		free(text);
	}
	putchar('\n');
}

enum exit_status output_items(bool json, const struct cJSON *list, const char *names)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(list, "items"), *item;
	struct column columns[COLUMNS_MAX] = { 0 };
	size_t n = split_columns(names, columns);

	if (json)
		return print_json(list);
	cJSON_ArrayForEach (item, items)
		measure(item, columns, n);
	fit(columns, n);
	for (size_t i = 0; i < n; i++) {
		char heading[sizeof(columns[i].name)];
		size_t shown;

		for (size_t k = 0; k < sizeof(heading); k++)
			heading[k] = (char)toupper((unsigned char)columns[i].name[k]);
		shown = print_cell(heading, columns[i].width);
		if (i + 1 < n)
			print_padding(&columns[i], shown);
	}
	putchar('\n');
	cJSON_ArrayForEach (item, items)
		print_row(item, columns, n);
	return finish();
}
