/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading certificates, checking them, and saying what they are. One that is promised has a name
 * and an authority; its key is made by the first thread that needs it, and by a compare-and-swap
 * all threads agree on the one that is kept. The one before stays until the next is made, weeks
 * later, since nobody knows who is just looking at it; nobody looks longer than a call.
 */
#include "auth/certificate.h"

#include "auth/local_ca.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, NAME_BYTES_MAX = 255 };

/* A third of its life: time enough for clocks that are wrong. */
enum { RENEW_SECONDS = LOCAL_CA_LEAF_DAYS / 3 * 24 * 3600 };

/* A credential; of a promise kept, with when that was and what it replaced. */
struct version {
	struct tls_credential is;
	int64_t made_at;
	struct version *before;
};

struct certificate {
	atomic_uint refs;
	_Atomic(struct version *) latest; /* NULL: promised, and not made yet */

	/* of a promised one; set once */
	const struct local_ca *ca;
	struct str name;
	char name_text[NAME_BYTES_MAX];
};

static struct certificate_verdict bad(enum certificate_part part, const char *reason)
{
	ERR_clear_error();
	return (struct certificate_verdict){ part, reason };
}

static const struct certificate_verdict good = { CERTIFICATE_IS_GOOD, NULL };

static void free_version(struct version *v)
{
	if (!v)
		return;
	X509_free(v->is.leaf);
	sk_X509_pop_free(v->is.chain, X509_free);
	EVP_PKEY_free(v->is.key);
	free(v);
}

/* Keys that are encrypted are not asked for their password. */
static int no_password(char *to, int n, int is_writing, void *ctx)
{
	(void)to, (void)n, (void)is_writing;
	*(bool *)ctx = true;
	return -1;
}

/* All certificates of @pem to the end of @to. NULL or what is wrong. */
static const char *read_certificates(struct str pem, STACK_OF(X509) * to)
{
	bool is_encrypted = false;
	const char *why = NULL;
	BIO *b;
	X509 *x;

	if (pem.n > CERTIFICATE_PEM_BYTES_MAX)
		return "is too long";
	b = BIO_new_mem_buf(pem.n ? pem.p : "", (int)pem.n);
	if (!b)
		return "no memory to read it";
	while (!why && (x = PEM_read_bio_X509(b, NULL, no_password, &is_encrypted))) {
		if (sk_X509_num(to) <= CERTIFICATE_CHAIN_MAX && sk_X509_push(to, x))
			continue;
		X509_free(x);
		why = "has more certificates than a chain may have";
	}
	if (!why && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		why = "has a certificate that cannot be read";
	if (!why && !sk_X509_num(to))
		why = "has no certificate in PEM form";
	ERR_clear_error();
	BIO_free(b);
	return why;
}

static const char *check_key(EVP_PKEY *key)
{
	char group[32] = "";
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "RSA"))
		return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX
			       ? NULL
			       : "must have 2048 to 4096 bits when it is an RSA key";
	if (EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	    (str_eq(str_of(group), STR("prime256v1")) || str_eq(str_of(group), STR("secp384r1"))))
		return NULL;
	return "must be an RSA key or one of ECDSA on P-256 or P-384";
}

static const char *read_key(struct str pem, EVP_PKEY **ret)
{
	bool is_encrypted = false;
	EVP_PKEY *key;
	BIO *b;
	const char *why;

	if (pem.n > CERTIFICATE_KEY_BYTES_MAX)
		return "is too long";
	b = BIO_new_mem_buf(pem.n ? pem.p : "", (int)pem.n);
	key = b ? PEM_read_bio_PrivateKey(b, NULL, no_password, &is_encrypted) : NULL;
	BIO_free(b);
	if (is_encrypted)
		why = "must not be encrypted";
	else
		why = key ? check_key(key) : "has no private key in PEM form";
	if (why)
		EVP_PKEY_free(key);
	else
		*ret = key;
	return why;
}

/* Does each certificate sign the one before it? */
static bool is_ordered(X509 *leaf, STACK_OF(X509) * chain)
{
	X509 *of = leaf;
	int i;

	for (i = 0; i < sk_X509_num(chain); i++) {
		X509 *issuer = sk_X509_value(chain, i);

		if (X509_check_issued(issuer, of) != X509_V_OK ||
		    X509_verify(of, X509_get0_pubkey(issuer)) != 1)
			return false;
		of = issuer;
	}
	return true;
}

/* Would TLS take it? It minds what is too weak in ways not looked for here. */
static bool is_usable(const struct tls_credential *c)
{
	SSL_CTX *context = tls_server_new();
	bool is = context && SSL_CTX_use_cert_and_key(context, c->leaf, c->key, c->chain, 1) == 1;

	SSL_CTX_free(context);
	return is;
}

