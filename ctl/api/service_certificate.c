/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A service links to its certificate, so that the one that is in use cannot be deleted. That of a
 * service with a custom domain name must be for that name.
 */
#include "api/service_certificate.h"

#include "auth/certificate.h"
#include "base/json.h"

#include <cjson/cJSON.h>

/* An empty one is AWS's way to say none. */
bool service_certificate_is_named(struct str s)
{
	struct str id;

	return !s.n || (str_starts(s, STR("arn:")) && id_parse(KIND_CERTIFICATE, s, &id));
}

static int check_covers(struct call *c, const struct record *certificate, struct str domain)
{
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(call_body(c, certificate),
							      "subjectAlternativeNames");
	const cJSON *name;

	if (!domain.n)
		return 0;
	cJSON_ArrayForEach (name, names)
		if (certificate_name_covers(str_of(name->valuestring), domain))
			return 0;
	return fault_set_field(&c->fault, "certificateArn",
			       "certificateArn must name a certificate for " STR_FMT,
			       STR_ARG(domain));
}

/* Make @service, which is stored, use the certificate that @asked names, if it names one. */
int service_certificate_settle(struct call *c, struct record *service, const struct cJSON *asked)
{
	const cJSON *arn = cJSON_GetObjectItemCaseSensitive(asked, "certificateArn");
	struct record *certificate;
	cJSON *body;

	if (!cJSON_IsString(arn))
		return 0;
	if (call_unlink(c, service->id) < 0)
		return -1;
	body = call_edit(c, service);
	cJSON_DeleteItemFromObjectCaseSensitive(body, "certificateArn");
	if (arn->valuestring[0]) {
		if (call_find(c, "certificateArn", KIND_CERTIFICATE, str_of(arn->valuestring),
			      &certificate) < 0 ||
		    check_covers(c, certificate, json_get_str(body, "customDomainName")) < 0 ||
		    call_link(c, service->id, certificate->id) < 0)
			return -1;
		call_put_str(c, body, "certificateArn", str_of(arn->valuestring));
	}
	return call_update(c, service, body);
}
