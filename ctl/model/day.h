/* SPDX-License-Identifier: Apache-2.0 */
/* Days as numbers since 1970-01-01, in UTC, and as people write them: YYYY-MM-DD. */
#ifndef LATTICE_MODEL_DAY_H
#define LATTICE_MODEL_DAY_H

#include "base/str.h"

#include <stdint.h>

enum { DAY_TEXT_BYTES = 11, DAY_YEAR_MAX = 9999 };

bool day_parse(struct str text, uint32_t *ret);
struct str day_write(uint32_t day, char text[DAY_TEXT_BYTES]);
uint32_t day_first_of_month(uint32_t day);

#endif
