/* SPDX-License-Identifier: Apache-2.0 */
/* The local authority: made once, private, and believed for generated names only. */
#include "auth/local_ca.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../faults.h"

static bool has_some_room;

ssize_t __real_write(int fd, const void *from, size_t n);

/* A full disk, which may take a part. */
static ssize_t write_fails(int fd, const void *from)
{
	if (has_some_room)
		return __real_write(fd, from, 10);
	errno = ENOSPC;
	return -1;
}

FAULT(calloc, void *, NULL, (size_t n, size_t size), (n, size))
FAULT(realloc, void *, NULL, (void *p, size_t n), (p, n))
FAULT(BN_bin2bn, BIGNUM *, NULL, (const unsigned char *s, int n, BIGNUM *to), (s, n, to))
FAULT(BN_to_ASN1_INTEGER, ASN1_INTEGER *, NULL, (const BIGNUM *n, ASN1_INTEGER *to), (n, to))
FAULT(X509_NAME_add_entry_by_txt, int, 0,
      (X509_NAME * to, const char *field, int type, const unsigned char *text, int n, int at,
       int set),
      (to, field, type, text, n, at, set))
FAULT(X509V3_EXT_conf_nid, X509_EXTENSION *, NULL,
      (LHASH_OF(CONF_VALUE) * conf, X509V3_CTX *c, int nid, const char *value),
      (conf, c, nid, value))
FAULT(X509_add_ext, int, 0, (X509 * x, X509_EXTENSION *e, int at), (x, e, at))
FAULT(X509_new, X509 *, NULL, (void), ())
FAULT(X509_set_version, int, 0, (X509 * x, long version), (x, version))
FAULT(X509_time_adj_ex, ASN1_TIME *, NULL, (ASN1_TIME * to, int days, long s, time_t *from),
      (to, days, s, from))
FAULT(X509_set_pubkey, int, 0, (X509 * x, EVP_PKEY *key), (x, key))
FAULT(EVP_PKEY_Q_keygen, EVP_PKEY *, NULL,
      (OSSL_LIB_CTX * l, const char *query, const char *type, char *curve), (l, query, type, curve))
FAULT(X509_set_issuer_name, int, 0, (X509 * x, const X509_NAME *name), (x, name))
FAULT(X509_sign, int, 0, (X509 * x, EVP_PKEY *key, const EVP_MD *md), (x, key, md))
FAULT(BIO_new, BIO *, NULL, (const BIO_METHOD *m), (m))
FAULT(BIO_new_mem_buf, BIO *, NULL, (const void *p, int n), (p, n))
FAULT(PEM_write_bio_PKCS8PrivateKey, int, 0,
      (BIO * b, const EVP_PKEY *key, const EVP_CIPHER *c, const char *word, int n,
       pem_password_cb *cb, void *ctx),
      (b, key, c, word, n, cb, ctx))
FAULT(PEM_write_bio_X509, int, 0, (BIO * b, const X509 *x), (b, x))
FAULT(PEM_read_bio_PrivateKey, EVP_PKEY *, NULL,
      (BIO * b, EVP_PKEY **to, pem_password_cb *cb, void *ctx), (b, to, cb, ctx))
FAULT(PEM_read_bio_X509, X509 *, NULL, (BIO * b, X509 **to, pem_password_cb *cb, void *ctx),
      (b, to, cb, ctx))
FAULT(X509_check_private_key, int, 0, (const X509 *x, const EVP_PKEY *key), (x, key))
FAULT(vault_seal, struct str, (struct str){ 0 },
      (const struct vault *v, struct arena *a, struct str label, struct str secret),
      (v, a, label, secret))
FAULT(vault_unseal, int, -EBADMSG,
      (const struct vault *v, struct arena *a, struct str label, struct str sealed,
       struct str *ret),
      (v, a, label, sealed, ret))
FAULT(open, int, (errno = EACCES, -1), (const char *path, int flags, mode_t mode),
      (path, flags, mode))
FAULT(fstat, int, (errno = EIO, -1), (int fd, struct stat *st), (fd, st))
FAULT(geteuid, uid_t, __real_geteuid() + 1, (void), ())
FAULT(read, ssize_t, (errno = EIO, -1), (int fd, void *to, size_t n), (fd, to, n))
FAULT(write, ssize_t, write_fails(fd, from), (int fd, const void *from, size_t n), (fd, from, n))
FAULT(fsync, int, (errno = EIO, -1), (int fd), (fd))
FAULT(rename, int, (errno = EIO, -1), (const char *from, const char *to), (from, to))

struct fixture {
	char dir[32], path[64];
	struct vault *vault;
	struct local_ca *ca;
};

static const unsigned char key[VAULT_KEY_BYTES] = "the key of the state", other[VAULT_KEY_BYTES];

