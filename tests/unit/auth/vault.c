/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets come back under their key and label only; key files that others can read are refused. */
#include "auth/vault.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct box {
	char dir[32], path[64];
	struct arena arena;
	struct vault *vault;
};

static int open_box(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	memcpy(b->dir, "/tmp/vault-XXXXXX", sizeof("/tmp/vault-XXXXXX"));
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/key", b->dir);
	arena_init(&b->arena, 1 << 24);
	assert_int_equal(vault_open(b->path, &b->vault), 0);
	*state = b;
	return 0;
}

static int close_box(void **state)
{
	struct box *b = *state;

	vault_close(b->vault);
	arena_fini(&b->arena);
	unlink(b->path);
	assert_int_equal(rmdir(b->dir), 0);
	free(b);
	return 0;
}

static void gives_back_what_was_sealed(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 4, 31, 32, 33, 3000 };
	struct box *b = *state;
	char secret[3000];
	size_t i;

	rand_bytes(secret, sizeof(secret));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct str in = { secret, sizes[i] }, sealed, out;

		sealed = vault_seal(b->vault, &b->arena, STR("cert-1"), in);
		assert_non_null(sealed.p);
		assert_int_equal(vault_unseal(b->vault, &b->arena, STR("cert-1"), sealed, &out), 0);
		assert_true(str_eq(in, out));
	}
}

static void says_something_else_each_time(void **state)
{
	struct box *b = *state;
	struct str one = vault_seal(b->vault, &b->arena, STR("x"), STR("secret"));
	struct str two = vault_seal(b->vault, &b->arena, STR("x"), STR("secret"));

	assert_false(str_eq(one, two));
	assert_null(memmem(one.p, one.n, "secret", 6));
}

static void refuses_another_label(void **state)
{
	struct box *b = *state;
	struct str sealed = vault_seal(b->vault, &b->arena, STR("x"), STR("secret")), out;

	assert_int_equal(vault_unseal(b->vault, &b->arena, STR("y"), sealed, &out), -EBADMSG);
	assert_int_equal(vault_unseal(b->vault, &b->arena, STR(""), sealed, &out), -EBADMSG);
}

static void refuses_any_change(void **state)
{
	struct box *b = *state;
	struct str sealed = vault_seal(b->vault, &b->arena, STR("x"), STR("secret")), out;
	size_t i;

	for (i = 0; i < sealed.n; i++) {
		char *copy = arena_cstr(&b->arena, sealed);

		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		assert_int_equal(vault_unseal(b->vault, &b->arena, STR("x"),
					      (struct str){ copy, sealed.n }, &out),
				 -EBADMSG);
		assert_int_equal(
			vault_unseal(b->vault, &b->arena, STR("x"), str_first(sealed, i), &out),
			-EBADMSG);
	}
}

static void another_key_opens_nothing(void **state)
{
	struct box *b = *state;
	struct str sealed = vault_seal(b->vault, &b->arena, STR("x"), STR("secret")), out;

	vault_close(b->vault);
	assert_int_equal(vault_open(b->path, &b->vault), 0);
	assert_int_equal(vault_unseal(b->vault, &b->arena, STR("x"), sealed, &out), 0);
	vault_close(b->vault);
	unlink(b->path);
	assert_int_equal(vault_open(b->path, &b->vault), 0);
	assert_int_equal(vault_unseal(b->vault, &b->arena, STR("x"), sealed, &out), -EBADMSG);
}

static void the_key_file_is_private(void **state)
{
	struct box *b = *state;
	struct vault *v = NULL;
	struct stat st;

	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, VAULT_KEY_BYTES);
	chmod(b->path, 0640);
	assert_int_equal(vault_open(b->path, &v), -EPERM);
	chmod(b->path, 0600);
	assert_int_equal(truncate(b->path, VAULT_KEY_BYTES - 1), 0);
	assert_int_equal(vault_open(b->path, &v), -EINVAL);
	assert_null(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gives_back_what_was_sealed, open_box, close_box),
		cmocka_unit_test_setup_teardown(says_something_else_each_time, open_box, close_box),
		cmocka_unit_test_setup_teardown(refuses_another_label, open_box, close_box),
		cmocka_unit_test_setup_teardown(refuses_any_change, open_box, close_box),
		cmocka_unit_test_setup_teardown(another_key_opens_nothing, open_box, close_box),
		cmocka_unit_test_setup_teardown(the_key_file_is_private, open_box, close_box),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
