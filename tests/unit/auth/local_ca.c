/* SPDX-License-Identifier: Apache-2.0 */
/* The local authority: made once, private, and believed for generated names only. */
#include "auth/local_ca.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
	char dir[32], path[64];
	struct local_ca *ca;
};

static int open_ca(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	memcpy(f->dir, "/tmp/ca-XXXXXX", sizeof("/tmp/ca-XXXXXX"));
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/ca.pem", f->dir);
	assert_int_equal(local_ca_open(f->path, &f->ca), 0);
	*state = f;
	return 0;
}

static int close_ca(void **state)
{
	struct fixture *f = *state;

	local_ca_close(f->ca);
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
}

static void is_the_same_when_opened_again(void **state)
{
	struct fixture *f = *state;
	struct local_ca *again;
	struct stat st;

	assert_int_equal(local_ca_open(f->path, &again), 0);
	assert_true(str_eq(local_ca_pem(f->ca), local_ca_pem(again)));
	assert_true(str_starts(local_ca_pem(f->ca), STR("-----BEGIN CERTIFICATE-----")));
	local_ca_close(again);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void refuses_files_that_are_not_private_or_not_whole(void **state)
{
	struct fixture *f = *state;
	struct local_ca *again = NULL;

	chmod(f->path, 0644);
	assert_int_equal(local_ca_open(f->path, &again), -EPERM);
	chmod(f->path, 0600);
	assert_int_equal(truncate(f->path, 100), 0);
	assert_int_equal(local_ca_open(f->path, &again), -EINVAL);
	assert_null(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(signs_what_clients_believe, open_ca, close_ca),
		cmocka_unit_test_setup_teardown(is_not_believed_for_other_domains, open_ca,
						close_ca),
		cmocka_unit_test_setup_teardown(takes_one_name_at_a_time, open_ca, close_ca),
		cmocka_unit_test_setup_teardown(is_the_same_when_opened_again, open_ca, close_ca),
		cmocka_unit_test_setup_teardown(refuses_files_that_are_not_private_or_not_whole,
						open_ca, close_ca),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
