/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access log lines. Field names, their case and "-" for what does not apply are AWS's. Values that
 * a client chose are escaped byte by byte: a line is always one line and always valid JSON.
 * Room for all of a line is reserved at once, for the longest that its texts may become.
 */
#include "proxy/access_log.h"

#include "auth/sigv4.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/word.h"
#include "io/tls.h"
#include "proxy/request.h"
#include "proxy/secure.h"

#include <time.h>

/* The longest that a byte is written as: \u0000. */
enum { ESCAPED_BYTES = 6 };

/* All of a line but the texts that are counted: names, addresses and numbers are some 1400. */
enum { LINE_BYTES_MAX = 2048 };

enum { US_PER_SECOND = 1000000 };

/*
 * May all eight bytes of @v stand in a JSON string as they are? Each term has the upper bit of a
 * byte that may not; of the bytes above it too, perhaps, which changes nothing.
 */
static inline bool are_plain(uint64_t v)
{
	uint64_t control = v - WORD_OF(' '), delete = v + WORD_OF(1);
	uint64_t quote = (v ^ WORD_OF('"')) - WORD_OF(1),
		 backslash = (v ^ WORD_OF('\\')) - WORD_OF(1);

	return !((v | control | delete | quote | backslash) & WORD_OF(0x80));
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

/* Members: @name with its quotes and colon, by the macros above. There must be room. */
static inline __attribute__((always_inline)) char *member(char *at, struct str name,
							  struct str value)
{
	return put_value(str_put(at, name), value);
}

static inline __attribute__((always_inline)) char *number(char *at, struct str name, uint64_t value)
{
	at = num_write(str_put(at, name), value);
	*at = ',';
	return at + 1;
}

/* The same of texts in which nothing is to be escaped: ours, and short. */
static inline __attribute__((always_inline)) char *plain(char *at, struct str name,
							 struct str value)
{
	return str_put(str_put(str_put(at, name), value), STR("\","));
}

static inline __attribute__((always_inline)) char *address(char *at, struct str name,
							   const struct sock_addr *a)
{
	size_t n;

	at = str_put(at, name);
	n = a ? sock_addr_write(a, at).n : 0;
	if (!n)
		*at++ = '-';
	return str_put(at + n, STR("\","));
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

/* What a line has that is not in its request. */
struct told {
	struct str time, user_agent, failure;
	uint64_t now_us;
	struct buf statement, trial_statement; /* that denied */
};

/* Bytes of the texts that the snapshot has for @r. */
static size_t places_bytes(const struct request *r)
{
	size_t n = 0;

	if (r->vpc)
		n += r->vpc->network_arn.n + r->vpc->id.n + r->vpc->arn.n;
	if (r->service)
		n += r->service->arn.n;
	if (r->listener)
		n += r->listener->protocol.n + r->listener->id.n;
	if (r->group)
		n += r->group->arn.n + r->group->vpc_id.n;
	return n;
}

static char *write_places(char *at, const struct request *r)
{
	struct str none = { 0 };

	at = member(at, NAME("serviceNetworkArn"), r->vpc ? r->vpc->network_arn : none);
	at = member(at, NAME("serviceArn"), r->service ? r->service->arn : none);
	at = member(at, NAME("listenerType"), r->listener ? r->listener->protocol : none);
	at = member(at, NAME("listenerId"), r->listener ? r->listener->id : none);
	at = member(at, NAME("targetGroupArn"), r->group ? r->group->arn : none);
	at = member(at, NAME("sourceVpcId"), r->vpc ? r->vpc->id : none);
	at = member(at, NAME("sourceVpcArn"), r->vpc ? r->vpc->arn : none);
	return member(at, NAME("destinationVpcId"), r->group ? r->group->vpc_id : none);
}

/*
 * The places of @r, copied if they were written lately. A generation never comes again, and what
 * it says of them does not change: an address that is reused is another generation's.
 */
static char *places(char *at, struct log_memo *m, const struct request *r)
{
	size_t mix = (uintptr_t)r->listener / 16 * 31 + (uintptr_t)r->group / 16;
	struct log_places *p = &m->places[(mix ^ mix / LOG_PLACES) % LOG_PLACES];
	uint64_t generation = r->lease->snapshot->generation;
	char *end;

	if (p->n && p->generation == generation && p->vpc == r->vpc && p->service == r->service &&
	    p->listener == r->listener && p->group == r->group)
		return str_put(at, (struct str){ p->text, p->n });
	end = write_places(at, r);
	p->n = 0;
	if ((size_t)(end - at) > sizeof(p->text))
		return end;
	p->generation = generation;
	p->vpc = r->vpc;
	p->service = r->service;
	p->listener = r->listener;
	p->group = r->group;
	p->n = (size_t)(end - at);
	memcpy(p->text, at, p->n);
	return end;
}

/* When, where, and what was asked for. */
static char *opening(char *at, struct log_memo *m, const struct request *r, const struct told *t)
{
	static const struct str versions[] = {
		[HTTP_VERSION_1_0] = { "HTTP/1.0", 8 },
		[HTTP_VERSION_1_1] = { "HTTP/1.1", 8 },
		[HTTP_VERSION_2] = { "HTTP/2", 6 },
	};
	const struct sock_addr *target = r->called.family ? &r->called : NULL;

	if (r->target && !target)
		target = &r->target->addr;
	at = plain(at, STR("{\"startTime\":\""), t->time);
	at = member(at, NAME("requestId"), r->id);
	at = places(at, m, r);
	at = address(at, NAME("sourceIpPort"), &r->conn->peer);
	at = address(at, NAME("targetIpPort"), r->target ? target : NULL);
	at = member(at, NAME("requestMethod"), r->http.method);
	at = member(at, NAME("requestPath"), r->http.path);
	at = plain(at, NAME("protocol"), r->is_passthrough ? STR("-") : versions[r->http.version]);
	at = member(at, NAME("hostHeader"), r->http.authority);
	return member(at, NAME("userAgent"), t->user_agent);
}

/* What its connection's TLS tells. */
static char *tls_members(char *at, const struct conn *c)
{
	const struct tls *tls = c->s.tls;

	if (!tls && !c->secure)
		return str_put(at, STR("\"tlsVersion\":\"-\",\"sslCipher\":\"-\","
				       "\"serverNameIndication\":\"-\","));
	at = member(at, NAME("tlsVersion"), str_of(tls ? tls_version(tls) : NULL));
	at = member(at, NAME("sslCipher"), str_of(tls ? tls_cipher(tls) : NULL));
	return member(at, NAME("serverNameIndication"), secure_name(c));
}

/* Room for the tags of @p. */
static size_t tags_bytes(const struct principal *p)
{
	size_t n = 0, i;

	for (i = 0; i < p->tag_count; i++)
		n += p->tags[i].key.n + p->tags[i].value.n + strlen(",\"\":\"\"");
	return n;
}

/* A string of member after member, each a name and a value. */
static char *tags(char *at, const struct principal *p)
{
	size_t i;

	if (!p->tag_count)
		return str_put(at, STR("\"callerPrincipalTags\":\"-\","));
	at = str_put(at, STR("\"callerPrincipalTags\":{"));
	for (i = 0; i < p->tag_count; i++) {
		at = i ? str_put(at, STR(",\"")) : str_put(at, STR("\""));
		at = str_put(put_text(at, p->tags[i].key), STR("\":\""));
		at = str_put(put_text(at, p->tags[i].value), STR("\""));
	}
	return str_put(at, STR("},"));
}

/* The statement by which @v denied; "none": none allowed. Empty: it did not. */
static void find_statement(const struct request_verdict *v, struct buf *ret)
{
	if (!v->is_denied)
		return;
	buf_init(ret, POLICY_TEXT_BYTES_MAX);
	auth_write_statement(&v->part, ret);
}

/* Which policy denied. */
static struct str denier(const struct request_verdict *v)
{
	return v->is_denied ? auth_layer_name(v->layer) : (struct str){ 0 };
}

static char *verdicts(char *at, const struct request *r, const struct told *t)
{
	if (!r->verdict.is_denied && !r->trial.is_denied)
		return str_put(at,
			       STR("\"authDeniedReason\":\"-\",\"authDeniedStatement\":\"-\","
				   "\"trialDeniedReason\":\"-\",\"trialDeniedStatement\":\"-\","));
	at = member(at, NAME("authDeniedReason"), denier(&r->verdict));
	at = member(at, NAME("authDeniedStatement"), buf_str(&t->statement));
	at = member(at, NAME("trialDeniedReason"), denier(&r->trial));
	return member(at, NAME("trialDeniedStatement"), buf_str(&t->trial_statement));
}

/* Who asked and which policy denied it, where somebody wanted to know. */
static char *caller(char *at, const struct request *r, const struct told *t)
{
	const struct principal *p = r->principal;

	if (r->signature) {
		/* Nobody knows who asked: the signature is not valid. */
		at = str_put(at, STR("\"resolvedUser\":\"-\",\"authDeniedReason\":\"Signature\","));
		at = member(at, NAME("authDeniedStatement"), sigv4_reason_id(r->signature));
		at = str_put(at, STR("\"trialDeniedReason\":\"-\",\"trialDeniedStatement\":\"-\","
				     "\"callerPrincipal\":\"-\",\"callerPrincipalOrgID\":\"-\","
				     "\"callerPrincipalTags\":\"-\","));
	} else if (p) {
		at = member(at, NAME("resolvedUser"), p->arn.n ? p->arn : STR("Anonymous"));
		at = verdicts(at, r, t);
		at = member(at, NAME("callerPrincipal"), p->arn);
		at = member(at, NAME("callerPrincipalOrgID"), p->org_id);
		at = tags(at, p);
	} else {
		at = str_put(at,
			     STR("\"resolvedUser\":\"-\",\"authDeniedReason\":\"-\","
				 "\"authDeniedStatement\":\"-\",\"trialDeniedReason\":\"-\","
				 "\"trialDeniedStatement\":\"-\",\"callerPrincipal\":\"-\","
				 "\"callerPrincipalOrgID\":\"-\",\"callerPrincipalTags\":\"-\","));
	}
	/* No caller comes with a certificate (Roles Anywhere). */
	return str_put(at, STR("\"callerX509SubjectCN\":\"-\",\"callerX509IssuerOU\":\"-\","
			       "\"callerX509SANNameCN\":\"-\",\"callerX509SANDNS\":\"-\","
			       "\"callerX509SANURI\":\"-\","));
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
static char *outcome(char *at, const struct request *r, const struct told *t)
{
	char trace[TRACE_ID_DIGITS];

	at = member(at, NAME("failureReason"), t->failure);
	if (r->has_grpc_status)
		at = number(at, NUMBER("grpcResponseCode"), r->grpc_status);
	else
		at = plain(at, NAME("grpcResponseCode"), STR("-"));
	if (r->is_passthrough)
		at = plain(at, NAME("responseCode"), STR("-"));
	else
		at = number(at, NUMBER("responseCode"), r->status);
	at = number(at, NUMBER("bytesReceived"), r->head_bytes + r->to_target.bytes);
	at = number(at, NUMBER("bytesSent"), r->response_head_bytes + r->to_client.bytes);
	at = durations(at, r, t->now_us);
	at = number(at, NUMBER("targetAttempts"), r->attempts + (r->head_sent ? 1 : 0));
	at = member(at, NAME("traceId"), trace_log_id(r, trace));
	/* The last member has no comma after it. */
	return str_put(at - 1, STR("}\n"));
}

/* Room that the line of @r needs. */
static size_t line_bytes(const struct request *r, const struct told *t)
{
	const struct principal *p = r->principal;
	size_t n = places_bytes(r) + r->id.n + r->http.method.n + r->http.path.n +
		   r->http.authority.n + t->user_agent.n + secure_name(r->conn).n + t->failure.n;

	if (p)
		n += 2 * p->arn.n + p->org_id.n + tags_bytes(p) + buf_len(&t->statement) +
		     buf_len(&t->trial_statement);
	return LINE_BYTES_MAX + n * ESCAPED_BYTES;
}

/* Append the line of @r, which ended at @now_us (clock_mono_us()), to @to. See to->failed. */
void access_log_write(struct buf *to, struct log_memo *m, const struct request *r, uint64_t now_us)
{
	struct told t = { .now_us = now_us };
	char *line, *at;

	t.time = start_time(&m->clock, r, now_us);
	t.user_agent = header(r, STR("user-agent"));
	t.failure = str_of(r->failure);
	find_statement(&r->verdict, &t.statement);
	find_statement(&r->trial, &t.trial_statement);
	line = buf_reserve(to, line_bytes(r, &t));
	if (line) {
		at = tls_members(opening(line, m, r, &t), r->conn);
		at = outcome(caller(at, r, &t), r, &t);
		buf_commit(to, (size_t)(at - line));
	}
	if (t.statement.p)
		buf_fini(&t.statement);
	if (t.trial_statement.p)
		buf_fini(&t.trial_statement);
}
