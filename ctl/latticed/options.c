/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of latticed as a table: each option is --NAME VALUE, --NAME=VALUE or
 * LATTICED_NAME in the environment, which the command line overrides.
 */
#include "latticed/options.h"

#include "base/array.h"
#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { ACCOUNT_DIGITS = 12, REGION_BYTES_MAX = 32 };

/* Each takes a value and returns NULL, or what would have been right. */
static const char *set_dir(const char *value, const char **ret)
{
	if (value[0] != '/')
		return "must be an absolute path";
	*ret = value;
	return NULL;
}

static const char *set_state(struct options *o, const char *value)
{
	return set_dir(value, &o->state_dir);
}

static const char *set_run(struct options *o, const char *value)
{
	return set_dir(value, &o->run_dir);
}

static const char *set_resolv_conf(struct options *o, const char *value)
{
	return set_dir(value, &o->resolv_conf);
}

static const char *set_logs(struct options *o, const char *value)
{
	return set_dir(value, &o->log_dir);
}

static const char *set_address(struct str value, struct sock_addr *ret)
{
	return sock_addr_parse_port(value, ret)
		       ? "must be ADDRESS:PORT, an IPv6 address in brackets"
		       : NULL;
}

static const char *set_metrics(struct options *o, const char *value)
{
	return set_address(str_of(value), &o->metrics);
}

static const char *add_api_tcp(struct options *o, struct str value)
{
	struct sock_addr a;

	if (set_address(value, &a))
		return "must be tcp:ADDRESS:PORT";
	if (o->api_tcp_count == OPTIONS_API_MAX)
		return "is one too many: 8 addresses on TCP are the most";
	o->api_tcp[o->api_tcp_count++] = a;
	return NULL;
}

