/* SPDX-License-Identifier: Apache-2.0 */
/* Derived keys are right, kept while there is room, and never those of another secret. */
#include "auth/keyring.c"

#include "sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(signing_key_derive, bool, false,
      (struct str secret, const struct signing_scope *scope, struct hmac_key *to),
      (secret, scope, to))
FAULT(mmap, void *, MAP_FAILED, (void *at, size_t n, int prot, int flags, int fd, off_t from),
      (at, n, prot, flags, fd, from))

/* AWS's example: key of 20150830, us-east-1, iam, of the secret of all examples. */
static void the_chain_is_awss(void **state)
{
	struct hmac_key direct;
	const struct hmac_key *k;
	unsigned char a[SHA256_BYTES], b[SHA256_BYTES];
	struct test_keys keys;
	struct keyring *r;

	(void)state;
	test_keys_init(&keys, STR(""));
	r = keyring_new(keys.vault, STR("us-east-1"), STR("iam"));
	k = keyring_signing_key(r, &keys.key, STR("20150830"));
	assert_non_null(k);
	/* kSigning of AWS's documentation, for this date, region and service */
	hmac_key_init(&direct,
		      "\xc4\xaf\xb1\xcc\x57\x71\xd8\x71\x76\x3a\x39\x3e\x44\xb7\x03\x57"
		      "\x1b\x55\xcc\x28\x42\x4d\x1a\x5e\x86\xda\x6e\xd3\xc1\x54\xa4\xb9",
		      32);
	hmac(k, STR("x"), a);
	hmac(&direct, STR("x"), b);
	assert_memory_equal(a, b, sizeof(a));
	keyring_free(r);
	test_keys_fini(&keys);
}

static void keys_are_kept_by_secret_and_day(void **state)
{
	const struct hmac_key *first, *other;
	struct test_keys keys, new_secret;
	struct keyring *r;

	(void)state;
	test_keys_init(&keys, STR(""));
	new_secret = keys;
	new_secret.key.sealed = vault_seal(keys.vault, &keys.sealed, STR(TEST_ID), STR("another"));
	r = keyring_new(keys.vault, STR("r"), STR("s"));
	first = keyring_signing_key(r, &keys.key, STR("20150830"));
	assert_ptr_equal(keyring_signing_key(r, &keys.key, STR("20150830")), first);
	other = keyring_signing_key(r, &keys.key, STR("20150831"));
	assert_memory_not_equal(other, first, sizeof(*first));
	other = keyring_signing_key(r, &new_secret.key, STR("20150830"));
	assert_memory_not_equal(other, first, sizeof(*first));
	assert_null(keyring_signing_key(r, &keys.key, STR("2015083")));
	new_secret.key.sealed = STR("v1:AAAA");
	assert_null(keyring_signing_key(r, &new_secret.key, STR("20150830")));
	assert_null(keyring_public_key(r, &new_secret.key));
	new_secret.key.id = STR("0123456789012345678901234567890123456789");
	assert_null(keyring_signing_key(r, &new_secret.key, STR("20150830")));
	assert_null(keyring_public_key(r, &new_secret.key));
	keyring_free(r);
	keyring_free(NULL);
	test_keys_fini(&keys);
}

static void a_full_table_forgets_the_oldest(void **state)
{
	char id[16];
	struct test_keys keys;
	struct access_key k;
	struct keyring *r;
	struct arena sealed;
	size_t i;

	(void)state;
	test_keys_init(&keys, STR(""));
	k = keys.key;
	r = keyring_new(keys.vault, STR("r"), STR("s"));
	arena_init(&sealed, 1 << 20);
	for (i = 0; i < 2 * SETS * WAYS; i++) {
		snprintf(id, sizeof(id), "AKIA%zu", i);
		k.id = str_of(id);
		arena_reset(&sealed);
		k.sealed = vault_seal(keys.vault, &sealed, k.id, STR("secret"));
		assert_non_null(keyring_signing_key(r, &k, STR("20150830")));
		if (i < 2 * PUBLIC_KEYS)
			assert_non_null(keyring_public_key(r, &k));
	}
	assert_non_null(keyring_public_key(r, &k));
	assert_ptr_equal(keyring_public_key(r, &k), keyring_public_key(r, &k));
	arena_fini(&sealed);
	keyring_free(r);
	test_keys_fini(&keys);
}

static void names_longer_than_any_are_refused(void **state)
{
	char name[SCOPE_BYTES + 1];
	struct keyring *r;

	(void)state;
	memset(name, 'x', sizeof(name));
	assert_null(keyring_new(NULL, (struct str){ name, sizeof(name) }, STR("")));
	r = keyring_new(NULL, (struct str){ name, SCOPE_BYTES }, STR(""));
	assert_non_null(r);
	keyring_free(r);
	faults_left = 1;
	assert_null(keyring_new(NULL, STR("r"), STR("s")));
}

/* Another key's secret, sealed under that one's id, is of no use to this one. */
static void keys_that_do_not_fit_are_unreadable(void **state)
{
	char text[ACCESS_KEY_SECRET_BYTES_MAX + 1];
	char sealed[SEALED_BYTES];
	const struct hmac_key *first, *second;
	struct test_keys keys;
	struct access_key k;
	struct keyring *r;

	(void)state;
	memset(text, 'x', sizeof(text));
	memset(sealed, 'A', sizeof(sealed));
	test_keys_init(&keys, STR(""));
	r = keyring_new(keys.vault, STR("r"), STR("s"));
	k = keys.key;
	k.id = STR("");
	assert_null(keyring_signing_key(r, &k, STR("20150830")));
	k = keys.key;
	k.sealed = STR("");
	assert_null(keyring_signing_key(r, &k, STR("20150830")));
	k.sealed = (struct str){ sealed, sizeof(sealed) };
	assert_null(keyring_signing_key(r, &k, STR("20150830")));
	k.sealed = vault_seal(keys.vault, &keys.sealed, k.id, (struct str){ text, sizeof(text) });
	assert_null(keyring_signing_key(r, &k, STR("20150830")));
	faults_left = 1;
	assert_null(keyring_signing_key(r, &keys.key, STR("20150830")));
	/* Two whose names and sealed secrets are as long as each other, in one set. */
	first = keyring_signing_key(r, &keys.key, STR("20150830"));
	k.sealed = vault_seal(keys.vault, &keys.sealed, k.id, STR(TEST_SECRET));
	second = keyring_signing_key(r, &k, STR("20150830"));
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	assert_memory_equal(first, second, sizeof(*first));
	keyring_free(r);
	test_keys_fini(&keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_chain_is_awss),
		cmocka_unit_test(keys_are_kept_by_secret_and_day),
		cmocka_unit_test(a_full_table_forgets_the_oldest),
		cmocka_unit_test(names_longer_than_any_are_refused),
		cmocka_unit_test(keys_that_do_not_fit_are_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
