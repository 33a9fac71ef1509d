/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access log lines. Field names, their case and "-" for what does not apply are AWS's. Values that
 * a client chose are escaped byte by byte: a line is always one line and always valid JSON.
 */
#include "proxy/access_log.h"

#include "auth/sigv4.h"
#include "base/clock.h"
#include "base/num.h"
#include "io/tls.h"
#include "proxy/request.h"
#include "proxy/secure.h"

#include <time.h>

/* The longest that a byte is written as: \u0000. */
enum { ESCAPED_BYTES = 6 };

/* The parts of a line before and after the caller's, but for the texts in them; and more. */
enum { OPENING_BYTES_MAX = 1024, OUTCOME_BYTES_MAX = 512 };

enum { US_PER_SECOND = 1000000 };

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * May all eight bytes of @v stand in a JSON string as they are? Each term has the upper bit of a
 * byte that may not; of the bytes above it too, perhaps, which changes nothing.
 */
static inline bool are_plain(uint64_t v)
{
	uint64_t control = v - EACH(' '), delete = v + EACH(1);
	uint64_t quote = (v ^ EACH('"')) - EACH(1), backslash = (v ^ EACH('\\')) - EACH(1);

	return !((v | control | delete | quote | backslash) & EACH(0x80));
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

/* Write the @n bytes at @p, each perhaps escaped. Returns where the next is to be. */
static char *escape_each(char *to, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		to = escape(to, p[i]);
	return to;
}

/*
 * Write @s at @to, where there is room for it escaped. Returns where the next is to be. Most texts
 * are plain: eight bytes are looked at together, and the last eight once more for what is left.
 */
static char *put_text(char *to, struct str s)
{
	uint64_t v;
	size_t i, left;

	for (i = 0; i + sizeof(v) <= s.n; i += sizeof(v)) {
		memcpy(&v, s.p + i, sizeof(v));
		if (!are_plain(v)) {
			to = escape_each(to, s.p + i, sizeof(v));
			continue;
		}
		memcpy(to, &v, sizeof(v));
		to += sizeof(v);
	}
	left = s.n - i;
	if (!left || !i)
		return escape_each(to, s.p + i, left);
	memcpy(&v, s.p + s.n - sizeof(v), sizeof(v));
	if (!are_plain(v))
		return escape_each(to, s.p + i, left);
	memcpy(to + left - sizeof(v), &v, sizeof(v));
	return to + left;
}

static void write_text(struct buf *to, struct str s)
{
	char *at = buf_reserve(to, s.n * ESCAPED_BYTES + 1);

	if (at)
		buf_commit(to, (size_t)(put_text(at, s) - at));
}

/* The value of a member, and what stands before the next. */
static char *put_value(char *at, struct str value)
{
	if (value.n)
		at = put_text(at, value);
	else
		*at++ = '-';
	memcpy(at, "\",", 2);
	return at + 2;
}

/* What stands between the value of one member and that of the next. */
#define NAME(name)   STR("\"" name "\":\"")
#define NUMBER(name) STR("\"" name "\":")

/* Copy @s: a constant, whose length the compiler is to know. */
static inline __attribute__((always_inline)) char *put(char *at, struct str s)
{
	memcpy(at, s.p, s.n);
	return at + s.n;
}

/* Members: @name with its quotes and colon, by the macros above. There must be room. */
static inline __attribute__((always_inline)) char *member(char *at, struct str name,
							  struct str value)
{
	return put_value(put(at, name), value);
}

static inline __attribute__((always_inline)) char *number(char *at, struct str name, uint64_t value)
{
	at = num_write(put(at, name), value);
	*at = ',';
	return at + 1;
}

/* A member where it is not known whether there is room. */
static void field(struct buf *to, struct str name, struct str value)
{
	char *at = buf_reserve(to, name.n + value.n * ESCAPED_BYTES + 3);

	if (at)
		buf_commit(to, (size_t)(member(at, name, value) - at));
}

/* The last second that was written is kept: a calendar costs more than all else here. */
static struct str start_time(struct log_clock *c, const struct request *r, uint64_t now_us)
{
	uint64_t wall_us;
	time_t at;
	struct tm tm;

	if (r->started_us - c->from_us < US_PER_SECOND && c->text[0])
		return (struct str){ c->text, c->n };
	wall_us = clock_wall_us() - (now_us - r->started_us);
	at = (time_t)(wall_us / US_PER_SECOND);
	gmtime_r(&at, &tm);
	c->n = strftime(c->text, sizeof(c->text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	c->from_us = r->started_us - wall_us % US_PER_SECOND;
	return (struct str){ c->text, c->n };
}

static struct str header(const struct request *r, struct str name)
{
	const struct http_header *h = http_headers_find(&r->http.headers, name);

	return h ? h->value : (struct str){ 0 };
}

/* Room that opening() needs. */
static size_t opening_bytes(const struct request *r, struct str user_agent)
{
	size_t n = r->id.n + r->http.method.n + r->http.path.n + r->http.authority.n + user_agent.n;

	if (r->vpc)
		n += r->vpc->network_arn.n + r->vpc->id.n + r->vpc->arn.n;
	if (r->service)
		n += r->service->arn.n;
	if (r->listener)
		n += r->listener->protocol.n + r->listener->id.n;
	if (r->group)
		n += r->group->arn.n + r->group->vpc_id.n;
	return OPENING_BYTES_MAX + n * ESCAPED_BYTES;
}

static char *places(char *at, const struct request *r)
{
	char text[SOCK_ADDR_TEXT_MAX];
	struct str none = { 0 };

	at = member(at, NAME("serviceNetworkArn"), r->vpc ? r->vpc->network_arn : none);
	at = member(at, NAME("serviceArn"), r->service ? r->service->arn : none);
	at = member(at, NAME("listenerType"), r->listener ? r->listener->protocol : none);
	at = member(at, NAME("listenerId"), r->listener ? r->listener->id : none);
	at = member(at, NAME("targetGroupArn"), r->group ? r->group->arn : none);
	at = member(at, NAME("sourceVpcId"), r->vpc ? r->vpc->id : none);
	at = member(at, NAME("sourceVpcArn"), r->vpc ? r->vpc->arn : none);
	at = member(at, NAME("destinationVpcId"), r->group ? r->group->vpc_id : none);
	at = member(at, NAME("sourceIpPort"), sock_addr_write(&r->conn->peer, text));
	return member(
		at, NAME("targetIpPort"),
		r->target ? sock_addr_write(r->called.family ? &r->called : &r->target->addr, text)
			  : none);
}

/* When, where, and what was asked for. */
static char *opening(char *at, const struct request *r, struct str time, struct str user_agent)
{
	static const struct str versions[] = {
		[HTTP_VERSION_1_0] = { "HTTP/1.0", 8 },
		[HTTP_VERSION_1_1] = { "HTTP/1.1", 8 },
		[HTTP_VERSION_2] = { "HTTP/2", 6 },
	};
	struct str none = { 0 };

	at = member(at, STR("{\"startTime\":\""), time);
	at = member(at, NAME("requestId"), r->id);
	at = places(at, r);
	at = member(at, NAME("requestMethod"), r->http.method);
	at = member(at, NAME("requestPath"), r->http.path);
	at = member(at, NAME("protocol"), r->is_passthrough ? none : versions[r->http.version]);
	at = member(at, NAME("hostHeader"), r->http.authority);
	return member(at, NAME("userAgent"), user_agent);
}

/* What its connection's TLS tells. */
static void tls_fields(struct buf *to, const struct conn *c)
{
	const struct tls *tls = c->s.tls;

	if (!tls && !c->secure) {
		buf_add_lit(to, "\"tlsVersion\":\"-\",\"sslCipher\":\"-\","
				"\"serverNameIndication\":\"-\",");
		return;
	}
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

static char *durations(char *at, const struct request *r, uint64_t now_us)
{
	uint64_t sent_us = r->sent_us ? r->sent_us : r->started_us;

	at = number(at, NUMBER("requestToTargetDuration"),
		    r->target ? (sent_us - r->started_us) / 1000 : 0);
	at = number(at, NUMBER("responseFromTargetDuration"),
		    r->answered_us ? (now_us - r->answered_us) / 1000 : 0);
	return number(at, NUMBER("duration"), (now_us - r->started_us) / 1000);
}

/* What became of it. */
static char *outcome(char *at, const struct request *r, struct str failure, uint64_t now_us)
{
	char trace[TRACE_ID_DIGITS];

	at = member(at, NAME("failureReason"), failure);
	if (r->has_grpc_status)
		at = number(at, NUMBER("grpcResponseCode"), r->grpc_status);
	else
		at = member(at, NAME("grpcResponseCode"), (struct str){ 0 });
	if (r->is_passthrough)
		at = member(at, NAME("responseCode"), (struct str){ 0 });
	else
		at = number(at, NUMBER("responseCode"), r->status);
	at = number(at, NUMBER("bytesReceived"), r->head_bytes + r->to_target.bytes);
	at = number(at, NUMBER("bytesSent"), r->response_head_bytes + r->to_client.bytes);
	at = durations(at, r, now_us);
	at = number(at, NUMBER("targetAttempts"), r->attempts + (r->head_sent ? 1 : 0));
	at = member(at, NAME("traceId"), trace_log_id(r, trace));
	/* The last member has no comma after it. */
	return put(at - 1, STR("}\n"));
}

/* Append the line of @r, which ended at @now_us (clock_mono_us()), to @to. See to->failed. */
void access_log_write(struct buf *to, struct log_clock *c, const struct request *r, uint64_t now_us)
{
	struct str failure = str_of(r->failure), user_agent = header(r, STR("user-agent"));
	char *at = buf_reserve(to, opening_bytes(r, user_agent));

	if (!at)
		return;
	buf_commit(to, (size_t)(opening(at, r, start_time(c, r, now_us), user_agent) - at));
	tls_fields(to, r->conn);
	auth_fields(to, r);
	at = buf_reserve(to, OUTCOME_BYTES_MAX + failure.n * ESCAPED_BYTES);
	if (at)
		buf_commit(to, (size_t)(outcome(at, r, failure, now_us) - at));
}
