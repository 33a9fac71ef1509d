/* SPDX-License-Identifier: Apache-2.0 */
/* Policies, certificates and secrets from files, as they are. */
#include "latticectl/document.h"

#include "base/buf.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

/* More than the API takes, so that it says what is too long. */
enum { DOCUMENT_BYTES_MAX = 1 << 20, READ_BYTES = 16 << 10 };

/* Add the text of the file @path as @name, without white space at its end if @is_word. */
static enum exit_status add(const struct args *a, const char *path, const char *name, bool is_word,
			    struct cJSON *members)
{
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	struct buf in;
	char *room;
	size_t n;
	bool ok;

	if (!from)
		return args_refuse(a, "%s: %s", path, strerror(errno));
	buf_init(&in, DOCUMENT_BYTES_MAX);
	while ((room = buf_reserve(&in, READ_BYTES)) && (n = fread(room, 1, READ_BYTES, from)) > 0)
		buf_commit(&in, n);
	ok = room && !ferror(from) && !memchr(in.p, 0, buf_len(&in));
	while (is_word && buf_len(&in) && strchr(" \t\r\n", in.p[in.end - 1]))
		in.end--;
	buf_add_char(&in, '\0');
	if (ok)
		cJSON_AddStringToObject(members, name, buf_str(&in).p);
	if (in.p)
		explicit_bzero(in.p, in.cap);
	buf_fini(&in);
	if (from != stdin)
		fclose(from);
	return ok ? STATUS_DONE : args_refuse(a, "%s: it cannot be read as text", path);
}

/* Add the text of the file @path as "policy"; "-" is standard input. */
enum exit_status document_add(const struct args *a, const char *path, struct cJSON *members)
{
	return add(a, path, "policy", false, members);
}

/* The same as @name. */
enum exit_status document_add_as(const struct args *a, const char *path, const char *name,
				 struct cJSON *members)
{
	return add(a, path, name, false, members);
}

/* The same of what is one word, however its line ends. */
enum exit_status document_add_word(const struct args *a, const char *path, const char *name,
				   struct cJSON *members)
{
	return add(a, path, name, true, members);
}
