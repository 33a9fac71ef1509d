/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a command in a table, parsing what follows its words, and help. */
#include "latticectl/command.h"

#include "latticectl/suggest.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { HELP_COLUMNS = 80 };

const struct command *command_find(const struct command *table, const char *noun, const char *verb)
{
	for (const struct command *c = table; c->noun; c++) {
		if (strcmp(c->noun, noun) != 0)
			continue;
		if (!c->verb || (verb && strcmp(c->verb, verb) == 0))
			return c;
	}
	return NULL;
}

bool command_has_noun(const struct command *table, const char *noun)
{
	for (const struct command *c = table; c->noun; c++) {
		if (strcmp(c->noun, noun) == 0)
			return true;
	}
	return false;
}

static const struct option *option_find(const struct command *c, const char *name, size_t n)
{
	for (const struct option *o = c->options; o && o->name; o++) {
		if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
			return o;
	}
	return NULL;
}

__attribute__((format(printf, 2, 3))) static int fail(struct args *a, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(a->fault, sizeof(a->fault), format, ap);
	va_end(ap);
	return -EINVAL;
}

static int fail_unknown(struct args *a, const char *word)
{
	struct suggestion s = { .wanted = word };

	for (const struct option *o = a->command->options; o && o->name; o++)
		suggest_try(&s, o->name);
	if (s.best)
		return fail(a, "there is no option %s; did you mean %s?", word, s.best);
	return fail(a, "there is no option %s", word);
}

/* Take the option at @argv. Returns how many words it took, or -EINVAL. */
static int take_option(struct args *a, char *const *argv)
{
	const char *word = argv[0], *value = strchr(word, '=');
	size_t n = value ? (size_t)(value - word) : strlen(word);
	const struct option *o = option_find(a->command, word, n);
	int taken = 1;

	if (!o)
		return fail_unknown(a, word);
	if (value && !o->takes_value)
		return fail(a, "%s takes no value", o->name);
	if (value) {
		value++;
	} else if (o->takes_value) {
		value = argv[1];
		taken = 2;
		if (!value)
			return fail(a, "%s needs a value", o->name);
	}
	if (!o->repeats && args_option(a, o->name))
		return fail(a, "%s is given twice", o->name);
	if (a->option_count == ARGS_MAX)
		return fail(a, "more than %d options", ARGS_MAX);
	a->options[a->option_count].name = o->name;
	a->options[a->option_count++].value = value ? value : "";
	return taken;
}

static int check_complete(struct args *a)
{
	const struct command *c = a->command;

	if (a->word_count < c->words_min)
		return fail(a, "too few arguments: %s", c->usage);
	if (a->word_count > c->words_max)
		return fail(a, "unexpected argument '%s'", a->words[c->words_max]);
	for (const struct option *o = c->options; o && o->name; o++) {
		if (o->required && !args_option(a, o->name))
			return fail(a, "%s is needed", o->name);
	}
	return 0;
}

int args_parse(const struct command *c, char *const *argv, struct args *ret)
{
	bool only_words = false;

	*ret = (struct args){ .command = c };
	while (*argv) {
		const char *word = *argv;
		int taken = 1;

		if (!only_words && strcmp(word, "--") == 0) {
			only_words = true;
		} else if (!only_words && word[0] == '-' && word[1]) {
			taken = take_option(ret, argv);
			if (taken < 0)
				return taken;
		} else if (ret->word_count == ARGS_MAX) {
			return fail(ret, "more than %d arguments", ARGS_MAX);
		} else {
			ret->words[ret->word_count++] = word;
		}
		argv += taken;
	}
	return check_complete(ret);
}

/* The next value of an option that repeats, from *@at on, or NULL. */
const char *args_next(const struct args *a, const char *name, size_t *at)
{
	while (*at < a->option_count) {
		size_t i = (*at)++;

		if (strcmp(a->options[i].name, name) == 0)
			return a->options[i].value;
	}
	return NULL;
}

/* The value of an option ("" when it takes none), or NULL when it was not given. */
const char *args_option(const struct args *a, const char *name)
{
	size_t at = 0;

	return args_next(a, name, &at);
}

enum exit_status args_refuse(const struct args *a, const char *format, ...)
{
	const struct command *c = a->command;
	va_list ap;

	fprintf(stderr, "latticectl: %s%s%s: ", c->noun, c->verb ? " " : "",
		c->verb ? c->verb : "");
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	return STATUS_USAGE;
}

