/* SPDX-License-Identifier: Apache-2.0 */
/* A way to get a connection to its service, as bench-kmod measures them one beside the other. */
#ifndef LATTICE_TESTS_BENCH_KMOD_H
#define LATTICE_TESTS_BENCH_KMOD_H

#include <stdbool.h>
#include <stdint.h>

/* Where the client connects to. */
#define BENCH_ADDR4 "169.254.171.7"
#define BENCH_ADDR6 "fd00:ec2:80::7"
enum { BENCH_PORT = 80, BENCH_HANDOFF_PORT = 9999 };

struct way {
	const char *name;
	/* Put it in force for @listener, which listens on the loopback; 0, or -1 with words on
	 * standard error. NULL: nothing is to be done. */
	int (*begin)(const struct way *way, int listener);
	void (*end)(const struct way *way);
	bool is_ipv6;
	bool is_plain; /* the listener has the service's own address */
	/* of the module */
	bool audit, ends;
	uint32_t entries;
	int rules; /* below 0: no filter */
};

extern const struct way ways[];

/* Read away what the kernel has told meanwhile, outside of what is measured. */
void ways_drain(void);

/* BPF sk_lookup. */
int lookup_begin(const struct way *way, int listener);
void lookup_end(const struct way *way);

#endif
