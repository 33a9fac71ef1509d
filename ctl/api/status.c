/* SPDX-License-Identifier: Apache-2.0 */
/* How the daemon is: what the API knows, and what the rest of the process adds. */
#include "api/handlers.h"

#include <cjson/cJSON.h>

int status_get(struct call *c)
{
	call_put_str(c, c->answer, "region", c->region);
	call_put_str(c, c->answer, "account", c->account);
	if (c->hooks && c->hooks->status)
		c->hooks->status(c->hooks->ctx, c->answer);
	return 0;
}
