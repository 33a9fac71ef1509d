/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access log lines. Field names, their case and "-" for what does not apply are AWS's. Values that
 * a client chose are escaped byte by byte: a line is always one line and always valid JSON.
 */
#include "proxy/access_log.h"

#include "auth/sigv4.h"
#include "base/clock.h"
#include "io/tls.h"
#include "proxy/request.h"
#include "proxy/secure.h"

#include <time.h>

/* The longest that a byte is written as: \u0000. */
enum { ESCAPED_BYTES = 6 };

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Has @v a byte that is below @n, which is at most 0x80? */
static uint64_t has_less(uint64_t v, uint64_t n)
{
	return (v - EACH(1) * n) & ~v & EACH(0x80);
}

/* May all eight bytes at @p stand in a JSON string as they are? */
static bool are_plain(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return !(has_less(v, ' ') | (v & EACH(0x80)) | has_less(v ^ EACH('"'), 1) |
		 has_less(v ^ EACH('\\'), 1) | has_less(v ^ EACH(0x7f), 1));
}

/* Write @c, perhaps escaped. Returns where the next is to be. */
static char *escape(char *to, char c)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char u = (unsigned char)c;

	if (u >= ' ' && u < 0x7f && u != '"' && u != '\\') {
		*to++ = c;
		return to;
	}
	memcpy(to, "\\u00", 4);
	to[4] = digits[u >> 4];
	to[5] = digits[u & 15];
	return to + ESCAPED_BYTES;
}

/* Write @s at @to, where there is room for it escaped. Returns where the next is to be. */
static char *put_text(char *to, struct str s)
{
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		size_t k;

		if (are_plain(s.p + i)) {
			memcpy(to, s.p + i, 8);
			to += 8;
			continue;
		}
		for (k = 0; k < 8; k++)
			to = escape(to, s.p[i + k]);
	}
	for (; i < s.n; i++)
		to = escape(to, s.p[i]);
	return to;
}

static void write_text(struct buf *to, struct str s)
{
	char *at = buf_reserve(to, s.n * ESCAPED_BYTES + 1);

	if (at)
		buf_commit(to, (size_t)(put_text(at, s) - at));
}

/* What stands between the value of one member and that of the next. */
#define NAME(name)   STR("\"" name "\":\"")
#define NUMBER(name) STR("\"" name "\":")

/* Members: @name with its quotes and colon, by the macros above. */
static void field(struct buf *to, struct str name, struct str value)
{
	char *begin = buf_reserve(to, name.n + value.n * ESCAPED_BYTES + 3);
	char *at = begin;

	if (!begin)
		return;
	memcpy(at, name.p, name.n);
	at += name.n;
	if (value.n)
		at = put_text(at, value);
	else
		*at++ = '-';
	*at++ = '"';
	*at++ = ',';
	buf_commit(to, (size_t)(at - begin));
}

static void number(struct buf *to, struct str name, uint64_t value)
{
	buf_add(to, name);
	buf_add_u64(to, value);
	buf_add_char(to, ',');
}