/* How far a word of @text goes: to a space that is in no brackets. */
static size_t word_length(const char *text)
{
	int depth = 0;
	size_t n;

	for (n = 0; text[n] && (text[n] != ' ' || depth > 0); n++)
		depth += (text[n] == '[' || text[n] == '(') - (text[n] == ']' || text[n] == ')');
	return n;
}

/* Print @text from column @at on, with further lines indented by @indent. */
static void print_wrapped(FILE *to, size_t at, size_t indent, const char *text)
{
	bool is_first = true;

	while (*text) {
		size_t n = word_length(text);

		if (!is_first && at + 1 + n > HELP_COLUMNS) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!is_first) {
			fputc(' ', to);
			at++;
		}
		fprintf(to, "%.*s", (int)n, text);
		at += n;
		is_first = false;
		text += n;
		text += *text == ' ';
	}
	fputc('\n', to);
}

static void print_command(FILE *to, const struct command *c)
{
	int n = fprintf(to, "  latticectl %s%s%s%s", c->noun, c->verb ? " " : "",
			c->verb ? c->verb : "", c->usage[0] ? " " : "");

	print_wrapped(to, n < 0 ? 0 : (size_t)n, 10, c->usage);
	fprintf(to, "      ");
	print_wrapped(to, 6, 6, c->help);
}

static void print_noun(FILE *to, const struct command *table, const char *noun)
{
	const struct command *first = NULL;

	for (const struct command *c = table; c->noun; c++) {
		if (strcmp(c->noun, noun) != 0)
			continue;
		print_command(to, c);
		if (!first)
			first = c;
	}
	if (first)
		fprintf(to, "Example:\n  latticectl %s\n", first->example);
}

/* Nouns with their verbs, then what is a command by itself. */
static void print_overview(FILE *to, const struct command *table)
{
	const char *noun = "";

	fprintf(to, "\nResources, as latticectl NOUN VERB ...:");
	for (const struct command *c = table; c->noun; c++) {
		if (!c->verb)
			continue;
		if (strcmp(c->noun, noun) != 0)
			fprintf(to, "\n  %-16s", c->noun);
		fprintf(to, " %s", c->verb);
		noun = c->noun;
	}
	fprintf(to, "\n\nOther commands:\n");
	for (const struct command *c = table; c->noun; c++) {
		if (c->verb)
			continue;
		fprintf(to, "  %-16s ", c->noun);
		print_wrapped(to, 19, 19, c->help);
	}
	fprintf(to, "\nExample:\n  latticectl %s\n  latticectl %s --help\n", table->example,
		table->noun);
}

void command_help(FILE *to, const struct command *table, const char *noun, const struct command *c)
{
	if (c) {
		print_command(to, c);
		fprintf(to, "Example:\n  latticectl %s\n", c->example);
		return;
	}
	fprintf(to,
		"usage: latticectl [-o table|json] [--api ADDRESS] [--account N] %s VERB ...\n"
		"  -o json prints the API's own JSON; --help after any word says more of it\n",
		noun ? noun : "NOUN");
	if (noun)
		print_noun(to, table, noun);
	else
		print_overview(to, table);
}

static void print_verbs(const struct command *table, const char *noun)
{
	const char *before = "it has ";

	for (const struct command *c = table; c->noun; c++) {
		if (strcmp(c->noun, noun) != 0)
			continue;
		fprintf(stderr, "%s%s", before, c->verb);
		before = ", ";
	}
	fputs("\n", stderr);
}

/* Say in one line what is wrong with the words, and what was perhaps meant. */
enum exit_status command_unknown(const struct command *table, const char *noun, const char *verb)
{
	bool known = command_has_noun(table, noun);
	struct suggestion s = { .wanted = known ? verb : noun };

	if (known && !verb) {
		fprintf(stderr, "latticectl: %s needs a verb; see latticectl %s --help\n", noun,
			noun);
		return STATUS_USAGE;
	}
	if (noun[0] == '-') {
		fprintf(stderr, "latticectl: there is no option %s; see latticectl --help\n", noun);
		return STATUS_USAGE;
	}
	for (const struct command *c = table; c->noun; c++) {
		if (!known)
			suggest_try(&s, c->noun);
		else if (strcmp(c->noun, noun) == 0)
			suggest_try(&s, c->verb);
	}
	fprintf(stderr, "latticectl: there is no command '%s%s%s'; ", noun, known ? " " : "",
		known ? verb : "");
	if (s.best)
		fprintf(stderr, "did you mean '%s%s%s'?\n", known ? noun : "", known ? " " : "",
			s.best);
	else if (known)
		print_verbs(table, noun);
	else
		fputs("see latticectl --help\n", stderr);
	return STATUS_USAGE;
}
