/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command as data: its words, options and help. The same tables find the command, parse its
 * arguments and print --help, so that none of them can disagree.
 */
#ifndef LATTICE_LATTICECTL_COMMAND_H
#define LATTICE_LATTICECTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Arguments and options of one command line; register takes many targets. */
enum { ARGS_MAX = 128, ARGS_FAULT_MAX = 256 };

enum exit_status { STATUS_DONE = 0, STATUS_REFUSED = 1, STATUS_USAGE = 2 };

struct session;
struct args;

struct option {
	const char *name; /* with its dashes */
	bool takes_value, required, repeats;
};

struct command {
	const char *noun, *verb; /* verb NULL: the noun is the whole command */
	enum exit_status (*run)(struct session *s, const struct args *a);
	const char *usage; /* what follows the words */
	const char *help, *example;
	const struct option *options; /* ends with a NULL name; may be NULL */
	size_t words_min, words_max;
};

struct args {
	const struct command *command;
	const char *words[ARGS_MAX];
	size_t word_count;
	struct {
		const char *name, *value;
	} options[ARGS_MAX];
	size_t option_count;
	char fault[ARGS_FAULT_MAX]; /* why args_parse() refused */
};

/* A table of commands ends with a NULL noun. */
const struct command *command_find(const struct command *table, const char *noun, const char *verb);
bool command_has_noun(const struct command *table, const char *noun);
int args_parse(const struct command *c, char *const *argv, struct args *ret);
const char *args_option(const struct args *a, const char *name);
const char *args_next(const struct args *a, const char *name, size_t *at);
enum exit_status args_refuse(const struct args *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* NULL noun: an overview. NULL command: all of the noun. */
void command_help(FILE *to, const struct command *table, const char *noun, const struct command *c);
enum exit_status command_unknown(const struct command *table, const char *noun, const char *verb);

#endif
