/* SPDX-License-Identifier: Apache-2.0 */
/* Tables with columns as wide as their widest cell, objects as one member a line. */
#include "latticectl/output.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>

enum { COLUMNS_MAX = 8, NAME_WIDTH = 26, GAP = 2 };

struct column {
	char name[32];
	size_t width;
};

void output_text(FILE *to, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

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

static size_t print_cell(const char *text)
{
	output_text(stdout, str_of(text));
	return strlen(text ? text : "");
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

enum exit_status output_object(bool json, const struct cJSON *object)
{
	const struct cJSON *member;

	if (!object)
		return STATUS_DONE;
	if (json)
		return print_json(object);
	cJSON_ArrayForEach (member, object) {
		char *text = cell_text(member);

		printf("%-*s", NAME_WIDTH, member->string ? member->string : "");
		print_cell(text);
		putchar('\n');
		free(text);
	}
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

static void print_row(const struct cJSON *item, const struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = cell_text(cJSON_GetObjectItemCaseSensitive(item, columns[i].name));
		size_t shown = print_cell(text);

		if (i + 1 < n)
			printf("%*s", (int)(columns[i].width - shown + GAP), "");
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
	for (size_t i = 0; i < n; i++) {
		for (const char *c = columns[i].name; *c; c++)
			putchar(toupper((unsigned char)*c));
		if (i + 1 < n)
			printf("%*s", (int)(columns[i].width - strlen(columns[i].name) + GAP), "");
	}
	putchar('\n');
	cJSON_ArrayForEach (item, items)
		print_row(item, columns, n);
	return finish();
}