static const char *add_api_path(struct options *o, struct str path)
{
	if (path.n >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return "must be a path of at most 107 bytes";
	if (o->api_path_count == OPTIONS_API_MAX)
		return "is one too many: 8 unix sockets are the most";
	o->api_paths[o->api_path_count++] = path;
	return NULL;
}

/* One or several, with commas between them; each adds to those before. */
static const char *set_api(struct options *o, const char *value)
{
	struct str_cut c = { .tail = str_of(value), .found = true };
	const char *wrong = NULL;

	while (c.found && !wrong) {
		c = str_cut(c.tail, ',');
		if (str_starts(c.head, STR("tcp:")))
			wrong = add_api_tcp(o, str_skip(c.head, 4));
		else if (str_starts(c.head, STR("unix:/")))
			wrong = add_api_path(o, str_skip(c.head, 5));
		else
			wrong = "must be unix: and an absolute path, or tcp:ADDRESS:PORT";
	}
	return wrong;
}

static const char *set_steer(struct options *o, const char *value)
{
	return steer_mode_parse(str_of(value), &o->steer) ? "must be auto, kmod or nft" : NULL;
}

static const char *set_workers(struct options *o, const char *value)
{
	uint32_t n;

	if (num_parse_u32(str_of(value), &n) || n < 1 || n > LATTICE_WORKERS_MAX)
		return "must be a number from 1 to 64";
	o->workers = n;
	return NULL;
}

/* As in us-gov-west-1: it becomes part of names and ARNs. */
static const char *set_region(struct options *o, const char *value)
{
	static const char wrong[] = "must be like us-east-1";
	size_t n = strlen(value);

	if (n < 1 || n > REGION_BYTES_MAX || value[0] == '-' || value[n - 1] == '-')
		return wrong;
	if (strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
		return wrong;
	o->region = value;
	return NULL;
}

static const char *set_account(struct options *o, const char *value)
{
	if (strlen(value) != ACCOUNT_DIGITS || strspn(value, "0123456789") != ACCOUNT_DIGITS)
		return "must be 12 digits";
	o->account = value;
	return NULL;
}

/* What AWS's VPCs have for a resolver. */
static const uint32_t resolver_ip = 0xa9fea9fd;

static const char *set_pool(struct options *o, const char *value)
{
	struct str_cut c = str_cut(str_of(value), '/');
	struct sock_addr a;
	uint32_t bits, ip;

	if (!c.found || sock_addr_parse(c.head, &a) || a.family != AF_INET ||
	    num_parse_u32(c.tail, &bits) || bits < POOL_BITS_MIN || bits > POOL_BITS_MAX)
		return "must be an IPv4 prefix of 8 to 30 bits, like 169.254.171.0/24";
	ip = ntohl(a.v4.s_addr);
	if (ip & (UINT32_MAX >> bits))
		return "has bits set beyond its length";
	if (ip >> 24 == 0 || ip >> 24 == 127 || ip >> 28 >= 14)
		return "must be of unicast addresses";
	if ((ip ^ resolver_ip) >> (32 - bits) == 0)
		return "holds 169.254.169.253, where names are resolved";
	o->pool.addr = a.v4;
	o->pool.bits = bits;
	return NULL;
}

static const char *set_quota(struct options *o, const char *value)
{
	return quotas_set(&o->quotas, str_of(value));
}

/* The fields are AWS's, so its documentation tells them. */
static const char *set_flow_log(struct options *o, const char *value)
{
	return flow_format_parse(str_of(value), &o->flow_format)
		       ? "must be default, or fields of VPC Flow Logs between spaces or commas"
		       : NULL;
}

/* "0", "1", "0.05": what is behind the point is parts of a billion, which is enough. */
static const char *set_trace_sample(struct options *o, const char *value)
{
	static const char wrong[] = "must be a ratio from 0 to 1, like 0.05";
	struct str_cut c = str_cut(str_of(value), '.');
	uint64_t parts = 0, unit = UINT64_C(1000000000), all = unit;
	size_t i;

	if (c.head.n != 1 || (c.head.p[0] != '0' && c.head.p[0] != '1'))
		return wrong;
	if (c.found && (!c.tail.n || c.tail.n > 9))
		return wrong;
	if (c.head.p[0] == '1')
		parts = all;
	for (i = 0; i < c.tail.n; i++) {
		if (c.tail.p[i] < '0' || c.tail.p[i] > '9')
			return wrong;
		parts += (uint64_t)(c.tail.p[i] - '0') * (unit /= 10);
	}
	if (parts > all)
		return wrong;
	/* In two steps, so that no product is too large; 1 is exact. */
	o->trace.ratio = (parts << 32) / all * (TRACE_RATIO_ONE >> 32);
	return NULL;
}

static const char *set_otlp(struct options *o, const char *value)
{
	if (log_url_parse(str_of(value), &o->otlp))
		return "must be http:// or https://, a host, perhaps :PORT and a path";
	if (str_eq(o->otlp.path, STR("/")))
		o->otlp.path = STR("/v1/traces");
	o->trace.is_recorded = true;
	return NULL;
}

static const char *set_log_level(struct options *o, const char *value)
{
	return log_level_parse(str_of(value), &o->log_level) ? "must be error, warn, info or debug"
							     : NULL;
}

/* From the broker to the process that it starts; not for people. */
static const char *set_plane_fd(struct options *o, const char *value)
{
	uint16_t fd;

	if (num_parse_u16(str_of(value), &fd) || fd < 3)
		return "is not for use by hand";
	o->plane_fd = fd;
	return NULL;
}

static const struct setting {
	const char *name;
	const char *value;
	const char *help; /* NULL: private, and not read from the environment */
	const char *(*set)(struct options *o, const char *value);
} settings[] = {
	{ "state", "DIR", "where resources are kept (/var/lib/lattice)", set_state },
	{ "run", "DIR", "where sockets are made (/run/lattice)", set_run },
	{ "logs", "DIR", "where log files are written (STATE/logs)", set_logs },
	{ "api", "ADDRESS", "unix:PATH|tcp:ADDR:PORT; may repeat (api.sock)", set_api },
	{ "steer", "MODE", "auto, kmod or nft (auto)", set_steer },
	{ "workers", "N", "threads that serve requests, 1 to 64 (1)", set_workers },
	{ "region", "NAME", "region in names and ARNs (us-east-1)", set_region },
	{ "account", "ID", "account that owns resources (123456789012)", set_account },
	{ "pool", "PREFIX", "addresses of services (169.254.171.0/24)", set_pool },
	{ "resolv-conf", "PATH", "who answers other names (/etc/resolv.conf)", set_resolv_conf },
	{ "quota", "NAME=N", "what there may be at most; may repeat (AWS's)", set_quota },
	{ "metrics", "ADDR:PORT", "serve metrics there to anybody (nowhere)", set_metrics },
	{ "flow-log", "FIELDS", "keep flow logs: default, or AWS's fields (none)", set_flow_log },
	{ "trace-sample", "RATIO", "traces to begin and sample, 0 to 1 (0)", set_trace_sample },
	{ "otlp", "URL", "collector that gets spans, by OTLP (none)", set_otlp },
	{ "log-level", "LEVEL", "error, warn, info or debug (info)", set_log_level },
	{ "plane-fd", "N", NULL, set_plane_fd },
};

static const struct setting *find_setting(struct str name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (str_eq(name, str_of(settings[i].name)))
			return &settings[i];
	}
	return NULL;
}

/* LATTICED_LOG_LEVEL for log-level, in @to. */
static void write_env_name(const struct setting *s, char *to, size_t n)
{
	char *p;

	snprintf(to, n, "LATTICED_%s", s->name);
	for (p = to; *p; p++)
		*p = (char)(*p == '-' ? '_' : toupper((unsigned char)*p));
}

static int read_environment(struct options *o, char error[OPTIONS_ERROR_BYTES])
{
	const char *value, *wrong;
	char name[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!settings[i].help)
			continue;
		write_env_name(&settings[i], name, sizeof(name));
		value = getenv(name);
		wrong = value ? settings[i].set(o, value) : NULL;
		if (wrong) {
			snprintf(error, OPTIONS_ERROR_BYTES, "%s: '%.80s' %s", name, value, wrong);
			return -EINVAL;
		}
	}
	return 0;
}

