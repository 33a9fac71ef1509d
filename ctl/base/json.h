/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text. Reading is cJSON behind limits (json_parse); writing long or frequent text goes
 * straight into a buf.
 */
#ifndef LATTICE_BASE_JSON_H
#define LATTICE_BASE_JSON_H

#include "base/buf.h"

struct cJSON;

/* Depth of nesting that json_parse() accepts. */
enum { JSON_DEPTH_MAX = 32 };

struct cJSON *json_parse(struct str text) __attribute__((warn_unused_result));
void json_write_str(struct buf *b, struct str s);
void json_write_bytes(struct buf *b, struct str s);
struct str json_get_str(const struct cJSON *object, const char *name);

#endif
