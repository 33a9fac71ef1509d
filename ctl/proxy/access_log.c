/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access log lines. Field names, their case and "-" for what does not apply are AWS's. Values that
 * a client chose are escaped byte by byte: a line is always one line and always valid JSON.
 */
#include "proxy/access_log.h"

#include "base/clock.h"
#include "proxy/request.h"

#include <time.h>

static void write_text(struct buf *to, struct str s)
{
	size_t from = 0, i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c < 127 && c != '"' && c != '\\')
			continue;
		buf_add(to, (struct str){ s.p + from, i - from });
		buf_addf(to, "\\u%04x", c);
		from = i + 1;
	}
	buf_add(to, (struct str){ s.p + from, s.n - from });
}

static void field(struct buf *to, const char *name, struct str value)
{
	buf_add_lit(to, "\"");
	buf_add(to, str_of(name));
	buf_add_lit(to, "\":\"");
	if (value.n)
		write_text(to, value);
	else
		buf_add_char(to, '-');
	buf_add_lit(to, "\",");
}

static void number(struct buf *to, const char *name, uint64_t value)
{
	buf_add_lit(to, "\"");
	buf_add(to, str_of(name));
	buf_add_lit(to, "\":");
	buf_add_u64(to, value);
	buf_add_char(to, ',');
}

static void start_time(struct buf *to, uint64_t ago_us)
{
	time_t at = (time_t)((clock_wall_ms() - ago_us / 1000) / 1000);
	char text[32];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	field(to, "startTime", str_of(text));
}

static struct str header(const struct request *r, struct str name)
{
	const struct http_header *h = http_headers_find(&r->http.headers, name);

	return h ? h->value : (struct str){ 0 };
}

static void places(struct buf *to, const struct request *r)
{
	char text[SOCK_ADDR_TEXT_MAX];
	struct str none = { 0 };

	field(to, "serviceNetworkArn", r->vpc ? r->vpc->network_arn : none);
	field(to, "serviceArn", r->service ? r->service->arn : none);
	field(to, "listenerType", r->listener ? r->listener->protocol : none);
	field(to, "listenerId", r->listener ? r->listener->id : none);
	field(to, "targetGroupArn", r->group ? r->group->arn : none);
	field(to, "sourceVpcId", r->vpc ? r->vpc->id : none);
	field(to, "sourceVpcArn", r->vpc ? r->vpc->arn : none);
	field(to, "destinationVpcId", r->group ? r->group->vpc_id : none);
	field(to, "sourceIpPort", sock_addr_write(&r->conn->peer, text));
	field(to, "targetIpPort", r->target ? sock_addr_write(&r->target->addr, text) : none);
}

/* Append the line of @r, which ended at @now_us (clock_mono_us()), to @to. */
void access_log_write(struct buf *to, const struct request *r, uint64_t now_us)
{
	uint64_t sent_us = r->sent_us ? r->sent_us : r->started_us;

	buf_add_char(to, '{');
	start_time(to, now_us - r->started_us);
	field(to, "requestId", r->id);
	places(to, r);
	field(to, "requestMethod", r->http.method);
	field(to, "requestPath", r->http.path);
	field(to, "protocol",
	      r->http.version == HTTP_VERSION_1_0 ? STR("HTTP/1.0") : STR("HTTP/1.1"));
	field(to, "hostHeader", r->http.authority);
	field(to, "userAgent", header(r, STR("user-agent")));
	field(to, "resolvedUser", (struct str){ 0 });
	field(to, "authDeniedReason", (struct str){ 0 });
	field(to, "failureReason", str_of(r->failure));
	number(to, "responseCode", r->status);
	number(to, "bytesReceived", r->head_bytes + r->to_target.bytes);
	number(to, "bytesSent", r->response_head_bytes + r->to_client.bytes);
	number(to, "requestToTargetDuration", r->target ? (sent_us - r->started_us) / 1000 : 0);
	number(to, "responseFromTargetDuration",
	       r->answered_us ? (now_us - r->answered_us) / 1000 : 0);
	number(to, "duration", (now_us - r->started_us) / 1000);
	/* The last field has no comma after it. */
	if (!to->failed)
		to->end--;
	buf_add_lit(to, "}\n");
}
