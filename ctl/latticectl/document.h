/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that a command takes from a file. */
#ifndef LATTICE_LATTICECTL_DOCUMENT_H
#define LATTICE_LATTICECTL_DOCUMENT_H

#include "latticectl/command.h"

struct cJSON;

enum exit_status document_add(const struct args *a, const char *path, struct cJSON *members);
enum exit_status document_add_as(const struct args *a, const char *path, const char *name,
				 struct cJSON *members);
enum exit_status document_add_word(const struct args *a, const char *path, const char *name,
				   struct cJSON *members);

#endif
