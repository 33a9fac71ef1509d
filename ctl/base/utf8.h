/* SPDX-License-Identifier: Apache-2.0 */
/* Is a text UTF-8? */
#ifndef LATTICE_BASE_UTF8_H
#define LATTICE_BASE_UTF8_H

#include "base/str.h"

bool utf8_is_valid(struct str s);

#endif
