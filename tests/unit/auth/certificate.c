/* SPDX-License-Identifier: Apache-2.0 */
/* What may be imported, what may not and why; names; promises that are kept once. */
#include "auth/certificate.c"

#include "auth/vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "../faults.h"
#include "pki.h"
#include <pthread.h>

/* The certificate whose promise another thread keeps while we are about to. */
static struct certificate *overtaken;

static int sign_late(const struct local_ca *ca, struct str name, int64_t now,
		     struct tls_credential *ret);

FAULT(calloc, void *, NULL, (size_t n, size_t size), (n, size))
FAULT(arena_copy, struct str, (struct str){ 0 }, (struct arena * a, struct str s), (a, s))
FAULT(arena_printf, struct str, (struct str){ 0 }, (struct arena * a, const char *format, int n),
      (a, format, n))
FAULT(OPENSSL_sk_new_null, OPENSSL_STACK *, NULL, (void), ())
FAULT(OPENSSL_sk_push, int, 0, (OPENSSL_STACK * s, const void *p), (s, p))
FAULT(BIO_new_mem_buf, BIO *, NULL, (const void *p, int n), (p, n))
FAULT(BIO_new, BIO *, NULL, (const BIO_METHOD *m), (m))
FAULT(EVP_PKEY_get_group_name, int, 0, (const EVP_PKEY *key, char *to, size_t n, size_t *ret_n),
      (key, to, n, ret_n))
FAULT(tls_server_new, SSL_CTX *, NULL, (void), ())
FAULT(X509_NAME_print_ex, int, -1,
      (BIO * b, const X509_NAME *name, int indent, unsigned long flags), (b, name, indent, flags))
FAULT(ASN1_INTEGER_to_BN, BIGNUM *, NULL, (const ASN1_INTEGER *n, BIGNUM *to), (n, to))
FAULT(BN_bn2hex, char *, NULL, (const BIGNUM *n), (n))
FAULT(local_ca_sign, int, sign_late(ca, name, now, ret),
      (const struct local_ca *ca, struct str name, int64_t now, struct tls_credential *ret),
      (ca, name, now, ret))

static int sign_late(const struct local_ca *ca, struct str name, int64_t now,
		     struct tls_credential *ret)
{
	if (!overtaken)
		return -ENOMEM;
	certificate_credential(overtaken, now);
	return __real_local_ca_sign(ca, name, now, ret);
}

struct office {
	struct arena arena;
	struct pki root, middle, leaf;
	struct str root_pem, middle_pem, leaf_pem, key_pem;
};

static int open_office(void **state)
{
	struct office *o = calloc(1, sizeof(*o));

	arena_init(&o->arena, 1 << 22);
	o->root = pki_make(&(struct pki_wish){ .common_name = "root", .is_ca = true });
	o->middle = pki_make(
		&(struct pki_wish){ .common_name = "middle", .issuer = &o->root, .is_ca = true });
	o->leaf = pki_make(&(struct pki_wish){ .common_name = "shop.example",
					       .alt_names = "DNS:cart.example,DNS:*.shop.example",
					       .issuer = &o->middle });
	o->root_pem = pki_pem(&o->arena, &o->root);
	o->middle_pem = pki_pem(&o->arena, &o->middle);
	o->leaf_pem = pki_pem(&o->arena, &o->leaf);
	o->key_pem = pki_key_pem(&o->arena, o->leaf.key, NULL);
	*state = o;
	return 0;
}

static int close_office(void **state)
{
	struct office *o = *state;

	pki_fini(&o->root);
	pki_fini(&o->middle);
	pki_fini(&o->leaf);
	arena_fini(&o->arena);
	free(o);
	return 0;
}

static struct str join(struct office *o, struct str a, struct str b)
{
	char *p = arena_new(&o->arena, char, a.n + b.n + 1);

	if (a.n)
		memcpy(p, a.p, a.n);
	memcpy(p + a.n, b.p, b.n);
	return (struct str){ p, a.n + b.n };
}