static struct certificate_verdict read_parts(const struct certificate_pem *pem,
					     struct tls_credential *c)
{
	const char *why;

	c->chain = sk_X509_new_null();
	if (!c->chain)
		return bad(CERTIFICATE_LEAF, "no memory to read it");
	why = read_certificates(pem->leaf, c->chain);
	if (why)
		return bad(CERTIFICATE_LEAF, why);
	if (pem->chain.n && sk_X509_num(c->chain) > 1)
		return bad(CERTIFICATE_LEAF, "must have one certificate when a chain is given");
	c->leaf = sk_X509_shift(c->chain);
	why = pem->chain.n ? read_certificates(pem->chain, c->chain) : NULL;
	if (why)
		return bad(CERTIFICATE_CHAIN, why);
	why = read_key(pem->key, &c->key);
	if (why)
		return bad(CERTIFICATE_KEY, why);
	if (X509_check_private_key(c->leaf, c->key) != 1)
		return bad(CERTIFICATE_KEY, "is not the key of the certificate");
	if (!is_ordered(c->leaf, c->chain))
		return bad(pem->chain.n ? CERTIFICATE_CHAIN : CERTIFICATE_LEAF,
			   "must go from the certificate to its issuer, and so on");
	if (!is_usable(c))
		return bad(CERTIFICATE_LEAF, "is too weak, or of a kind that TLS does not use");
	return good;
}

static struct certificate *new_certificate(void)
{
	struct certificate *c = calloc(1, sizeof(*c));

	if (c)
		atomic_init(&c->refs, 1);
	return c;
}

/*
 * Read @pem. When all of it is good *@ret gets the certificate, with one reference, the caller's.
 * Dates are not looked at: see certificate_check().
 */
struct certificate_verdict certificate_read(const struct certificate_pem *pem,
					    struct certificate **ret)
{
	struct version *read = calloc(1, sizeof(*read));
	struct certificate *c = new_certificate();
	struct certificate_verdict v;

	v = read && c ? read_parts(pem, &read->is) : bad(CERTIFICATE_LEAF, "no memory to read it");
	if (v.part != CERTIFICATE_IS_GOOD) {
		free_version(read);
		free(c);
		return v;
	}
	atomic_init(&c->latest, read);
	*ret = c;
	return good;
}

/* What cannot be read is long ago. */
static int64_t seconds_of(const ASN1_TIME *t)
{
	struct tm tm = { 0 };

	ASN1_TIME_to_tm(t, &tm);
	return (int64_t)timegm(&tm);
}

/* Is it, with its chain, valid at @now? */
struct certificate_verdict certificate_check(const struct certificate *c, int64_t now)
{
	const struct tls_credential *has = &atomic_load(&c->latest)->is;
	int i;

	if (seconds_of(X509_get0_notAfter(has->leaf)) <= now)
		return bad(CERTIFICATE_LEAF, "has expired");
	if (seconds_of(X509_get0_notBefore(has->leaf)) > now)
		return bad(CERTIFICATE_LEAF, "is not valid yet");
	for (i = 0; i < sk_X509_num(has->chain); i++) {
		X509 *x = sk_X509_value(has->chain, i);

		if (seconds_of(X509_get0_notAfter(x)) <= now)
			return bad(CERTIFICATE_CHAIN, "has a certificate that has expired");
	}
	return good;
}

/* One for the DNS name @name that @ca, which outlives it, will sign when needed. NULL: no memory.
 */
struct certificate *certificate_promise(const struct local_ca *ca, struct str name)
{
	struct certificate *c = name.n <= NAME_BYTES_MAX ? new_certificate() : NULL;

	if (!c)
		return NULL;
	c->ca = ca;
	memcpy(c->name_text, name.p, name.n);
	c->name = (struct str){ c->name_text, name.n };
	return c;
}

/* Does anyone but the caller hold a reference? */
bool certificate_is_shared(const struct certificate *c)
{
	return atomic_load_explicit(&c->refs, memory_order_acquire) > 1;
}

/* Take one more reference. */
struct certificate *certificate_get(struct certificate *c)
{
	/* Whoever calls holds a reference already, so nothing needs to be ordered. */
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

/* Drop a reference, from any thread. NULL is fine. */
void certificate_put(struct certificate *c)
{
	struct version *latest;

	/* As in snapshot_put(): all uses come before the free. */
	if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
		return;
	latest = atomic_load(&c->latest);
	if (latest)
		free_version(latest->before);
	free_version(latest);
	free(c);
}

/* Make a version in the place of @before, which may be NULL; what is latest then, or NULL. */
static struct version *keep_promise(struct certificate *c, struct version *before, int64_t now)
{
	struct version *mine = calloc(1, sizeof(*mine)), *found = before;

