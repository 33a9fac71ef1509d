/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets come back under their key and label only; key files that others can read are refused. */
#include "auth/vault.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../faults.h"

/* Another process may have made the key a moment before. */
static bool is_late;

int __real_link(const char *from, const char *to);

static int link_fails(const char *from, const char *to)
{
	if (is_late)
		__real_link(from, to);
	errno = is_late ? EEXIST : EIO;
	return -1;
}

FAULT(mmap, void *, MAP_FAILED, (void *at, size_t n, int prot, int flags, int fd, off_t from),
      (at, n, prot, flags, fd, from))
FAULT(arena_alloc, void *, NULL, (struct arena * a, size_t size, size_t align, size_t n),
      (a, size, align, n))
FAULT(open, int, (errno = EACCES, -1), (const char *path, int flags, mode_t mode),
      (path, flags, mode))
FAULT(fstat, int, (errno = EIO, -1), (int fd, struct stat *st), (fd, st))
FAULT(geteuid, uid_t, __real_geteuid() + 1, (void), ())
FAULT(read, ssize_t, (errno = EIO, -1), (int fd, void *to, size_t n), (fd, to, n))
FAULT(write, ssize_t, (errno = ENOSPC, -1), (int fd, const void *from, size_t n), (fd, from, n))
FAULT(fsync, int, (errno = EIO, -1), (int fd), (fd))
FAULT(link, int, link_fails(from, to), (const char *from, const char *to), (from, to))
FAULT(EVP_CIPHER_CTX_new, EVP_CIPHER_CTX *, NULL, (void), ())
FAULT(EVP_CipherInit_ex, int, 0,
      (EVP_CIPHER_CTX * c, const EVP_CIPHER *type, ENGINE *e, const unsigned char *key,
       const unsigned char *iv, int enc),
      (c, type, e, key, iv, enc))
FAULT(EVP_CipherUpdate, int, 0,
      (EVP_CIPHER_CTX * c, unsigned char *out, int *out_n, const unsigned char *in, int in_n),
      (c, out, out_n, in, in_n))
FAULT(EVP_CIPHER_CTX_ctrl, int, 0, (EVP_CIPHER_CTX * c, int type, int arg, void *p),
      (c, type, arg, p))
FAULT(EVP_CipherFinal_ex, int, 0, (EVP_CIPHER_CTX * c, unsigned char *out, int *n), (c, out, n))

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

static bool opens(void *ctx)
{
	struct box *b = ctx;
	struct vault *v = NULL;
	int err = vault_open(b->path, &v);

	if (err)
		assert_null(v);
	vault_close(v);
	return !err;
}

static bool opens_a_new_one(void *ctx)
{
	struct box *b = ctx;
	bool is_open;
	char beside[80];

	unlink(b->path);
	is_open = opens(b);
	snprintf(beside, sizeof(beside), "%s.new", b->path);
	assert_int_equal(access(beside, F_OK), -1);
	return is_open;
}

static bool seals(void *ctx)
{
	struct box *b = ctx;

	return vault_seal(b->vault, &b->arena, STR("x"), STR("secret")).p;
}

static bool unseals(void *ctx)
{
	struct box *b = ctx;
	struct str sealed = { 0 }, out = { 0 };
	unsigned due = faults_left;
	int err;

	faults_left = 0;
	sealed = vault_seal(b->vault, &b->arena, STR("x"), STR("secret"));
	faults_left = due;
	err = vault_unseal(b->vault, &b->arena, STR("x"), sealed, &out);
	if (err)
		assert_null(out.p);
	return !err;
}

static bool copies_a_key(void *ctx)
{
	static const unsigned char key[VAULT_KEY_BYTES] = "a key that is kept elsewhere";
	struct vault *v = vault_new(key);

	(void)ctx;
	vault_close(v);
	return v;
}

static void leaves_nothing_behind_when_a_call_fails(void **state)
{
	faults_each(seals, *state);
	faults_each(unseals, *state);
	faults_each(opens, *state);
	faults_each(opens_a_new_one, *state);
	faults_each(copies_a_key, NULL);
}

static void takes_a_key_that_was_made_meanwhile(void **state)
{
	struct box *b = *state;
	struct vault *v = NULL;

	unlink(b->path);
	is_late = true;
	faults_left = 6; /* link() */
	assert_int_equal(vault_open(b->path, &v), 0);
	assert_int_equal(faults_left, 0);
	is_late = false;
	vault_close(v);
}

static void what_is_no_file_holds_no_key(void **state)
{
	struct box *b = *state;
	char longest[PATH_MAX];
	struct vault *v = NULL;
	size_t i;

	assert_int_equal(vault_open(b->dir, &v), -EPERM);
	assert_int_equal(vault_open("/nonexistent/key", &v), -ENOENT);
	for (i = 0; i < sizeof(longest); i++)
		longest[i] = i % 100 ? 'x' : '/';
	longest[sizeof(longest) - 2] = 0;
	assert_int_equal(vault_open(longest, &v), -ENAMETOOLONG);
	assert_null(v);
}

/* In both directions, and before anything is read. */
static void has_limits(void **state)
{
	struct box *b = *state;
	struct str secret = { "x", SECRET_BYTES_MAX + 1 }, out = { 0 };
	struct str sealed = { "x", 2 * SECRET_BYTES_MAX + 1 };

	assert_null(vault_seal(b->vault, &b->arena, STR("x"), secret).p);
	assert_null(vault_seal(b->vault, &b->arena, secret, STR("x")).p);
	assert_int_equal(vault_unseal(b->vault, &b->arena, STR("x"), STR(""), &out), -EBADMSG);
	assert_int_equal(vault_unseal(b->vault, &b->arena, STR("x"), sealed, &out), -EBADMSG);
	assert_int_equal(vault_unseal(b->vault, &b->arena, secret, STR("AAAA"), &out), -EBADMSG);
	assert_int_equal(vault_unseal(b->vault, &b->arena, STR("x"), STR("AAA?"), &out), -EBADMSG);
	assert_int_equal(vault_unseal(b->vault, &b->arena, STR("x"), STR("AA=="), &out), -EBADMSG);
	vault_close(NULL);
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
		cmocka_unit_test_setup_teardown(leaves_nothing_behind_when_a_call_fails, open_box,
						close_box),
		cmocka_unit_test_setup_teardown(takes_a_key_that_was_made_meanwhile, open_box,
						close_box),
		cmocka_unit_test_setup_teardown(what_is_no_file_holds_no_key, open_box, close_box),
		cmocka_unit_test_setup_teardown(has_limits, open_box, close_box),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