static void expect_good(struct str leaf, struct str chain, struct str key)
{
	struct certificate *c = NULL;
	struct certificate_verdict v =
		certificate_read(&(struct certificate_pem){ leaf, chain, key }, &c);

	if (v.part != CERTIFICATE_IS_GOOD)
		fail_msg("refused: %s", v.reason);
	assert_int_equal(certificate_check(c, (int64_t)time(NULL)).part, CERTIFICATE_IS_GOOD);
	certificate_put(c);
}

static void expect_bad(struct str leaf, struct str chain, struct str key,
		       enum certificate_part part, const char *reason)
{
	struct certificate *c = NULL;
	struct certificate_verdict v =
		certificate_read(&(struct certificate_pem){ leaf, chain, key }, &c);

	assert_int_equal(v.part, part);
	assert_string_equal(v.reason, reason);
	assert_null(c);
}

static void takes_chains_in_either_member(void **state)
{
	struct office *o = *state;
	struct str none = { 0 };

	expect_good(o->leaf_pem, none, o->key_pem);
	expect_good(o->leaf_pem, o->middle_pem, o->key_pem);
	expect_good(o->leaf_pem, join(o, o->middle_pem, o->root_pem), o->key_pem);
	expect_good(join(o, o->leaf_pem, o->middle_pem), none, o->key_pem);
	expect_good(join(o, STR("subject: text before\n"), o->leaf_pem), none, o->key_pem);
}

static void refuses_what_does_not_fit_together(void **state)
{
	struct office *o = *state;
	struct str none = { 0 };
	struct str other = pki_key_pem(&o->arena, o->root.key, NULL);

	expect_bad(o->leaf_pem, none, other, CERTIFICATE_KEY, "is not the key of the certificate");
	expect_bad(o->leaf_pem, o->root_pem, o->key_pem, CERTIFICATE_CHAIN,
		   "must go from the certificate to its issuer, and so on");
	expect_bad(o->leaf_pem, join(o, o->root_pem, o->middle_pem), o->key_pem, CERTIFICATE_CHAIN,
		   "must go from the certificate to its issuer, and so on");
	expect_bad(join(o, o->leaf_pem, o->root_pem), none, o->key_pem, CERTIFICATE_LEAF,
		   "must go from the certificate to its issuer, and so on");
	expect_bad(join(o, o->leaf_pem, o->middle_pem), o->root_pem, o->key_pem, CERTIFICATE_LEAF,
		   "must have one certificate when a chain is given");
}

/* The same name, another key: only the signature tells. */
static void refuses_an_issuer_of_the_same_name(void **state)
{
	struct office *o = *state;
	struct pki fake = pki_make(
		&(struct pki_wish){ .common_name = "middle", .issuer = &o->root, .is_ca = true });

	expect_bad(o->leaf_pem, pki_pem(&o->arena, &fake), o->key_pem, CERTIFICATE_CHAIN,
		   "must go from the certificate to its issuer, and so on");
	pki_fini(&fake);
}

static void refuses_what_is_not_pem(void **state)
{
	struct office *o = *state;
	struct str none = { 0 }, cut = str_first(o->leaf_pem, o->leaf_pem.n / 2), many = none;
	char *broken = arena_cstr(&o->arena, o->leaf_pem);
	int i;

	memset(broken + 60, '!', 8);
	expect_bad(none, none, o->key_pem, CERTIFICATE_LEAF, "has no certificate in PEM form");
	expect_bad(STR("hello"), none, o->key_pem, CERTIFICATE_LEAF,
		   "has no certificate in PEM form");
	expect_bad(o->key_pem, none, o->key_pem, CERTIFICATE_LEAF,
		   "has no certificate in PEM form");
	expect_bad(cut, none, o->key_pem, CERTIFICATE_LEAF,
		   "has a certificate that cannot be read");
	expect_bad((struct str){ broken, o->leaf_pem.n }, none, o->key_pem, CERTIFICATE_LEAF,
		   "has a certificate that cannot be read");
	expect_bad(o->leaf_pem, cut, o->key_pem, CERTIFICATE_CHAIN,
		   "has a certificate that cannot be read");
	expect_bad(o->leaf_pem, none, o->leaf_pem, CERTIFICATE_KEY,
		   "has no private key in PEM form");
	for (i = 0; i <= CERTIFICATE_CHAIN_MAX; i++)
		many = join(o, many, o->middle_pem);
	expect_bad(join(o, o->leaf_pem, many), none, o->key_pem, CERTIFICATE_LEAF,
		   "has more certificates than a chain may have");
	expect_bad((struct str){ o->leaf_pem.p, CERTIFICATE_PEM_BYTES_MAX + 1 }, none, o->key_pem,
		   CERTIFICATE_LEAF, "is too long");
}

