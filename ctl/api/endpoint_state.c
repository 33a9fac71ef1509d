/* SPDX-License-Identifier: Apache-2.0 */
/* An endpoint that is an address has no state: it is what it says. */
#include "api/endpoint_state.h"

#include "io/tls_trust.h"
#include "model/endpoint.h"
#include "model/hosts.h"

#include <cjson/cJSON.h>
#include <time.h>

/* None is an empty one. */
bool endpoint_is_authority(struct str s)
{
	struct tls_trust *t = s.n ? tls_trust_new(s) : NULL;
	bool is_good = t || !s.n;

	tls_trust_free(t);
	return is_good;
}

static void put_addresses(struct call *c, const struct host *h, cJSON *into)
{
	cJSON *list = cJSON_CreateArray();
	char text[SOCK_ADDR_TEXT_MAX];
	unsigned i;

	for (i = 0; i < h->count; i++) {
		cJSON *item = cJSON_CreateString(sock_addr_write_ip(&h->addrs[i], text).p);

		if (!item || !cJSON_AddItemToArray(list, item)) {
			cJSON_Delete(item);
			c->failed = true;
		}
	}
	call_put(c, into, "endpointAddresses", list);
}

static void put_since(struct call *c, uint64_t ms, cJSON *into)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;

	if (gmtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		call_put_str(c, into, "endpointStateSince", str_of(text));
}

/* Add to @into what is known of the name in @url, if it has one. */
void endpoint_state_put(struct call *c, struct str url, struct cJSON *into)
{
	const struct hosts *hosts = NULL;
	const struct host *h;
	struct endpoint e;

	if (endpoint_parse_url(url, &e) || e.addr.family != AF_UNSPEC)
		return;
	if (c->hooks && c->hooks->hosts)
		hosts = c->hooks->hosts(c->hooks->ctx);
	h = hosts_find(hosts, e.name);
	call_put_str(c, into, "endpointState",
		     str_of(host_state_word(h ? h->state : HOST_PENDING)));
	if (!h)
		return;
	put_since(c, h->since_ms, into);
	put_addresses(c, h, into);
	if (h->reason)
		call_put_str(c, into, "endpointStateReason", str_of(h->reason));
}
