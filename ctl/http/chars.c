/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table behind chars.h. Paths and queries take more than RFC 3986 does, because browsers and
 * curl send '|', '{' and '^' bare and no server reads them two ways. They do not take '#', nor a
 * '\' in a path, which some servers read as '/'.
 */
#include "http/chars.h"

#define TARGET (CHAR_VALUE | CHAR_PATH | CHAR_QUERY)
#define TOKEN  (CHAR_TOKEN | CHAR_LOWER)
#define SYMBOL (TOKEN | TARGET)
#define UPPER  (CHAR_TOKEN | TARGET | CHAR_HOST | CHAR_UNRESERVED)
#define ALNUM  (UPPER | CHAR_LOWER)

const uint8_t chars_table[256] = {
	['\t'] = CHAR_VALUE,
	[' '] = CHAR_VALUE,
	['!'] = SYMBOL,
	['"'] = TARGET,
	['#'] = TOKEN | CHAR_VALUE,
	['$'] = SYMBOL,
	['%'] = TOKEN | CHAR_VALUE | CHAR_QUERY,
	['&' ... '\''] = SYMBOL,
	['(' ... ')'] = TARGET,
	['*' ... '+'] = SYMBOL,
	[','] = TARGET,
	['-' ... '.'] = ALNUM,
	['/'] = TARGET,
	['0' ... '9'] = ALNUM,
	[':' ... '>'] = TARGET,
	['?'] = CHAR_VALUE | CHAR_QUERY,
	['@'] = TARGET,
	['A' ... 'Z'] = UPPER,
	['['] = TARGET,
	['\\'] = CHAR_VALUE | CHAR_QUERY,
	[']'] = TARGET,
	['^'] = SYMBOL,
	['_'] = ALNUM,
	['`'] = SYMBOL,
	['a' ... 'z'] = ALNUM,
	['{'] = TARGET,
	['|'] = SYMBOL,
	['}'] = TARGET,
	['~'] = SYMBOL | CHAR_UNRESERVED,
	[0x80 ... 0xff] = CHAR_VALUE,
};
