/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No core is dumped of this process, nobody of the same user reads its memory, and what libraries
 * give back is wiped: cJSON has bodies and answers with secrets, OpenSSL what it decodes private
 * keys from. Our own buffers and arenas that secrets pass through wipe themselves (@wipes).
 */
#include "latticed/secrets.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/*
 * Set in the control thread alone, which decodes private keys, before there are others. Workers
 * free a thousand pieces for a handshake, and none of them with a key in it.
 */
static _Thread_local bool decodes_keys;

/* Not inlined: there it may be known how much was asked for, and what malloc() gave is more. */
__attribute__((noinline)) static void wipe_and_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *allocate(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return n ? malloc(n) : NULL;
}

static void give_back(void *p, const char *file, int line)
{
	(void)file, (void)line;
	if (decodes_keys)
		wipe_and_free(p);
	else
		free(p);
}

/* OpenSSL frees by asking for nothing, too. */
static void *move(void *p, size_t n, const char *file, int line)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *to;

	if (!decodes_keys && n)
		return realloc(p, n);
	to = allocate(n, file, line);
	if (n && !to)
		return NULL;
	if (p && to)
		memcpy(to, p, had < n ? had : n);
	give_back(p, file, line);
	return to;
}

/* To be called before OpenSSL has memory. 0 or -errno. */
int secrets_guard(void)
{
	cJSON_Hooks hooks = { malloc, wipe_and_free };
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setrlimit(RLIMIT_CORE, &none))
		return -errno;
	decodes_keys = true;
	cJSON_InitHooks(&hooks);
	return CRYPTO_set_mem_functions(allocate, move, give_back) == 1 ? 0 : -EBUSY;
}