/* Without a terminal's being asked. */
static void refuses_an_encrypted_key(void **state)
{
	struct office *o = *state;
	struct str none = { 0 };

	expect_bad(o->leaf_pem, none, pki_key_pem(&o->arena, o->leaf.key, "secret"),
		   CERTIFICATE_KEY, "must not be encrypted");
}

static void minds_the_strength_of_keys(void **state)
{
	static const struct {
		int bits;
		const char *curve, *reason;
	} keys[] = {
		{ 1024, NULL, "must have 2048 to 4096 bits when it is an RSA key" },
		{ 2048, NULL, NULL },
		{ 0, "P-384", NULL },
		{ 0, "P-224", "must be an RSA key or one of ECDSA on P-256 or P-384" },
	};
	struct office *o = *state;
	struct str none = { 0 };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct pki p = pki_make(&(struct pki_wish){
			.common_name = "a.example",
			.key = keys[i].bits ? EVP_RSA_gen((unsigned)keys[i].bits)
					    : EVP_EC_gen(keys[i].curve) });
		struct str pem = pki_pem(&o->arena, &p), key = pki_key_pem(&o->arena, p.key, NULL);

		if (keys[i].reason)
			expect_bad(pem, none, key, CERTIFICATE_KEY, keys[i].reason);
		else
			expect_good(pem, none, key);
		pki_fini(&p);
	}
}

