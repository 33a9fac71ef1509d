/* SPDX-License-Identifier: Apache-2.0 */
/* An empty variable is as good as none. */
#include "latticectl/env_keys.h"

#include <stdlib.h>

static struct str env(const char *name)
{
	return str_of(getenv(name));
}

static struct str region(void)
{
	struct str first = env("AWS_REGION"), second = env("AWS_DEFAULT_REGION");

	if (first.n)
		return first;
	return second.n ? second : STR("us-east-1");
}

/* Who signs requests to @service, borrowed from the environment. False: there are no keys. */
bool env_keys_read(struct str service, struct signer *ret)
{
	*ret = (struct signer){
		.key_id = env("AWS_ACCESS_KEY_ID"),
		.secret = env("AWS_SECRET_ACCESS_KEY"),
		.token = env("AWS_SESSION_TOKEN"),
		.region = region(),
		.service = service,
	};
	return ret->key_id.n && ret->secret.n;
}