/* The last second that was written is kept: a calendar costs more than all else here. */
static void start_time(struct buf *to, struct log_clock *c, uint64_t ago_us)
{
	uint64_t second = (clock_wall_ms() - ago_us / 1000) / 1000;
	time_t at = (time_t)second;
	struct tm tm;

	if (c->second != second || !c->text[0]) {
		gmtime_r(&at, &tm);
		strftime(c->text, sizeof(c->text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		c->second = second;
	}
	field(to, NAME("startTime"), str_of(c->text));
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

	field(to, NAME("serviceNetworkArn"), r->vpc ? r->vpc->network_arn : none);
	field(to, NAME("serviceArn"), r->service ? r->service->arn : none);
	field(to, NAME("listenerType"), r->listener ? r->listener->protocol : none);
	field(to, NAME("listenerId"), r->listener ? r->listener->id : none);
	field(to, NAME("targetGroupArn"), r->group ? r->group->arn : none);
	field(to, NAME("sourceVpcId"), r->vpc ? r->vpc->id : none);
	field(to, NAME("sourceVpcArn"), r->vpc ? r->vpc->arn : none);
	field(to, NAME("destinationVpcId"), r->group ? r->group->vpc_id : none);
	field(to, NAME("sourceIpPort"), sock_addr_write(&r->conn->peer, text));
	field(to, NAME("targetIpPort"), r->target ? sock_addr_write(&r->target->addr, text) : none);
}

/* What its connection's TLS tells. */
static void tls_fields(struct buf *to, const struct conn *c)
{
	const struct tls *tls = c->s.tls;

	field(to, NAME("tlsVersion"), str_of(tls ? tls_version(tls) : NULL));
	field(to, NAME("sslCipher"), str_of(tls ? tls_cipher(tls) : NULL));
	field(to, NAME("serverNameIndication"), secure_name(c));
}

/* A string of member after member, each a name and a value. */
static void tags(struct buf *to, const struct principal *p)
{
	size_t i;

	if (!p->tag_count) {
		field(to, NAME("callerPrincipalTags"), (struct str){ 0 });
		return;
	}
	buf_add_lit(to, "\"callerPrincipalTags\":{");
	for (i = 0; i < p->tag_count; i++) {
		buf_add(to, i ? STR(",\"") : STR("\""));
		write_text(to, p->tags[i].key);
		buf_add_lit(to, "\":\"");
		write_text(to, p->tags[i].value);
		buf_add_char(to, '"');
	}
	buf_add_lit(to, "},");
}

/* Which policy denied and by which statement; "none": none allowed. */
static void verdict(struct buf *to, const struct request_verdict *v, struct str reason,
		    struct str statement)
{
	struct buf b;

	buf_init(&b, POLICY_TEXT_BYTES_MAX);
	field(to, reason, v->is_denied ? auth_layer_name(v->layer) : (struct str){ 0 });
	if (v->is_denied)
		auth_write_statement(&v->part, &b);
	field(to, statement, buf_str(&b));
	buf_fini(&b);
}

/* Nobody knows who asked: the signature is not valid. */
static void signature_fields(struct buf *to, enum sigv4_reason reason)
{
	buf_add_lit(to, "\"resolvedUser\":\"-\",\"authDeniedReason\":\"Signature\",");
	field(to, NAME("authDeniedStatement"), sigv4_reason_id(reason));
	buf_add_lit(to, "\"trialDeniedReason\":\"-\",\"trialDeniedStatement\":\"-\","
			"\"callerPrincipal\":\"-\",\"callerPrincipalOrgID\":\"-\","
			"\"callerPrincipalTags\":\"-\",");
}

/* Who asked and which policy denied it, where somebody wanted to know. */
static void auth_fields(struct buf *to, const struct request *r)
{
	const struct principal *p = r->principal;

	if (r->signature) {
		signature_fields(to, r->signature);
	} else if (p) {
		field(to, NAME("resolvedUser"), p->arn.n ? p->arn : STR("Anonymous"));
		verdict(to, &r->verdict, NAME("authDeniedReason"), NAME("authDeniedStatement"));
		verdict(to, &r->trial, NAME("trialDeniedReason"), NAME("trialDeniedStatement"));
		field(to, NAME("callerPrincipal"), p->arn);
		field(to, NAME("callerPrincipalOrgID"), p->org_id);
		tags(to, p);
	} else {
		buf_add_lit(to, "\"resolvedUser\":\"-\",\"authDeniedReason\":\"-\","
				"\"authDeniedStatement\":\"-\",\"trialDeniedReason\":\"-\","
				"\"trialDeniedStatement\":\"-\",\"callerPrincipal\":\"-\","
				"\"callerPrincipalOrgID\":\"-\",\"callerPrincipalTags\":\"-\",");
	}
	/* No caller comes with a certificate (Roles Anywhere). */
	buf_add_lit(to, "\"callerX509SubjectCN\":\"-\",\"callerX509IssuerOU\":\"-\","
			"\"callerX509SANNameCN\":\"-\",\"callerX509SANDNS\":\"-\","
			"\"callerX509SANURI\":\"-\",");
}

/* Append the line of @r, which ended at @now_us (clock_mono_us()), to @to. */
void access_log_write(struct buf *to, struct log_clock *c, const struct request *r, uint64_t now_us)
{
	static const struct str versions[] = {
		[HTTP_VERSION_1_0] = { "HTTP/1.0", 8 },
		[HTTP_VERSION_1_1] = { "HTTP/1.1", 8 },
		[HTTP_VERSION_2] = { "HTTP/2", 6 },
	};
	uint64_t sent_us = r->sent_us ? r->sent_us : r->started_us;

	buf_add_char(to, '{');
	start_time(to, c, now_us - r->started_us);
	field(to, NAME("requestId"), r->id);
	places(to, r);
	field(to, NAME("requestMethod"), r->http.method);
	field(to, NAME("requestPath"), r->http.path);
	field(to, NAME("protocol"),
	      r->is_passthrough ? (struct str){ 0 } : versions[r->http.version]);
	field(to, NAME("hostHeader"), r->http.authority);
	field(to, NAME("userAgent"), header(r, STR("user-agent")));
	tls_fields(to, r->conn);
	auth_fields(to, r);
	field(to, NAME("failureReason"), str_of(r->failure));
	if (r->has_grpc_status)
		number(to, NUMBER("grpcResponseCode"), r->grpc_status);
	else
		field(to, NAME("grpcResponseCode"), (struct str){ 0 });
	if (r->is_passthrough)
		buf_add_lit(to, "\"responseCode\":\"-\",");
	else
		number(to, NUMBER("responseCode"), r->status);
	number(to, NUMBER("bytesReceived"), r->head_bytes + r->to_target.bytes);
	number(to, NUMBER("bytesSent"), r->response_head_bytes + r->to_client.bytes);
	number(to, NUMBER("requestToTargetDuration"),
	       r->target ? (sent_us - r->started_us) / 1000 : 0);
	number(to, NUMBER("responseFromTargetDuration"),
	       r->answered_us ? (now_us - r->answered_us) / 1000 : 0);
	number(to, NUMBER("duration"), (now_us - r->started_us) / 1000);
	number(to, NUMBER("targetAttempts"), r->attempts + (r->head_sent ? 1 : 0));
	/* The last field has no comma after it. */
	if (!to->failed)
		to->end--;
	buf_add_lit(to, "}\n");
}
