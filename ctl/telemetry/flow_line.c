/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An accepted connection is told at its end, in two lines like AWS's: what the client sent, and
 * what it got. A refused one is one line. The beginning of a connection is no line: AWS tells of
 * flows, not of events.
 */
#include "telemetry/flow_line.h"

#include "base/array.h"
#include "io/sock.h"

#include <errno.h>
#include <string.h>

enum { NS_A_SECOND = 1000000000, TCP_SYN = 2 };

/* One line. */
struct line {
	const struct flow_format *format;
	const struct flow_place *place;
	const struct lattice_record *r; /* NULL: of a time whose events were lost */
	bool is_back;			/* from the service to the client */
	uint64_t now_s;
};

static void dash(struct buf *to, const struct line *l)
{
	(void)l;
	buf_add_char(to, '-');
}

static void add_str(struct buf *to, struct str s)
{
	if (s.n)
		buf_add(to, s);
	else
		buf_add_char(to, '-');
}

static bool is_v4(const struct lattice_record *r)
{
	return !r->saddr[0] && !r->saddr[1] && r->saddr[2] == htonl(0xffff);
}

static void add_address(struct buf *to, const struct line *l, const __be32 words[4])
{
	struct sock_addr a = { .family = is_v4(l->r) ? AF_INET : AF_INET6 };
	char text[SOCK_ADDR_TEXT_MAX];

	if (a.family == AF_INET)
		memcpy(&a.v4, &words[3], sizeof(a.v4));
	else
		memcpy(&a.v6, words, sizeof(a.v6));
	buf_add(to, sock_addr_write_ip(&a, text));
}

static void version(struct buf *to, const struct line *l)
{
	buf_add_u64(to, l->format->version);
}

static void account(struct buf *to, const struct line *l)
{
	add_str(to, l->place->account);
}

static void source(struct buf *to, const struct line *l)
{
	add_address(to, l, l->is_back ? l->r->daddr : l->r->saddr);
}

static void destination(struct buf *to, const struct line *l)
{
	add_address(to, l, l->is_back ? l->r->saddr : l->r->daddr);
}

static void source_port(struct buf *to, const struct line *l)
{
	buf_add_u64(to, ntohs(l->is_back ? l->r->dport : l->r->sport));
}

static void destination_port(struct buf *to, const struct line *l)
{
	buf_add_u64(to, ntohs(l->is_back ? l->r->sport : l->r->dport));
}

static void protocol(struct buf *to, const struct line *l)
{
	buf_add_u64(to, l->r->proto);
}

/* The module counts bytes, not packets; a refusal is of one. */
static void packets(struct buf *to, const struct line *l)
{
	buf_add_char(to, l->r->kind == LATTICE_RECORD_END ? '-' : '1');
}

static void bytes(struct buf *to, const struct line *l)
{
	if (l->r->kind == LATTICE_RECORD_END)
		buf_add_u64(to, l->is_back ? l->r->bytes_out : l->r->bytes_in);
	else
		buf_add_char(to, '-');
}

static void start(struct buf *to, const struct line *l)
{
	if (l->r)
		buf_add_u64(to, (l->r->time_ns - l->r->duration_ns) / NS_A_SECOND);
	else
		buf_add_u64(to, l->now_s);
}

static void end(struct buf *to, const struct line *l)
{
	buf_add_u64(to, l->r ? l->r->time_ns / NS_A_SECOND : l->now_s);
}

static void action(struct buf *to, const struct line *l)
{
	buf_add(to, l->r->kind == LATTICE_RECORD_REFUSED ? STR("REJECT") : STR("ACCEPT"));
}

static void log_status(struct buf *to, const struct line *l)
{
	buf_add(to, l->r ? STR("OK") : STR("SKIPDATA"));
}

static void vpc_id(struct buf *to, const struct line *l)
{
	add_str(to, l->place->vpc_id);
}

static void tcp_flags(struct buf *to, const struct line *l)
{
	if (l->r->kind == LATTICE_RECORD_REFUSED && l->r->proto == IPPROTO_TCP)
		buf_add_u64(to, TCP_SYN);
	else
		buf_add_char(to, '-');
}

static void type(struct buf *to, const struct line *l)
{
	buf_add(to, is_v4(l->r) ? STR("IPv4") : STR("IPv6"));
}

static void region(struct buf *to, const struct line *l)
{
	add_str(to, l->place->region);
}

static void direction(struct buf *to, const struct line *l)
{
	buf_add(to, l->is_back ? STR("ingress") : STR("egress"));
}

static void service_id(struct buf *to, const struct line *l)
{
	add_str(to, l->place->service_id);
}