static int open_ca(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	memcpy(f->dir, "/tmp/ca-XXXXXX", sizeof("/tmp/ca-XXXXXX"));
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/ca.pem", f->dir);
	f->vault = vault_new(key);
	assert_int_equal(local_ca_open(f->path, f->vault, &f->ca), 0);
	*state = f;
	return 0;
}

static int close_ca(void **state)
{
	struct fixture *f = *state;

	local_ca_close(f->ca);
	vault_close(f->vault);
	unlink(f->path);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

/* Would a client that trusts the authority believe that @signed is @name? */
static bool is_believed(const struct local_ca *ca, const struct tls_credential *made,
			const char *name)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	bool is;

	X509_STORE_add_cert(store, ca->certificate);
	X509_STORE_CTX_init(context, store, made->leaf, NULL);
	X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(context), name, 0);
	X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
	is = X509_verify_cert(context) == 1;
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	return is;
}

static void signs_what_clients_believe(void **state)
{
	/* Longer than a common name may be. */
	static const char name[] = "cart-with-a-name-of-many-words-0123456789abcdef0.7d67968."
				   "vpc-lattice-svcs.us-east-1.on.aws";
	struct fixture *f = *state;
	struct tls_credential made;

	assert_int_equal(local_ca_sign(f->ca, STR(name), (int64_t)time(NULL), &made), 0);
	assert_true(is_believed(f->ca, &made, name));
	assert_false(is_believed(f->ca, &made, "other.on.aws"));
	assert_int_equal(X509_check_private_key(made.leaf, made.key), 1);
	X509_free(made.leaf);
	EVP_PKEY_free(made.key);
}

static void is_not_believed_for_other_domains(void **state)
{
	struct fixture *f = *state;
	struct tls_credential made;

	assert_int_equal(local_ca_sign(f->ca, STR("bank.example"), (int64_t)time(NULL), &made), 0);
	assert_false(is_believed(f->ca, &made, "bank.example"));
	X509_free(made.leaf);
	EVP_PKEY_free(made.key);
}

static void takes_one_name_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct tls_credential made;
	char long_name[NAME_BYTES_MAX + 1];

	memset(long_name, 'a', sizeof(long_name));
	assert_int_equal(local_ca_sign(f->ca, STR("a.on.aws,DNS:b.on.aws"), 0, &made), -EINVAL);
	assert_int_equal(local_ca_sign(f->ca, STR(""), 0, &made), -EINVAL);
	assert_int_equal(
		local_ca_sign(f->ca, (struct str){ long_name, sizeof(long_name) }, 0, &made),
		-EINVAL);
	assert_int_equal(local_ca_sign(f->ca, STR("a.on.aws\0b"), 0, &made), -EINVAL);
}

static void is_the_same_when_opened_again(void **state)
{
	struct fixture *f = *state;
	struct local_ca *again;
	struct stat st;

	assert_int_equal(local_ca_open(f->path, f->vault, &again), 0);
	assert_true(str_eq(local_ca_pem(f->ca), local_ca_pem(again)));
	assert_true(str_starts(local_ca_pem(f->ca), STR("-----BEGIN CERTIFICATE-----")));
	local_ca_close(again);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* The file as it was before it was sealed. */
static void write_plain(const struct fixture *f)
{
	BIO *b = BIO_new_file(f->path, "w");

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(b, f->ca->key, NULL, NULL, 0, NULL, NULL),
			 1);
	assert_int_equal(PEM_write_bio_X509(b, f->ca->certificate), 1);
	BIO_free(b);
}

/* Neither as PEM nor as the numbers that it is made of. */
static bool is_sealed(const struct fixture *f)
{
	unsigned char file[FILE_BYTES_MAX], scalar[32], der[512], *end = der;
	BIO *b = BIO_new_file(f->path, "r");
	int n = BIO_read(b, file, sizeof(file)), der_n = i2d_PrivateKey(f->ca->key, &end);
	BIGNUM *number = NULL;
	bool is;

	BIO_free(b);
	EVP_PKEY_get_bn_param(f->ca->key, "priv", &number);
	assert_int_equal(BN_bn2binpad(number, scalar, sizeof(scalar)), sizeof(scalar));
	BN_free(number);
	assert_non_null(memmem(der, (size_t)der_n, scalar, sizeof(scalar)));
	is = !memmem(file, (size_t)n, "-----", 5) &&
	     !memmem(file, (size_t)n, scalar, sizeof(scalar));
	return is && n > 0;
}

static void lies_sealed(void **state)
{
	struct fixture *f = *state;
	struct vault *v = vault_new(other);
	struct local_ca *again = NULL;

	assert_true(is_sealed(f));
	assert_int_equal(local_ca_open(f->path, v, &again), -EBADMSG);
	assert_int_equal(truncate(f->path, 0), 0);
	assert_int_equal(local_ca_open(f->path, f->vault, &again), -EBADMSG);
	assert_null(again);
	vault_close(v);
}

