/* SPDX-License-Identifier: Apache-2.0 */
/* Filling faults, and what each code is called on the wire. */
#include "model/fault.h"

#include "base/array.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
	unsigned status;
	const char *name, *reason;
} codes[] = {
	[FAULT_NONE] = { 200, "", "" },
#define X(code, status, name, reason) [FAULT_##code] = { status, name, reason },
#include "model/faults.def"
#undef X
};

static void fill(struct fault *f, enum fault_code code, const char *format, va_list args)
{
	*f = (struct fault){ .code = code };
	vsnprintf(f->message, sizeof(f->message), format, args);
}

/* A fault that concerns no single field or resource. Returns -1. */
int fault_set(struct fault *f, enum fault_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(f, code, format, args);
	va_end(args);
	return -1;
}

/* The request's member @field is not what it must be. Returns -1. */
int fault_set_field(struct fault *f, const char *field, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(f, FAULT_VALIDATION, format, args);
	va_end(args);
	snprintf(f->field, sizeof(f->field), "%s", field);
	return -1;
}

/* A fault about the resource @id of @kind. Returns -1. */
int fault_set_resource(struct fault *f, enum fault_code code, enum kind kind, struct str id,
		       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(f, code, format, args);
	va_end(args);
	f->kind = kind;
	snprintf(f->resource_id, sizeof(f->resource_id), STR_FMT, STR_ARG(id));
	return -1;
}

/* The HTTP status that goes with @code. */
unsigned fault_status(enum fault_code code)
{
	assert((size_t)code < ARRAY_SIZE(codes));
	return codes[code].status;
}

/* AWS's name of @code, static. */
struct str fault_name(enum fault_code code)
{
	assert((size_t)code < ARRAY_SIZE(codes));
	return str_of(codes[code].name);
}

/* The reason that a ValidationException gives, static; empty for the others. */
struct str fault_reason(enum fault_code code)
{
	assert((size_t)code < ARRAY_SIZE(codes));
	return str_of(codes[code].reason);
}