static void verdict(struct buf *to, const struct line *l)
{
	static const char *const words[] = {
		[LATTICE_COUNTER_STEERED] = "steered",
		[LATTICE_COUNTER_NO_SOCKET] = "no-socket",
		[LATTICE_COUNTER_FILTERED] = "filtered",
		[LATTICE_COUNTER_NO_SERVICE] = "no-service",
		[LATTICE_COUNTER_NOT_TCP] = "not-tcp",
		[LATTICE_COUNTER_MALFORMED] = "malformed",
	};

	buf_add(to, l->r->verdict < ARRAY_SIZE(words) ? str_of(words[l->r->verdict]) : STR("-"));
}

static const struct field {
	const char *name;
	unsigned version;
	bool is_always; /* there, also when events were lost */
	void (*write)(struct buf *to, const struct line *l);
} fields[] = {
	{ "version", 2, true, version },
	{ "account-id", 2, true, account },
	{ "interface-id", 2, false, dash },
	{ "srcaddr", 2, false, source },
	{ "dstaddr", 2, false, destination },
	{ "srcport", 2, false, source_port },
	{ "dstport", 2, false, destination_port },
	{ "protocol", 2, false, protocol },
	{ "packets", 2, false, packets },
	{ "bytes", 2, false, bytes },
	{ "start", 2, true, start },
	{ "end", 2, true, end },
	{ "action", 2, false, action },
	{ "log-status", 2, true, log_status },
	{ "vpc-id", 3, true, vpc_id },
	{ "subnet-id", 3, false, dash },
	{ "instance-id", 3, false, dash },
	{ "tcp-flags", 3, false, tcp_flags },
	{ "type", 3, false, type },
	{ "pkt-srcaddr", 3, false, source },
	{ "pkt-dstaddr", 3, false, destination },
	{ "region", 4, true, region },
	{ "az-id", 4, false, dash },
	{ "sublocation-type", 4, false, dash },
	{ "sublocation-id", 4, false, dash },
	{ "pkt-src-aws-service", 5, false, dash },
	{ "pkt-dst-aws-service", 5, false, dash },
	{ "flow-direction", 5, false, direction },
	{ "traffic-path", 5, false, dash },
	{ "lattice-service-id", 2, false, service_id },
	{ "lattice-verdict", 2, false, verdict },
};

enum { DEFAULT_FIELDS = 14, DEFAULT_VERSION = 2 };

/* "${name}" or "name". -EINVAL: there is no such field. */
static int add_field(struct flow_format *f, struct str word)
{
	size_t i;

	if (str_starts(word, STR("${")) && str_ends(word, STR("}")))
		word = str_first(str_skip(word, 2), word.n - 3);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (str_eq(word, str_of(fields[i].name)))
			break;
	if (i == ARRAY_SIZE(fields) || f->count == FLOW_FIELDS_MAX)
		return -EINVAL;
	f->fields[f->count++] = (uint8_t)i;
	if (fields[i].version > f->version)
		f->version = fields[i].version;
	return 0;
}

/* "default", or names of fields between spaces or commas. 0 or -EINVAL. */
int flow_format_parse(struct str text, struct flow_format *ret)
{
	struct flow_format f = { .version = DEFAULT_VERSION };
	size_t i, from = 0;

	if (str_eq(text, STR("default"))) {
		for (i = 0; i < DEFAULT_FIELDS; i++)
			f.fields[f.count++] = (uint8_t)i;
		*ret = f;
		return 0;
	}
	for (i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != ' ' && text.p[i] != ',')
			continue;
		if (i > from && add_field(&f, (struct str){ text.p + from, i - from }))
			return -EINVAL;
		from = i + 1;
	}
	if (!f.count)
		return -EINVAL;
	*ret = f;
	return 0;
}

static void write_line(struct buf *to, const struct line *l)
{
	size_t i;

	for (i = 0; i < l->format->count; i++) {
		const struct field *f = &fields[l->format->fields[i]];

		if (i)
			buf_add_char(to, ' ');
		if (l->r || f->is_always)
			f->write(to, l);
		else
			buf_add_char(to, '-');
	}
	buf_add_char(to, '\n');
}

/* Append what @r is told as: two lines of an end, one of a refusal, none of a start. */
void flow_line_write(struct buf *to, const struct flow_format *f, const struct flow_place *place,
		     const struct lattice_record *r)
{
	struct line l = { .format = f, .place = place, .r = r };

	if (r->kind == LATTICE_RECORD_START)
		return;
	write_line(to, &l);
	if (r->kind != LATTICE_RECORD_END)
		return;
	l.is_back = true;
	write_line(to, &l);
}

/* Append the line that says that events were lost. */
void flow_line_skipped(struct buf *to, const struct flow_format *f, const struct flow_place *place,
		       uint64_t now_ms)
{
	const struct line l = { .format = f, .place = place, .now_s = now_ms / 1000 };

	write_line(to, &l);
}
