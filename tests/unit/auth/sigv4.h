/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and keys for tests of signatures. */
#ifndef TESTS_UNIT_AUTH_SIGV4_H
#define TESTS_UNIT_AUTH_SIGV4_H

#include "auth/sigv4.h"
#include "auth/timestamp.h"

#include <stdlib.h>

#define TEST_ID	    "AKIDEXAMPLE"
#define TEST_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

static const unsigned char test_vault_key[VAULT_KEY_BYTES] = "0123456789abcdef0123456789abcde";

/* One key, with or without a session token. */
struct test_keys {
	struct vault *vault;
	struct arena sealed;
	char token_hash[SHA256_HEX];
	struct access_key key;
};

static inline void test_keys_init(struct test_keys *k, struct str token)
{
	unsigned char digest[SHA256_BYTES];

	*k = (struct test_keys){ .vault = vault_new(test_vault_key) };
	arena_init(&k->sealed, 64 << 10);
	k->key = (struct access_key){ .id = STR(TEST_ID),
				      .is_active = true,
				      .sealed = vault_seal(k->vault, &k->sealed, STR(TEST_ID),
							   STR(TEST_SECRET)) };
	if (token.n) {
		sha256(token, digest);
		sha256_write_hex(digest, k->token_hash);
		k->key.token_hash = (struct str){ k->token_hash, SHA256_HEX };
	}
}

static inline void test_keys_fini(struct test_keys *k)
{
	vault_close(k->vault);
	arena_fini(&k->sealed);
}

static inline const struct access_key *test_find_key(const void *ctx, struct str id)
{
	const struct test_keys *k = ctx;

	return str_eq(id, k->key.id) ? &k->key : NULL;
}

/*
 * Read a request of the vectors in place: "METHOD TARGET HTTP/1.1", where the target may hold any
 * byte, "Name:value" lines, of which a folded one goes on with spaces, an empty line, the body.
 */
static inline struct str test_read_request(char *text, struct http_request *r)
{
	char *line = strchr(text, '\n'), *space = strchr(text, ' ');
	struct str_cut cut;

	memset(r, 0, sizeof(*r));
	*line = '\0';
	r->method = (struct str){ text, (size_t)(space - text) };
	r->target = (struct str){ space + 1, strlen(space + 1) - strlen(" HTTP/1.1") };
	cut = str_cut(r->target, '?');
	r->path = cut.head;
	r->query = cut.tail;
	r->has_query = cut.found;
	for (text = line + 1; *text && *text != '\n'; text = line + 1) {
		struct http_header *h = &r->headers.at[r->headers.count++];
		char *colon = strchr(text, ':');

		while ((line = strchr(line + 1, '\n')) && line[1] == ' ')
			*line = ' ';
		*h = (struct http_header){ { text, (size_t)(colon - text) },
					   { colon + 1, (size_t)(line - colon - 1) } };
		while (h->value.n && strchr(" \t", h->value.p[0]))
			h->value = str_skip(h->value, 1);
		while (h->value.n && strchr(" \t", h->value.p[h->value.n - 1]))
			h->value.n--;
		if (str_eq_nocase(h->name, STR("host")))
			r->authority = h->value;
	}
	return *text ? str_of(text + 1) : (struct str){ 0 };
}

#endif
