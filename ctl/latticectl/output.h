/* SPDX-License-Identifier: Apache-2.0 */
/* Answers on stdout: as the API's own JSON, or for people. */
#ifndef LATTICE_LATTICECTL_OUTPUT_H
#define LATTICE_LATTICECTL_OUTPUT_H

#include "base/str.h"
#include "latticectl/command.h"

struct cJSON;

/* @s without what could command a terminal. */
void output_text(FILE *to, struct str s);
enum exit_status output_object(bool json, const struct cJSON *object);
/* @columns: names of members, between spaces. */
enum exit_status output_items(bool json, const struct cJSON *list, const char *columns);

#endif
