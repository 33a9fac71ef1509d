/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One condition of a policy's statement: an operator, a key and the values that it is compared
 * with. condition_compile() when the policy is read, condition_holds() for each request.
 */
#ifndef LATTICE_AUTH_CONDITION_H
#define LATTICE_AUTH_CONDITION_H

#include "auth/glob.h"
#include "auth/operand.h"

enum condition_test {
	CONDITION_STRING,
	CONDITION_STRING_NOCASE,
	CONDITION_STRING_LIKE,
	CONDITION_NUMERIC,
	CONDITION_DATE,
	CONDITION_BOOL,
	CONDITION_BINARY,
	CONDITION_IP,
	CONDITION_ARN,
	CONDITION_NULL,
};

/* Which of a key's values must do. */
enum condition_set { CONDITION_PLAIN, CONDITION_ALL, CONDITION_ANY };

enum condition_order { CONDITION_EQ, CONDITION_LT, CONDITION_LE, CONDITION_GT, CONDITION_GE };

struct condition_operator {
	struct str name;
	enum condition_test test;
	enum condition_order order;
	bool is_negated;
};

/* A value of the policy, as its operator reads it. */
struct condition_value {
	struct str source;
	union {
		struct glob glob;	/* strings */
		struct glob *parts;	/* ARN: six */
		double number;		/* numbers; dates in seconds */
		bool truth;		/* Bool, Null */
		struct str bytes;	/* BinaryEquals */
		struct operand_net net; /* IpAddress */
	};
};

struct condition {
	const struct condition_operator *op;
	struct str op_text; /* as the policy wrote it, with ForAnyValue: and IfExists */
	enum condition_set set;
	bool if_exists;
	bool is_indexed; /* met by every statement that the policy's index lets through */
	uint16_t key;	 /* number in the policy's keys */
	struct condition_value *values;
	size_t value_count;
};

int condition_read_operator(struct str text, struct condition *c, const char **ret_why);
int condition_compile_value(const struct condition *c, const struct glob_form *f, struct str source,
			    struct condition_value *ret, const char **ret_why);
bool condition_holds(const struct condition *c, struct context *x);

#endif
