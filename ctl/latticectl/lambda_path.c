/* SPDX-License-Identifier: Apache-2.0 */
/* A function is called by its name, its ARN, or "function", as Amazon's own emulator has it. */
#include "latticectl/lambda_path.h"

#include "http/chars.h"
#include "model/function_arn.h"

#include <stdio.h>

static bool cut_prefix(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_skip(*s, prefix.n);
	return true;
}

static bool cut_suffix(struct str *s, struct str suffix)
{
	if (!str_ends(*s, suffix))
		return false;
	s->n -= suffix.n;
	return true;
}

/* @s decoded and terminated in @ret. False when it is too long or ill-formed. */
static bool decode(struct str s, char ret[LAMBDA_ARN_BYTES])
{
	size_t n = 0, i;

	for (i = 0; i < s.n && n < LAMBDA_ARN_BYTES - 1; i++) {
		char c = s.p[i];

		if (c == '%') {
			int byte = char_escape(s, i);

			if (byte < 0)
				return false;
			c = (char)byte;
			i += 2;
		}
		if (c <= ' ' || c > '~')
			return false;
		ret[n++] = c;
	}
	ret[n] = '\0';
	return i == s.n && n > 0;
}

/* Is @called the function @name? Then its ARN is in @call. */
static bool is_function(struct str called, const char *name, struct lambda_call *call)
{
	struct function_arn arn;
	struct str word;

	if (!decode(called, call->arn))
		return false;
	word = str_of(call->arn);
	if (function_arn_parse(word, &arn))
		return str_eq(arn.name, str_of(name));
	/* NAME:QUALIFIER */
	word = str_cut(word, ':').head;
	if (!str_eq(word, str_of(name)) && !str_eq(word, STR("function")))
		return false;
	return snprintf(call->arn, sizeof(call->arn),
			"arn:aws:lambda:us-east-1:123456789012:function:%s",
			name) < (int)sizeof(call->arn);
}

/* POST /2015-03-31/functions/FUNCTION/invocations */
enum lambda_operation lambda_path_of_invoke(struct str method, struct str path, const char *name,
					    struct lambda_call *ret)
{
	if (!str_eq(method, STR("POST")) || !cut_prefix(&path, STR("/2015-03-31/functions/")) ||
	    !cut_suffix(&path, STR("/invocations")) || !path.n || memchr(path.p, '/', path.n))
		return LAMBDA_UNKNOWN;
	return is_function(path, name, ret) ? LAMBDA_INVOKE : LAMBDA_OTHER_FUNCTION;
}

/* Those of /2018-06-01/runtime. */
enum lambda_operation lambda_path_of_runtime(struct str method, struct str path,
					     struct lambda_call *ret)
{
	bool is_post = str_eq(method, STR("POST"));
	enum lambda_operation operation;

	if (!cut_prefix(&path, STR("/2018-06-01/runtime/")))
		return LAMBDA_UNKNOWN;
	if (str_eq(path, STR("invocation/next")))
		return str_eq(method, STR("GET")) ? LAMBDA_NEXT : LAMBDA_UNKNOWN;
	if (str_eq(path, STR("init/error")))
		return is_post ? LAMBDA_INIT_ERROR : LAMBDA_UNKNOWN;
	if (!is_post || !cut_prefix(&path, STR("invocation/")))
		return LAMBDA_UNKNOWN;
	if (cut_suffix(&path, STR("/response")))
		operation = LAMBDA_RESPONSE;
	else if (cut_suffix(&path, STR("/error")))
		operation = LAMBDA_ERROR;
	else
		return LAMBDA_UNKNOWN;
	ret->id = path;
	return operation;
}
