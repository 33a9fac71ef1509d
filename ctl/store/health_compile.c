/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks as the prober reads them. */
#include "store/health_compile.h"

#include "base/json.h"

#include <cjson/cJSON.h>

/* The number @name of @config within its bounds, or @otherwise. */
static unsigned number(const cJSON *config, const char *name, unsigned min, unsigned max,
		       unsigned otherwise)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(config, name);

	if (!cJSON_IsNumber(v) || v->valuedouble < min || v->valuedouble > max)
		return otherwise;
	return (unsigned)v->valuedouble;
}

/* Compile @config, which may be NULL: then there is no check. False: @a is spent. */
bool health_compile(struct arena *a, const struct cJSON *config, struct snap_health_check *ret)
{
	const cJSON *matcher = cJSON_GetObjectItemCaseSensitive(config, "matcher");
	struct str codes = json_get_str(matcher, "httpCode");
	struct str path = json_get_str(config, "path");

	*ret = (struct snap_health_check){
		.enabled = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(config, "enabled")),
		.is_h2 = str_eq(json_get_str(config, "protocolVersion"), STR("HTTP2")),
		.is_tls = str_eq(json_get_str(config, "protocol"), STR("HTTPS")),
		.port = (uint16_t)number(config, "port", 0, 65535, 0),
		.path = arena_copy(a, path.n ? path : STR("/")),
		.interval_ms = 1000 * number(config, "healthCheckIntervalSeconds", 5, 300, 30),
		.timeout_ms = 1000 * number(config, "healthCheckTimeoutSeconds", 1, 120, 5),
		.healthy_threshold = number(config, "healthyThresholdCount", 2, 10, 5),
		.unhealthy_threshold = number(config, "unhealthyThresholdCount", 2, 10, 2),
	};
	if (status_codes_parse(codes.n ? codes : STR("200"), &ret->codes) < 0)
		ret->enabled = false; /* the API refuses these */
	return ret->path.p != NULL;
}
