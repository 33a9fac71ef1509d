/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of the kernel as the module's pure files need, to build them into a program. The headers
 * that they include are empty ones made by the Makefile; this stands in for all of them.
 */
#ifndef LATTICE_TESTS_UNIT_KMOD_KERNEL_H
#define LATTICE_TESTS_UNIT_KMOD_KERNEL_H

#include <errno.h>
#include <linux/lattice.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define __rcu
#define __force
#define __percpu
#define this_cpu_inc (void)

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

struct in6_addr {
	union {
		u8 s6_addr[16];
		__be32 s6_addr32[4];
	};
};

static inline u16 be16_to_cpu(__be16 v)
{
	return __builtin_bswap16(v);
}

static inline __be16 cpu_to_be16(u16 v)
{
	return __builtin_bswap16(v);
}

static inline bool ipv6_addr_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool ipv6_addr_v4mapped(const struct in6_addr *a)
{
	static const u8 prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(a->s6_addr, prefix, sizeof(prefix));
}

static inline bool ipv6_prefix_equal(const struct in6_addr *a, const struct in6_addr *b,
				     unsigned int len)
{
	unsigned int bytes = len / 8, mask = 0xff00u >> len % 8 & 0xff;

	return !memcmp(a, b, bytes) && !((a->s6_addr[bytes % 16] ^ b->s6_addr[bytes % 16]) & mask);
}

/* The module's struct lattice_net, as far as these files know it. */
#define _LATTICE_H
struct lattice_table;
struct lattice_net {
	int update_lock;
	struct lattice_table *table;
};

/* Memory: the allocation that kernel_fail_after counts down to is refused; 0 for none. */
enum { GFP_KERNEL_ACCOUNT };
static int kernel_fail_after;

static inline void *kvzalloc(size_t bytes, int flags)
{
	(void)flags;
	if (kernel_fail_after && !--kernel_fail_after)
		return NULL;
	return calloc(1, bytes);
}

static inline void kvfree(const void *p)
{
	free((void *)p);
}

#define struct_size(p, member, count) (sizeof(*(p)) + sizeof(*(p)->member) * (count))
#define container_of(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

static inline u32 max(u32 a, u32 b)
{
	return a > b ? a : b;
}

static inline u32 roundup_pow_of_two(u32 v)
{
	u32 p = 1;

	while (p < v)
		p *= 2;
	return p;
}

static inline bool WARN_ON_ONCE(bool is_wrong)
{
	if (is_wrong)
		abort();
	return is_wrong;
}

/* Locks and RCU: the grace period ends at kernel_end_grace_period(). */
#define rcu_replace_pointer(p, next, held) \
	({                                 \
		__typeof__(p) old_ = (p);  \
		(void)(held);              \
		(p) = (next);              \
		old_;                      \
	})

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

static struct rcu_head *kernel_grace;

static inline void lockdep_assert_held(const int *lock)
{
	if (!*lock)
		abort();
}

static inline bool lockdep_is_held(const int *lock)
{
	return *lock;
}

static inline void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->next = kernel_grace;
	head->func = func;
	kernel_grace = head;
}

static inline void kernel_end_grace_period(void)
{
	while (kernel_grace) {
		struct rcu_head *head = kernel_grace;

		kernel_grace = head->next;
		head->func(head);
	}
}

/* Random numbers that repeat, and a hash of which a test may take bits away. */
static u32 kernel_hash_mask = ~0u;
static u32 kernel_random = 1;

static inline u32 get_random_u32(void)
{
	kernel_random ^= kernel_random << 13;
	kernel_random ^= kernel_random >> 17;
	kernel_random ^= kernel_random << 5;
	return kernel_random;
}

static inline u32 jhash_3words(u32 a, u32 b, u32 c, u32 seed)
{
	const u64 odd = 0x9e3779b97f4a7c15u;
	u64 h = seed;

	h = (h ^ a) * odd;
	h = (h ^ h >> 29 ^ b) * odd;
	h = (h ^ h >> 31 ^ c) * odd;
	return (u32)(h >> 32) & kernel_hash_mask;
}

#endif