	if (!mine || local_ca_sign(c->ca, c->name, now, &mine->is)) {
		free(mine);
		return before;
	}
	mine->made_at = now;
	mine->before = before;
	/* Pairs with the load in certificate_credential(): who sees it sees it whole. */
	if (!atomic_compare_exchange_strong_explicit(&c->latest, &found, mine, memory_order_acq_rel,
						     memory_order_acquire)) {
		free_version(mine);
		return found;
	}
	if (before) {
		free_version(before->before);
		before->before = NULL;
	}
	return mine;
}

/*
 * What @c proves at @now, good for the caller's next moment while it holds a reference to @c; NULL
 * when it cannot be made.
 */
const struct tls_credential *certificate_credential(struct certificate *c, int64_t now)
{
	struct version *v = atomic_load_explicit(&c->latest, memory_order_acquire);

	if (c->ca && (!v || now - v->made_at > RENEW_SECONDS))
		v = keep_promise(c, v, now);
	return v ? &v->is : NULL;
}

/* Is @pattern, a certificate's name, for @name? A wildcard stands for one whole label. */
bool certificate_name_covers(struct str pattern, struct str name)
{
	struct str_cut c = str_cut(name, '.');

	if (str_eq_nocase(pattern, name))
		return name.n > 0;
	return c.found && c.head.n && str_starts(pattern, STR("*.")) &&
	       str_eq_nocase(str_skip(pattern, 2), c.tail);
}

static struct str copy_asn1(struct arena *a, const ASN1_STRING *s)
{
	return arena_copy(a, (struct str){ (const char *)ASN1_STRING_get0_data(s),
					   (size_t)ASN1_STRING_length(s) });
}

/* What is no name is left out: a zero byte in it could end it early for others. */
static bool is_printable(const ASN1_STRING *s)
{
	const unsigned char *p = ASN1_STRING_get0_data(s);
	int i;

	for (i = 0; i < ASN1_STRING_length(s); i++)
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	return i > 0;
}

static bool add_name(struct certificate_facts *f, struct arena *a, const ASN1_STRING *s)
{
	if (f->name_count == CERTIFICATE_NAMES_MAX || !is_printable(s))
		return true;
	f->names[f->name_count] = copy_asn1(a, s);
	return f->names[f->name_count++].p;
}

/* The DNS names of @x: those among its alternative names, or the common name without any. */
static bool add_names(struct certificate_facts *f, struct arena *a, X509 *x)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	X509_NAME *subject = X509_get_subject_name(x);
	bool done = true;
	int i;

	for (i = 0; done && i < sk_GENERAL_NAME_num(names); i++) {
		GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);

		if (n->type == GEN_DNS)
			done = add_name(f, a, n->d.dNSName);
	}
	GENERAL_NAMES_free(names);
	i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (done && !f->name_count && i >= 0)
		done = add_name(f, a, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)));
	return done;
}

static struct str issuer_of(struct arena *a, X509 *x)
{
	BIO *b = BIO_new(BIO_s_mem());
	struct str s = { 0 };
	char *p;
	long n;

	if (b && X509_NAME_print_ex(b, X509_get_issuer_name(x), 0, XN_FLAG_RFC2253) >= 0) {
		n = BIO_get_mem_data(b, &p);
		s = arena_copy(a, (struct str){ p, (size_t)n });
	}
	BIO_free(b);
	return s;
}

static struct str serial_of(struct arena *a, X509 *x)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = n ? BN_bn2hex(n) : NULL;
	struct str s = { 0 };

	if (hex)
		s = arena_copy(a, str_of(hex));
	OPENSSL_free(hex);
	BN_free(n);
	return s;
}

static struct str algorithm_of(struct arena *a, EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "RSA"))
		return arena_printf(a, "RSA_%d", bits);
	return bits == 256 ? STR("EC_prime256v1") : STR("EC_secp384r1");
}

/* What there is to say of @c, which was read. 0 or -1 when the arena is spent. */
int certificate_facts(const struct certificate *c, struct arena *a, struct certificate_facts *ret)
{
	const struct tls_credential *has = &atomic_load(&c->latest)->is;

	*ret = (struct certificate_facts){
		.issuer = issuer_of(a, has->leaf),
		.serial = serial_of(a, has->leaf),
		.key_algorithm = algorithm_of(a, has->key),
		.not_before = seconds_of(X509_get0_notBefore(has->leaf)),
		.not_after = seconds_of(X509_get0_notAfter(has->leaf)),
	};
	if (!add_names(ret, a, has->leaf) || !ret->issuer.p || !ret->serial.p ||
	    !ret->key_algorithm.p)
		return -1;
	return 0;
}
