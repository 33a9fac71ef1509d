/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl: options that every command takes, then the command. */
#include "latticectl/completion.h"
#include "latticectl/env_keys.h"
#include "latticectl/run.h"
#include "latticectl/session.h"

#include <stdlib.h>
#include <string.h>

#define API_DEFAULT "unix:/run/lattice/api.sock"

struct globals {
	const char *api, *output, *account;
	bool help;
};

static const char *const wants_value[] = { "-o", "--output", "--api", "--account", NULL };

static void set_global(struct globals *g, const char *name, const char *value)
{
	if (strcmp(name, "--api") == 0)
		g->api = value;
	else if (strcmp(name, "--account") == 0)
		g->account = value;
	else
		g->output = value;
}

/* How many words at @argv are an option for all commands: 0, 1 or 2; -1 without its value. */
static int take_global(struct globals *g, char **argv)
{
	if (strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "--help") == 0) {
		g->help = true;
		return 1;
	}
	for (const char *const *name = wants_value; *name; name++) {
		size_t n = strlen(*name);

		if (strncmp(argv[0], *name, n) != 0)
			continue;
		if (argv[0][n] == '=') {
			set_global(g, *name, argv[0] + n + 1);
			return 1;
		}
		if (argv[0][n] != '\0')
			continue;
		set_global(g, *name, argv[1]);
		return argv[1] ? 2 : -1;
	}
	return 0;
}

/* Take the options of all commands out of @argv, wherever they stand before "--". */
static int take_globals(struct globals *g, char **argv)
{
	char **to = argv;
	bool open = true;

	while (*argv) {
		int n = 0;

		if (strcmp(*argv, "--") == 0)
			open = false;
		if (open)
			n = take_global(g, argv);
		if (n < 0) {
			fprintf(stderr, "latticectl: %s needs a value\n", *argv);
			return -1;
		}
		if (n == 0) {
			*to++ = *argv;
			n = 1;
		}
		argv += n;
	}
	*to = NULL;
	return 0;
}

/* Twelve digits, so that nothing else gets into a header. */
static bool is_account(const char *s)
{
	return strlen(s) == 12 && strspn(s, "0123456789") == 12;
}

/* "unix:PATH" or "tcp:ADDRESS:PORT". */
static int parse_api(const char *api, struct session *ret)
{
	struct signer keys;

	*ret = (struct session){ .socket = api };
	if (strncmp(api, "unix:", 5) == 0 && api[5]) {
		ret->socket = api + 5;
		return 0;
	}
	if (strncmp(api, "tcp:", 4) != 0 || sock_addr_parse_port(str_of(api + 4), &ret->tcp) < 0) {
		fprintf(stderr, "latticectl: --api is unix:PATH or tcp:ADDRESS:PORT, not '%s'\n",
			api);
		return -1;
	}
	if (env_keys_read(STR("vpc-lattice"), &keys))
		return 0;
	fputs("latticectl: the API on TCP needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n",
	      stderr);
	return -1;
}

static int open_session(const struct globals *g, struct session *ret)
{
	const char *api = g->api ? g->api : getenv("LATTICE_API");
	const char *account = g->account ? g->account : getenv("LATTICE_ACCOUNT");

	if (!api || !*api)
		api = API_DEFAULT;
	if (parse_api(api, ret) < 0)
		return -1;
	if (account && !is_account(account)) {
		fprintf(stderr, "latticectl: --account is 12 digits, not '%s'\n", account);
		return -1;
	}
	if (g->output && strcmp(g->output, "json") != 0 && strcmp(g->output, "table") != 0) {
		fprintf(stderr, "latticectl: -o is table or json, not '%s'\n", g->output);
		return -1;
	}
	ret->account = account;
	ret->json = g->output && strcmp(g->output, "json") == 0;
	return 0;
}

static enum exit_status run(const struct globals *g, char **words)
{
	const struct command *c = command_find(commands, words[0], words[1]);
	struct session session;
	struct args args;

	if (strcmp(words[0], COMPLETION_WORD) == 0 && open_session(g, &session) == 0)
		return completion_print(&session, commands, words + 1);
	if (g->help && (c || command_has_noun(commands, words[0]))) {
		command_help(stdout, commands, words[0], c);
		return STATUS_DONE;
	}
	if (!c)
		return command_unknown(commands, words[0], words[1]);
	if (open_session(g, &session) < 0)
		return STATUS_USAGE;
	if (args_parse(c, words + (c->verb ? 2 : 1), &args) < 0)
		return args_refuse(&args, "%s", args.fault);
	return c->run(&session, &args);
}

int main(int argc, char **argv)
{
	struct globals globals = { 0 };

	(void)argc;
	if (!argv[0] || take_globals(&globals, argv + 1) < 0)
		return STATUS_USAGE;
	if (argv[1])
		return (int)run(&globals, argv + 1);
	if (globals.help) {
		command_help(stdout, commands, NULL, NULL);
		return STATUS_DONE;
	}
	fputs("latticectl: a command is needed; see latticectl --help\n", stderr);
	return STATUS_USAGE;
}
