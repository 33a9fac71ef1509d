/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why something was refused, in words for a person and a code for a program. Filled where the
 * knowledge is, printed once at the edge. The setters return -1, so that a check is one line.
 */
#ifndef LATTICE_MODEL_FAULT_H
#define LATTICE_MODEL_FAULT_H

#include "model/kind.h"

enum fault_code {
	FAULT_NONE,
#define X(code, status, name, reason) FAULT_##code,
#include "model/faults.def"
#undef X
};

/* A refusal by AWS's words names two ARNs and an action twice. */
enum { FAULT_MESSAGE_BYTES = 1024 };

/* One refusal; all-zero means that nothing went wrong. Too long texts are cut. */
struct fault {
	enum fault_code code;
	char message[FAULT_MESSAGE_BYTES];
	char field[128];      /* VALIDATION: the member at fault, as a path */
	char resource_id[64]; /* NOT_FOUND, CONFLICT, QUOTA */
	enum kind kind;
	const char *quota_code; /* QUOTA: static */
};

int fault_set(struct fault *f, enum fault_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int fault_set_field(struct fault *f, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int fault_set_resource(struct fault *f, enum fault_code code, enum kind kind, struct str id,
		       const char *format, ...) __attribute__((format(printf, 5, 6)));

unsigned fault_status(enum fault_code code);
struct str fault_name(enum fault_code code);
struct str fault_reason(enum fault_code code);

#endif
