/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests up to their handler: "METHOD /path?query", a line end, the body. Finding the
 * operation, decoding, and checking against the tables must stand any bytes. The store refuses
 * to begin, so that no handler runs.
 */
#include "api/dispatch.h"
#include "base/json.h"
#include "store/store.h"

#include <assert.h>
#include <cjson/cJSON.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int refuse(struct store *s, bool writes, struct fault *fault)
{
	(void)s;
	(void)writes;
	return fault_set(fault, FAULT_INTERNAL, "no store");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct store_ops ops = { .begin = refuse };
	struct store s = { &ops };
	struct api_context on = { .store = &s,
				  .region = STR("us-east-1"),
				  .account = STR("123456789012") };
	struct str_cut line = str_cut((struct str){ (const char *)data, size }, '\n');
	struct str_cut words = str_cut(line.head, ' ');
	struct str_cut target = str_cut(words.tail, '?');
	struct api_request r = { words.head, target.head, target.tail, line.tail, true, false };
	struct api_reply reply;
	cJSON *json;

	dispatch_run(&on, &r, &reply);
	json = json_parse(buf_str(&reply.body));
	assert(reply.status >= 400 && reply.error.n && cJSON_IsObject(json));
	cJSON_Delete(json);
	api_reply_fini(&reply);
	return 0;
}