static void seals_a_file_that_was_not(void **state)
{
	struct fixture *f = *state;
	struct local_ca *again;
	struct stat st;
	int i;

	write_plain(f);
	assert_false(is_sealed(f));
	for (i = 0; i < 2; i++) {
		assert_int_equal(local_ca_open(f->path, f->vault, &again), 0);
		assert_true(str_eq(local_ca_pem(f->ca), local_ca_pem(again)));
		local_ca_close(again);
		assert_true(is_sealed(f));
	}
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Its key behind a password, for which nobody is to be asked. */
static void encrypt(const struct fixture *f)
{
	BIO *b = BIO_new_file(f->path, "w");

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(b, f->ca->key, EVP_aes_128_cbc(), "secret",
						       6, NULL, NULL),
			 1);
	BIO_free(b);
}

static void refuses_files_that_are_not_private_or_not_whole(void **state)
{
	struct fixture *f = *state;
	struct local_ca *again = NULL;

	chmod(f->path, 0644);
	assert_int_equal(local_ca_open(f->path, f->vault, &again), -EPERM);
	chmod(f->path, 0600);
	write_plain(f);
	assert_int_equal(truncate(f->path, 100), 0);
	assert_int_equal(local_ca_open(f->path, f->vault, &again), -EINVAL);
	encrypt(f);
	assert_int_equal(local_ca_open(f->path, f->vault, &again), -EINVAL);
	assert_int_equal(truncate(f->path, FILE_BYTES_MAX), 0);
	assert_int_equal(local_ca_open(f->path, f->vault, &again), -EFBIG);
	assert_int_equal(local_ca_open(f->dir, f->vault, &again), -EPERM);
	assert_null(again);
}

static bool opens(void *ctx)
{
	struct fixture *f = ctx;
	struct local_ca *ca = NULL;
	int err = local_ca_open(f->path, f->vault, &ca);

	if (err)
		assert_null(ca);
	local_ca_close(ca);
	return !err;
}

/* What was begun beside the file is gone as well: rmdir() at the end would mind it. */
static bool opens_a_new_one(void *ctx)
{
	struct fixture *f = ctx;

	unlink(f->path);
	return opens(f);
}

/* What cannot be replaced stays as it was, so that nothing is lost. */
static bool opens_a_plain_one(void *ctx)
{
	struct fixture *f = ctx;
	unsigned due = faults_left;
	bool is_open;

	faults_left = 0;
	write_plain(f);
	faults_left = due;
	is_open = opens(f);
	due = faults_left;
	faults_left = 0;
	assert_true(is_open || opens(f));
	faults_left = due;
	return is_open;
}

static bool signs(void *ctx)
{
	struct fixture *f = ctx;
	struct tls_credential made = { 0 };
	bool is_signed = local_ca_sign(f->ca, STR("a.on.aws"), 0, &made) == 0;

	X509_free(made.leaf);
	EVP_PKEY_free(made.key);
	return is_signed;
}

static void leaves_nothing_behind_when_a_call_fails(void **state)
{
	faults_each(opens_a_new_one, *state);
	faults_each(opens, *state);
	faults_each(opens_a_plain_one, *state);
	faults_each(signs, *state);
	has_some_room = true;
	faults_each(opens_a_new_one, *state);
	has_some_room = false;
}

static void refuses_places_where_no_file_can_be(void **state)
{
	struct fixture *f = *state;
	char longest[PATH_MAX], link[80];
	struct local_ca *ca = NULL;
	size_t i;

	for (i = 0; i < sizeof(longest); i++)
		longest[i] = i % 100 ? 'x' : '/';
	longest[sizeof(longest) - 2] = 0;
	assert_int_equal(local_ca_open(longest, f->vault, &ca), -ENAMETOOLONG);
	assert_int_equal(local_ca_open("/nonexistent/ca.pem", f->vault, &ca), -ENOENT);
	snprintf(link, sizeof(link), "%s/link", f->dir);
	assert_int_equal(symlink(f->path, link), 0);
	assert_int_equal(local_ca_open(link, f->vault, &ca), -ELOOP);
	unlink(link);
	assert_null(ca);
	local_ca_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(signs_what_clients_believe, open_ca, close_ca),
		cmocka_unit_test_setup_teardown(is_not_believed_for_other_domains, open_ca,
						close_ca),
		cmocka_unit_test_setup_teardown(takes_one_name_at_a_time, open_ca, close_ca),
		cmocka_unit_test_setup_teardown(is_the_same_when_opened_again, open_ca, close_ca),
		cmocka_unit_test_setup_teardown(lies_sealed, open_ca, close_ca),
		cmocka_unit_test_setup_teardown(seals_a_file_that_was_not, open_ca, close_ca),
		cmocka_unit_test_setup_teardown(refuses_files_that_are_not_private_or_not_whole,
						open_ca, close_ca),
		cmocka_unit_test_setup_teardown(leaves_nothing_behind_when_a_call_fails, open_ca,
						close_ca),
		cmocka_unit_test_setup_teardown(refuses_places_where_no_file_can_be, open_ca,
						close_ca),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
