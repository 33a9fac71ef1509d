/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl certificate: what services show for their custom domain names, and whom to trust. */
#include "latticectl/certificate.h"

#include "base/buf.h"
#include "base/json.h"
#include "latticectl/output.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As long as the API takes. */
enum { PEM_BYTES_MAX = 64 * 1024, READ_BYTES = 4096 };

static const char columns[] = "id domainName status daysLeft keyAlgorithm";

/* Add the text in the file at @path to @members as @label. */
static enum exit_status add_file(const struct args *a, const char *path, const char *label,
				 struct cJSON *members)
{
	FILE *from = fopen(path, "re");
	struct buf in;
	char *room;
	size_t n;

	if (!from)
		return args_refuse(a, "%s cannot be opened: %s", path, strerror(errno));
	buf_init(&in, PEM_BYTES_MAX + READ_BYTES);
	while ((room = buf_reserve(&in, READ_BYTES)) && (n = fread(room, 1, READ_BYTES, from)) > 0)
		buf_commit(&in, n);
	buf_add_char(&in, '\0');
	if (!in.failed)
		cJSON_AddStringToObject(members, label, in.p + in.start);
	fclose(from);
	n = in.failed;
	buf_fini(&in);
	return n ? args_refuse(a, "%s is too long", path) : STATUS_DONE;
}

/* The certificate in @list with this id or name; *@ret_count: so many. */
static const struct cJSON *find(const struct cJSON *list, struct str text, int *ret_count)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(list, "items"), *item;
	const struct cJSON *found = NULL;

	*ret_count = 0;
	cJSON_ArrayForEach (item, items) {
		if (!str_eq(json_get_str(item, "id"), text) &&
		    !str_eq_nocase(json_get_str(item, "domainName"), text))
			continue;
		found = item;
		++*ret_count;
	}
	return found;
}

enum exit_status certificate_resolve(struct session *s, const char *text, const char *label,
				     struct cJSON *members)
{
	const struct cJSON *found;
	enum exit_status status;
	struct cJSON *list;
	int count;

	/* None is an empty one. */
	if (!*text || str_starts(str_of(text), STR("arn:"))) {
		cJSON_AddStringToObject(members, label, text);
		return STATUS_DONE;
	}
	status = session_list(s, "ListCertificates", NULL, &list);
	if (status != STATUS_DONE)
		return status;
	found = find(list, str_of(text), &count);
	if (count == 1) {
		cJSON_AddStringToObject(members, label, json_get_str(found, "arn").p);
	} else {
		fprintf(stderr, "latticectl: %s is named '%s'%s\n",
			count ? "more than one certificate" : "no certificate", text,
			count ? "; give its id" : "");
		status = STATUS_REFUSED;
	}
	cJSON_Delete(list);
	return status;
}

enum exit_status run_certificate_import(struct session *s, const struct args *a)
{
	const char *chain = args_option(a, "--chain"), *replaced = args_option(a, "--replace");
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status;

	status = add_file(a, args_option(a, "--certificate"), "certificate", members);
	if (status == STATUS_DONE)
		status = add_file(a, args_option(a, "--private-key"), "privateKey", members);
	if (status == STATUS_DONE && chain)
		status = add_file(a, chain, "certificateChain", members);
	if (status == STATUS_DONE && replaced)
		status = certificate_resolve(s, replaced, "certificateArn", members);
	return session_show_if(s, status, "ImportCertificate", members);
}

enum exit_status run_certificate_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, "ListCertificates", NULL, columns);
}

static enum exit_status call_one(struct session *s, const struct args *a, const char *operation)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status =
		certificate_resolve(s, a->words[0], "certificateIdentifier", members);

	return session_show_if(s, status, operation, members);
}

enum exit_status run_certificate_show(struct session *s, const struct args *a)
{
	return call_one(s, a, "GetCertificate");
}

enum exit_status run_certificate_delete(struct session *s, const struct args *a)
{
	return call_one(s, a, "DeleteCertificate");
}

/* As a file that clients are given, so nothing but the PEM. */
enum exit_status run_certificate_ca(struct session *s, const struct args *a)
{
	struct cJSON *answer;
	enum exit_status status;

	(void)a;
	if (s->json)
		return session_show(s, "GetCertificateAuthority", NULL);
	status = session_call(s, "GetCertificateAuthority", NULL, &answer);
	if (status != STATUS_DONE)
		return status;
	printf(STR_FMT, STR_ARG(json_get_str(answer, "certificate")));
	cJSON_Delete(answer);
	return STATUS_DONE;
}