/* Of 4097 bits; it takes long to make a whole one. */
static EVP_PKEY *great_rsa_key(void)
{
	unsigned char n[513] = { 1 }, e[] = { 1, 0, 1 };
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_BN("n", n, sizeof(n)),
		OSSL_PARAM_construct_BN("e", e, sizeof(e)),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	n[sizeof(n) - 1] = 1;
	assert_int_equal(EVP_PKEY_fromdata_init(c), 1);
	assert_int_equal(EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	EVP_PKEY_CTX_free(c);
	assert_int_equal(EVP_PKEY_get_bits(key), 4097);
	return key;
}

static void minds_kinds_of_keys(void **state)
{
	EVP_PKEY *great = great_rsa_key(), *edwards = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct office *o = *state;
	struct str none = { 0 }, longer = { o->key_pem.p, CERTIFICATE_KEY_BYTES_MAX + 1 };

	assert_string_equal(check_key(great), "must have 2048 to 4096 bits when it is an RSA key");
	assert_string_equal(check_key(edwards),
			    "must be an RSA key or one of ECDSA on P-256 or P-384");
	expect_bad(o->leaf_pem, none, longer, CERTIFICATE_KEY, "is too long");
	expect_bad(o->leaf_pem, none, none, CERTIFICATE_KEY, "has no private key in PEM form");
	EVP_PKEY_free(great);
	EVP_PKEY_free(edwards);
}

static void refuses_a_weak_signature(void **state)
{
	struct office *o = *state;
	struct str none = { 0 };
	struct pki p = pki_make(&(struct pki_wish){
		.common_name = "a.example", .issuer = &o->root, .md = EVP_sha1() });

	expect_bad(pki_pem(&o->arena, &p), none, pki_key_pem(&o->arena, p.key, NULL),
		   CERTIFICATE_LEAF, "is too weak, or of a kind that TLS does not use");
	pki_fini(&p);
}

static void knows_when_it_is_valid(void **state)
{
	struct office *o = *state;
	const struct certificate_pem pem = { o->leaf_pem, o->middle_pem, o->key_pem };
	int64_t now = (int64_t)time(NULL);
	struct certificate *c;

	assert_int_equal(certificate_read(&pem, &c).part, CERTIFICATE_IS_GOOD);
	assert_int_equal(certificate_check(c, now).part, CERTIFICATE_IS_GOOD);
	assert_string_equal(certificate_check(c, now + 3700).reason, "has expired");
	assert_string_equal(certificate_check(c, now - 3700).reason, "is not valid yet");
	assert_non_null(certificate_credential(c, now + 3700)); /* nobody can renew it */
	certificate_put(c);
}

static void an_expired_issuer_is_in_the_chain(void **state)
{
	struct office *o = *state;
	struct pki old = pki_make(&(struct pki_wish){
		.common_name = "old", .is_ca = true, .from = -7200, .to = -3600 });
	struct pki leaf =
		pki_make(&(struct pki_wish){ .common_name = "a.example", .issuer = &old });
	const struct certificate_pem pem = { pki_pem(&o->arena, &leaf), pki_pem(&o->arena, &old),
					     pki_key_pem(&o->arena, leaf.key, NULL) };
	struct certificate *c;

	assert_int_equal(certificate_read(&pem, &c).part, CERTIFICATE_IS_GOOD);
	assert_int_equal(certificate_check(c, (int64_t)time(NULL)).part, CERTIFICATE_CHAIN);
	certificate_put(c);
	pki_fini(&old);
	pki_fini(&leaf);
}

static void covers_names_as_aws_does(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool is;
	} cases[] = {
		{ "cart.example", "cart.example", true },
		{ "cart.example", "CART.example", true },
		{ "cart.example", "other.example", false },
		{ "*.shop.example", "a.shop.example", true },
		{ "*.shop.example", "a.b.shop.example", false },
		{ "*.shop.example", "shop.example", false },
		{ "*.shop.example", ".shop.example", false },
		{ "c*.shop.example", "cart.shop.example", false },
		{ "*", "example", false },
		{ "", "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (certificate_name_covers(str_of(cases[i].pattern), str_of(cases[i].name)) !=
		    cases[i].is)
			fail_msg("%s for %s", cases[i].pattern, cases[i].name);
}

/* The common name counts only where there are no alternative ones. */
static void takes_the_common_name_without_others(void **state)
{
	struct office *o = *state;
	struct pki p = pki_make(&(struct pki_wish){ .common_name = "cart.example" });
	const struct certificate_pem pem = { .leaf = pki_pem(&o->arena, &p),
					     .key = pki_key_pem(&o->arena, p.key, NULL) };
	struct certificate_facts f;
	struct certificate *c;

	assert_int_equal(certificate_read(&pem, &c).part, CERTIFICATE_IS_GOOD);
	assert_int_equal(certificate_facts(c, &o->arena, &f), 0);
	assert_int_equal(f.name_count, 1);
	assert_true(str_eq(f.names[0], STR("cart.example")));
	certificate_put(c);
	pki_fini(&p);
}

/* The facts of a certificate of @key for @common_name and @alt_names. */
static struct certificate_facts facts_of(struct office *o, EVP_PKEY *key, const char *common_name,
					 const char *alt_names)
{
	struct pki p = pki_make(&(struct pki_wish){
		.common_name = common_name, .alt_names = alt_names, .key = key });
	const struct certificate_pem pem = { .leaf = pki_pem(&o->arena, &p),
					     .key = pki_key_pem(&o->arena, p.key, NULL) };
	struct certificate_facts f;
	struct certificate *c;

	assert_int_equal(certificate_read(&pem, &c).part, CERTIFICATE_IS_GOOD);
	assert_int_equal(certificate_facts(c, &o->arena, &f), 0);
	certificate_put(c);
	pki_fini(&p);
	return f;
}

static void leaves_out_what_is_no_dns_name(void **state)
{
	struct office *o = *state;
	struct buf many = { .max = 4096 };
	struct certificate_facts f;
	int i;

	f = facts_of(o, NULL, "cart.example", "IP:10.0.0.1");
	assert_int_equal(f.name_count, 1);
	assert_true(str_eq(f.names[0], STR("cart.example")));
	assert_int_equal(facts_of(o, NULL, "two words", NULL).name_count, 0);
	assert_int_equal(facts_of(o, NULL, "caf\xe9", NULL).name_count, 0);
	assert_int_equal(facts_of(o, NULL, "", NULL).name_count, 0);
	for (i = 0; i <= CERTIFICATE_NAMES_MAX; i++)
		buf_addf(&many, "%sDNS:n%d.example", i ? "," : "", i);
	buf_add_char(&many, 0);
	assert_int_equal(facts_of(o, NULL, "", buf_str(&many).p).name_count, CERTIFICATE_NAMES_MAX);
	buf_fini(&many);
}

static void names_the_kind_of_the_key(void **state)
{
	struct office *o = *state;

	assert_true(
		str_eq(facts_of(o, EVP_RSA_gen(2048), "a", NULL).key_algorithm, STR("RSA_2048")));
	assert_true(str_eq(facts_of(o, EVP_EC_gen("P-384"), "a", NULL).key_algorithm,
			   STR("EC_secp384r1")));
}

static void says_what_it_is(void **state)
{
	struct office *o = *state;
	const struct certificate_pem pem = { o->leaf_pem, o->middle_pem, o->key_pem };
	struct certificate_facts f;
	struct certificate *c;

	assert_int_equal(certificate_read(&pem, &c).part, CERTIFICATE_IS_GOOD);
	assert_int_equal(certificate_facts(c, &o->arena, &f), 0);
	assert_int_equal(f.name_count, 2);
	assert_true(str_eq(f.names[0], STR("cart.example")));
	assert_true(str_eq(f.names[1], STR("*.shop.example")));
	assert_true(str_eq(f.issuer, STR("CN=middle")));
	assert_true(str_eq(f.key_algorithm, STR("EC_prime256v1")));
	assert_int_equal(f.not_after - f.not_before, 7200);
	assert_in_range(f.not_after, time(NULL) + 3500, time(NULL) + 3600);
	certificate_put(c);
}

struct authority {
	char path[16];
	struct vault *vault;
	struct local_ca *ca;
};

static struct authority open_authority(void)
{
	static const unsigned char key[VAULT_KEY_BYTES];
	struct authority a = { .path = "/tmp/ca-XXXXXX", .vault = vault_new(key) };

	close(mkstemp(a.path));
	unlink(a.path);
	assert_int_equal(local_ca_open(a.path, a.vault, &a.ca), 0);
	return a;
}

static void close_authority(struct authority *a)
{
	local_ca_close(a->ca);
	vault_close(a->vault);
	unlink(a->path);
}

struct promise {
	struct certificate *certificate;
	const struct tls_credential *got;
	int64_t now;
};

static void *ask_for_credential(void *arg)
{
	struct promise *p = arg;

	p->got = certificate_credential(p->certificate, p->now);
	return NULL;
}

static void a_promise_is_kept_once_for_all_threads(void **state)
{
	enum { THREADS = 8 };
	struct authority a = open_authority();
	struct promise p[THREADS];
	pthread_t threads[THREADS];
	const struct tls_credential *renewed;
	struct certificate *c;
	int i;

	(void)state;
	c = certificate_promise(a.ca, STR("cart.on.aws"));
	assert_false(certificate_is_shared(c));
	for (i = 0; i < THREADS; i++) {
		p[i].now = 1000;
		p[i].certificate = certificate_get(c);
		assert_int_equal(pthread_create(&threads[i], NULL, ask_for_credential, &p[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		certificate_put(p[i].certificate);
	}
	for (i = 0; i < THREADS; i++)
		assert_ptr_equal(p[i].got, p[0].got);
	assert_non_null(p[0].got);
	assert_ptr_equal(certificate_credential(c, 1000 + RENEW_SECONDS), p[0].got);
	renewed = certificate_credential(c, 1001 + RENEW_SECONDS);
	assert_non_null(renewed);
	assert_ptr_not_equal(renewed, p[0].got);
	assert_non_null(p[0].got->leaf); /* who looks at it yet may */
	assert_ptr_equal(certificate_credential(c, 1001 + RENEW_SECONDS), renewed);
	certificate_credential(c, 1002 + 2 * RENEW_SECONDS);
	certificate_put(c);
	close_authority(&a);
}

static bool reads(void *ctx)
{
	struct office *o = ctx;
	const struct certificate_pem pem = { o->leaf_pem, o->middle_pem, o->key_pem };
	struct certificate *c = NULL;
	bool is_good = certificate_read(&pem, &c).part == CERTIFICATE_IS_GOOD;

	if (!is_good)
		assert_null(c);
	certificate_put(c);
	return is_good;
}

static bool tells(void *ctx)
{
	struct certificate_facts f;
	struct arena a;
	bool is_told;

	arena_init(&a, 1 << 16);
	is_told = certificate_facts(ctx, &a, &f) == 0;
	arena_fini(&a);
	return is_told;
}

static bool promises(void *ctx)
{
	struct certificate *c = certificate_promise(NULL, STR("a.on.aws"));

	(void)ctx;
	certificate_put(c);
	return c;
}

static bool keeps(void *ctx)
{
	struct certificate *c = certificate_promise(ctx, STR("a.on.aws"));
	bool is_kept = c && certificate_credential(c, 1000);

	certificate_put(c);
	return is_kept;
}

static void leaves_nothing_behind_when_a_call_fails(void **state)
{
	struct office *o = *state;
	const struct certificate_pem pem = { o->leaf_pem, o->middle_pem, o->key_pem };
	struct certificate *c;
	struct pki rsa = pki_make(
		&(struct pki_wish){ .common_name = "a.example", .key = EVP_RSA_gen(2048) });
	const struct certificate_pem rsa_pem = { .leaf = pki_pem(&o->arena, &rsa),
						 .key = pki_key_pem(&o->arena, rsa.key, NULL) };

	faults_each(reads, o);
	faults_each(promises, NULL);
	assert_int_equal(certificate_read(&pem, &c).part, CERTIFICATE_IS_GOOD);
	faults_each(tells, c);
	certificate_put(c);
	assert_int_equal(certificate_read(&rsa_pem, &c).part, CERTIFICATE_IS_GOOD);
	faults_each(tells, c);
	certificate_put(c);
	pki_fini(&rsa);
}

static void a_promise_that_cannot_be_kept_leaves_what_there_was(void **state)
{
	char longer[NAME_BYTES_MAX + 1];
	struct authority a = open_authority();
	const struct tls_credential *first;
	struct certificate *c;

	(void)state;
	memset(longer, 'a', sizeof(longer));
	assert_null(certificate_promise(a.ca, (struct str){ longer, sizeof(longer) }));
	faults_each(keeps, a.ca);
	c = certificate_promise(a.ca, STR("a.on.aws"));
	first = certificate_credential(c, 1000);
	assert_non_null(first);
	faults_left = 1;
	assert_ptr_equal(certificate_credential(c, 1001 + RENEW_SECONDS), first);
	certificate_put(c);
	close_authority(&a);
}

static void whoever_is_first_keeps_the_promise(void **state)
{
	struct authority a = open_authority();
	const struct tls_credential *got;

	(void)state;
	overtaken = certificate_promise(a.ca, STR("a.on.aws"));
	faults_left = 2; /* local_ca_sign() */
	got = certificate_credential(overtaken, 1000);
	assert_int_equal(faults_left, 0);
	assert_non_null(got);
	assert_ptr_equal(certificate_credential(overtaken, 1000), got);
	certificate_put(overtaken);
	overtaken = NULL;
	close_authority(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_chains_in_either_member),
		cmocka_unit_test(refuses_what_does_not_fit_together),
		cmocka_unit_test(refuses_an_issuer_of_the_same_name),
		cmocka_unit_test(refuses_what_is_not_pem),
		cmocka_unit_test(refuses_an_encrypted_key),
		cmocka_unit_test(minds_the_strength_of_keys),
		cmocka_unit_test(minds_kinds_of_keys),
		cmocka_unit_test(refuses_a_weak_signature),
		cmocka_unit_test(knows_when_it_is_valid),
		cmocka_unit_test(an_expired_issuer_is_in_the_chain),
		cmocka_unit_test(covers_names_as_aws_does),
		cmocka_unit_test(takes_the_common_name_without_others),
		cmocka_unit_test(leaves_out_what_is_no_dns_name),
		cmocka_unit_test(names_the_kind_of_the_key),
		cmocka_unit_test(says_what_it_is),
		cmocka_unit_test(a_promise_is_kept_once_for_all_threads),
		cmocka_unit_test(leaves_nothing_behind_when_a_call_fails),
		cmocka_unit_test(a_promise_that_cannot_be_kept_leaves_what_there_was),
		cmocka_unit_test(whoever_is_first_keeps_the_promise),
	};

	return cmocka_run_group_tests(tests, open_office, close_office);
}
