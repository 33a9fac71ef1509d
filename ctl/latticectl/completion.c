/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand at the cursor. A command's usage says what each of its words and options takes:
 * a kind of resource, whose names are asked for, or one of several words.
 */
#include "latticectl/completion.h"

#include "base/str.h"
#include "latticectl/operation.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <string.h>

enum { TOKEN_BYTES = 64 };

/* One question: what may the word at the cursor be? */
struct question {
	struct session *session;
	const struct command *command;
	char *const *words; /* of the command, the last is the one at the cursor */
	size_t count;
	const char *current;
	const char *option; /* whose value it is; NULL: it is a word by itself */
	size_t position;    /* then: the how manieth */
};

static void offer(const char *current, const char *prefix, const char *word)
{
	char line[512];

	snprintf(line, sizeof(line), "%s%s", prefix, word);
	if (strncmp(line, current, strlen(current)) == 0)
		puts(line);
}

/* The value that was given for @option so far, or NULL. */
static const char *given(const struct question *q, const char *option)
{
	for (size_t i = 0; i + 2 < q->count; i++) {
		if (strcmp(q->words[i], option) == 0)
			return q->words[i + 1];
	}
	return NULL;
}

/* The members that listing @k needs, from what was given; NULL: not given yet. */
static struct cJSON *scope_of(const struct question *q, const struct kind *k)
{
	struct cJSON *scope = cJSON_CreateObject();
	const char *service = given(q, "--service"), *listener = given(q, "--listener");
	enum exit_status status = STATUS_DONE;

	if (k == &kind_listener)
		status = service ? resolve_into(q->session, &kind_service, service, NULL, NULL,
						scope)
				 : STATUS_REFUSED;
	else if (k == &kind_rule)
		status = service && listener
				 ? resolve_listener(q->session, service, listener, scope)
				 : STATUS_REFUSED;
	if (status == STATUS_DONE)
		return scope;
	cJSON_Delete(scope);
	return NULL;
}

static void offer_names(const struct question *q, const struct kind *k, const char *prefix)
{
	struct cJSON *scope = scope_of(q, k), *list = NULL;
	const struct cJSON *item;

	if (!scope || session_list(q->session, k->list, scope, &list) != STATUS_DONE)
		return;
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(list, "items")) {
		const struct cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");

		if (cJSON_IsString(name))
			offer(q->current, prefix, name->valuestring);
	}
	cJSON_Delete(list);
}

/* service/NAME and so on: first the nouns, then the names of one. */
static void offer_paths(const struct question *q)
{
	const char *name;
	const struct kind *k = kind_of_path(q->current, &name);
	char prefix[TOKEN_BYTES];

	if (!k) {
		for (size_t i = 0; (k = kind_with_noun(i)); i++) {
			snprintf(prefix, sizeof(prefix), "%s/", k->noun);
			offer(q->current, "", prefix);
		}
		return;
	}
	snprintf(prefix, sizeof(prefix), "%s/", k->noun);
	offer_names(q, k, prefix);
}

/* @part of a usage, one of @alternatives, is what is asked for. */
static void offer_part(const struct question *q, const char *part, size_t alternatives)
{
	static const struct {
		const char *word;
		const struct kind *kind;
	} kinds[] = {
		{ "VPC", &kind_vpc },		{ "NETWORK", &kind_network },
		{ "SERVICE", &kind_service },	{ "GROUP", &kind_target_group },
		{ "LISTENER", &kind_listener }, { "RULE", &kind_rule },
		{ "SG", &kind_security_group }, { "INSTANCE", &kind_instance },
		{ "FUNCTION", &kind_function },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(part, kinds[i].word) == 0) {
			offer_names(q, kinds[i].kind, "");
			return;
		}
	}
	if (strcmp(part, "NOUN/NAME") == 0)
		offer_paths(q);
	else if (strcmp(part, "OPERATION") == 0)
		for (size_t i = 0; operation_name(i); i++)
			offer(q->current, "", operation_name(i));
	else if (alternatives > 1 && strspn(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
						  "abcdefghijklmnopqrstuvwxyz") == strlen(part))
		offer(q->current, "", part);
}

/* The bare word of a piece of usage: "[NAME]" is NAME, "GROUP[:WEIGHT]..." is GROUP. */
static void bare(struct str piece, char to[TOKEN_BYTES])
{
	size_t n = 0;

	while (piece.n && strchr("[(", piece.p[0]))
		piece = str_skip(piece, 1);
	while (n < piece.n && n < TOKEN_BYTES - 1 && !strchr("[])", piece.p[n]))
		n++;
	while (n && piece.p[n - 1] == '.')
		n--;
	memcpy(to, piece.p, n);
	to[n] = '\0';
}

static bool takes_value(const struct command *c, const char *option)
{
	for (const struct option *o = c->options; o && o->name; o++) {
		if (strcmp(o->name, option) == 0)
			return o->takes_value;
	}
	return false;
}

