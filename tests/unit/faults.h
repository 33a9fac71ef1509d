/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that fail on demand. After FAULT(name, type, failed, (parameters), (arguments)) in a test
 * every call of that function from the product goes through the test: the Makefile reads these
 * lines for the linker's --wrap. faults_each() runs an operation with its first such call failing,
 * then with its second, until it runs to its end.
 */
#ifndef LATTICE_TESTS_FAULTS_H
#define LATTICE_TESTS_FAULTS_H

#include <stdbool.h>

/* Calls until one fails; 0: none will. The compiler thinks that it knows what malloc() changes. */
static volatile unsigned faults_left;

static inline bool fault_is_due(void)
{
	return faults_left && --faults_left == 0;
}

/* clang-format off */
#define FAULT(name, type, failed, parameters, arguments)                      \
	type __real_##name parameters;                                        \
	type __wrap_##name parameters;                                        \
	type __wrap_##name parameters                                         \
	{                                                                     \
		return fault_is_due() ? (failed) : __real_##name arguments;   \
	}
/* clang-format on */

/* @works says whether the operation worked, and sees to it that nothing is left when it did not. */
static inline void faults_each(bool (*works)(void *ctx), void *ctx)
{
	unsigned n;

	for (n = 1;; n++) {
		bool worked;

		faults_left = n;
		worked = works(ctx);
		if (faults_left) {
			faults_left = 0;
			assert_true(worked);
			assert_true(n > 1);
			return;
		}
		if (worked)
			fail_msg("worked although call %u failed", n);
	}
}

#endif
