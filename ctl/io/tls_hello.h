/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first message of a TLS client, read without taking part: which name it wants. Pure, so that
 * a connection can be relayed as it is once this is known.
 */
#ifndef LATTICE_IO_TLS_HELLO_H
#define LATTICE_IO_TLS_HELLO_H

#include "base/str.h"

enum {
	TLS_HELLO_NAME_BYTES_MAX = 255,
	TLS_HELLO_BYTES_MAX = 16 * 1024, /* of the message; browsers send up to 2 K */
	TLS_HELLO_RECORDS_MAX = 32,	 /* that it is cut into */
};

enum tls_hello_outcome { TLS_HELLO_MORE, TLS_HELLO_DONE, TLS_HELLO_BAD };

struct tls_hello {
	size_t name_n;				 /* 0: it has none */
	char name[TLS_HELLO_NAME_BYTES_MAX + 1]; /* lower case, without a last dot, terminated */
	const char *reason;			 /* of TLS_HELLO_BAD; static */
};

bool tls_hello_is_begun(struct str bytes);
enum tls_hello_outcome tls_hello_parse(struct str bytes, struct tls_hello *ret);

#endif