/* Take the option at argv[*at] with its value and move on. */
static int read_option(struct options *o, char *const argv[], int *at,
		       char error[OPTIONS_ERROR_BYTES])
{
	const char *arg = argv[*at], *value, *wrong;
	const struct setting *s;
	struct str_cut c;

	if (!str_starts(str_of(arg), STR("--"))) {
		snprintf(error, OPTIONS_ERROR_BYTES, "'%.80s' is not an option; see --help", arg);
		return -EINVAL;
	}
	c = str_cut(str_of(arg + 2), '=');
	s = find_setting(c.head);
	if (!s) {
		snprintf(error, OPTIONS_ERROR_BYTES, "no such option: %.80s; see --help", arg);
		return -EINVAL;
	}
	value = c.found ? c.tail.p : argv[++*at];
	if (!value) {
		snprintf(error, OPTIONS_ERROR_BYTES, "--%s needs a value: %s", s->name, s->value);
		return -EINVAL;
	}
	wrong = s->set(o, value);
	if (wrong) {
		snprintf(error, OPTIONS_ERROR_BYTES, "--%s: '%.80s' %s", s->name, value, wrong);
		return -EINVAL;
	}
	++*at;
	return 0;
}

/* Fill @o. 0, or -EINVAL with one line in @error; --help ends the reading. */
int options_parse(struct options *o, int argc, char *const argv[], char error[OPTIONS_ERROR_BYTES])
{
	const char *wrong;
	int at = 1;

	*o = (struct options){
		.state_dir = "/var/lib/lattice",
		.run_dir = "/run/lattice",
		.region = "us-east-1",
		.account = "123456789012",
		.resolv_conf = "/etc/resolv.conf",
		.pool = pool_default,
		.workers = 1,
		.steer = STEER_AUTO,
		.log_level = LOG_LEVEL_INFO,
		.plane_fd = -1,
	};
	quotas_init(&o->quotas);
	if (read_environment(o, error))
		return -EINVAL;
	while (at < argc) {
		if (str_eq(str_of(argv[at]), STR("--help"))) {
			o->wants_help = true;
			return 0;
		}
		if (read_option(o, argv, &at, error))
			return -EINVAL;
	}
	if (!o->log_dir) {
		if (snprintf(o->log_dir_text, sizeof(o->log_dir_text), "%s/logs", o->state_dir) >=
		    (int)sizeof(o->log_dir_text)) {
			snprintf(error, OPTIONS_ERROR_BYTES, "--state: the path is too long");
			return -EINVAL;
		}
		o->log_dir = o->log_dir_text;
	}
	wrong = quotas_wrong(&o->quotas);
	if (wrong) {
		snprintf(error, OPTIONS_ERROR_BYTES, "--quota: %s", wrong);
		return -EINVAL;
	}
	return 0;
}

/* The text of --help. */
void options_write_help(struct buf *b)
{
	char name[32];
	size_t i;

	buf_add_lit(b, "usage: latticed [OPTION VALUE]...\n"
		       "The daemon of an application network; start it as root.\n\n");
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *s = &settings[i];

		if (!s->help)
			continue;
		write_env_name(s, name, sizeof(name));
		buf_addf(b, "  --%-12s %-10s %-46s %s\n", s->name, s->value, s->help, name);
	}
}