/*
 * Walk through the usage: "--service SERVICE (--forward GROUP|--fixed-response STATUS) NAME". An
 * option's value follows it; everything else is a word by itself, the last of which may repeat.
 */
static void answer(const struct question *q)
{
	struct str_cut token = { .tail = str_of(q->command->usage), .found = true };
	char option[TOKEN_BYTES] = "", part[TOKEN_BYTES];
	size_t position = 0;

	while (token.found) {
		struct str_cut piece;
		size_t alternatives = 1;
		bool mine;

		token = str_cut(token.tail, ' ');
		for (size_t i = 0; i < token.head.n; i++)
			alternatives += token.head.p[i] == '|';
		mine = q->option ? strcmp(q->option, option) == 0
				 : !option[0] && position == q->position;
		position += !option[0] && token.head.n &&
			    !memchr(token.head.p, '-', token.head.n) &&
			    !str_eq(token.head, STR("|"));
		for (piece = (struct str_cut){ .tail = token.head, .found = true }; piece.found;) {
			piece = str_cut(piece.tail, '|');
			bare(piece.head, part);
			if (part[0] == '-') {
				snprintf(option, sizeof(option), "%s",
					 takes_value(q->command, part) ? part : "");
				alternatives--;
				continue;
			}
			if (mine && part[0])
				offer_part(q, part, alternatives);
			option[0] = '\0';
		}
	}
}

/* Which value or which word is at the cursor, then what it may be. */
static void complete_command(struct question *q)
{
	for (size_t i = 0; i + 1 < q->count; i++) {
		q->option = NULL;
		if (takes_value(q->command, q->words[i]))
			q->option = q->words[i++];
		else if (q->words[i][0] != '-')
			q->position++;
	}
	/* The last option has its value when a word stands between it and the cursor. */
	if (q->count > 1 && !takes_value(q->command, q->words[q->count - 2]))
		q->option = NULL;
	if (!q->option && q->current[0] == '-') {
		for (const struct option *o = q->command->options; o && o->name; o++)
			offer(q->current, "", o->name);
		return;
	}
	answer(q);
}

/* Print what the last of @words, which may be empty, can be completed to, one a line. */
enum exit_status completion_print(struct session *s, const struct command *table,
				  char *const *words)
{
	struct question q = { .session = s };
	const char *last = NULL;
	size_t n = 0;

	while (words[n])
		n++;
	if (n == 0)
		return STATUS_USAGE;
	q.current = words[n - 1];
	for (const struct command *c = table; n == 1 && c->noun; c++) {
		if (!last || strcmp(last, c->noun) != 0)
			offer(q.current, "", c->noun);
		last = c->noun;
	}
	for (const struct command *c = table; n == 2 && c->noun; c++) {
		if (strcmp(c->noun, words[0]) == 0 && c->verb)
			offer(q.current, "", c->verb);
	}
	q.command = n > 1 ? command_find(table, words[0], words[1]) : NULL;
	if (!q.command || (q.command->verb && n == 2))
		return STATUS_DONE;
	q.words = words + (q.command->verb ? 2 : 1);
	q.count = n - (q.command->verb ? 2 : 1);
	complete_command(&q);
	return STATUS_DONE;
}

/* A word that ends in a slash is a part of one, behind which no space is put. */
static const char bash[] = "_latticectl() {\n"
			   "	local IFS=$'\\n'\n"
			   "	COMPREPLY=($(latticectl " COMPLETION_WORD
			   " \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null))\n"
			   "	[[ ${COMPREPLY-} != */ ]] || compopt -o nospace\n"
			   "}\n"
			   "complete -o bashdefault -o default -F _latticectl latticectl\n";

/* From a folder of functions zsh runs all of it as the body of one, for the first completion. */
static const char zsh[] = "#compdef latticectl\n"
			  "_latticectl() {\n"
			  "	local -a found\n"
			  "	found=(${(f)\"$(latticectl " COMPLETION_WORD
			  " \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)\"})\n"
			  "	compadd -S '' -- ${(M)found:#*/}\n"
			  "	compadd -- ${found:#*/}\n"
			  "	(( $#found )) || _files\n"
			  "}\n"
			  "if [[ $funcstack[1] = _latticectl ]]; then\n"
			  "	_latticectl \"$@\"\n"
			  "else\n"
			  "	compdef _latticectl latticectl\n"
			  "fi\n";

enum exit_status run_completion(struct session *s, const struct args *a)
{
	(void)s;
	if (strcmp(a->words[0], "bash") == 0)
		fputs(bash, stdout);
	else if (strcmp(a->words[0], "zsh") == 0)
		fputs(zsh, stdout);
	else
		return args_refuse(a, "there is completion for bash and zsh, not '%s'",
				   a->words[0]);
	return STATUS_DONE;
}
