/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file holds the authority's key and certificate: PEM, sealed as secrets in the store are. It
 * is its owner's alone, and made whole or not at all. A file from before they were sealed is
 * replaced when it was read. Keys are ECDSA on P-256: a signature costs a worker some ten
 * microseconds.
 */
#include "auth/local_ca.h"

#include "auth/vault.h"
#include "base/buf.h"
#include "base/rand.h"
#include "base/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CA_DAYS = 3650,
	DAY_SECONDS = 24 * 3600,
	CLOCK_SKEW_SECONDS = 3600, /* clients whose clock is behind */
	SERIAL_BYTES = 16,
	FILE_BYTES_MAX = 16 * 1024,
	SEALING_BYTES_MAX = 8 * FILE_BYTES_MAX, /* of memory, while it is sealed or unsealed */
	NAME_BYTES_MAX = 255,
};

/* What the file is sealed under, and how one begins that is not. */
#define LABEL STR("local-ca")
#define PLAIN STR("-----BEGIN ")

struct local_ca {
	X509 *certificate;
	EVP_PKEY *key;
	struct buf pem; /* the certificate */
};

/* A serial number that no other has: 127 random bits. */
static bool set_serial(X509 *x)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *n;
	bool done;

	rand_bytes(bytes, sizeof(bytes));
	bytes[0] = (bytes[0] & 0x7f) | 0x40;
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	done = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return done;
}

static bool set_name(X509_NAME *to, const char *common_name)
{
	return X509_NAME_add_entry_by_txt(to, "O", MBSTRING_ASC, (const unsigned char *)"Lattice",
					  -1, -1, 0) == 1 &&
	       X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_ASC,
					  (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static bool add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *e;
	bool done;

	X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	done = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return done;
}

/* An unsigned certificate of @key, or NULL. */
static X509 *new_certificate(EVP_PKEY *key, const char *common_name, int64_t now, int days)
{
	X509 *x = X509_new();
	time_t from = (time_t)(now - CLOCK_SKEW_SECONDS);
	time_t to = (time_t)(now + (int64_t)days * DAY_SECONDS);

	if (x && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    set_name(X509_get_subject_name(x), common_name) &&
	    X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &from) &&
	    X509_time_adj_ex(X509_getm_notAfter(x), 0, 0, &to) && X509_set_pubkey(x, key) == 1)
		return x;
	X509_free(x);
	return NULL;
}

static bool make(struct local_ca *ca)
{
	char name[] = "Lattice local CA 00000000";
	X509 *x;

	rand_hex(name + sizeof(name) - 9, 8);
	ca->key = EVP_EC_gen("P-256");
	if (!ca->key)
		return false;
	x = ca->certificate = new_certificate(ca->key, name, (int64_t)time(NULL), CA_DAYS);
	return x && X509_set_issuer_name(x, X509_get_subject_name(x)) == 1 &&
	       add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	       add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	       add_extension(x, x, NID_name_constraints,
			     "critical,permitted;DNS:" LOCAL_CA_DOMAIN) &&
	       add_extension(x, x, NID_subject_key_identifier, "hash") &&
	       X509_sign(x, ca->key, EVP_sha256()) > 0;
}

static int write_all(int fd, struct str text)
{
	ssize_t done = write(fd, text.p, text.n);

	if (done < 0 || fsync(fd))
		return -errno;
	return done == (ssize_t)text.n ? 0 : -EIO;
}

/* A file at @path that holds @text, written beside it first: a file that is there is whole. */
static int replace(const char *path, struct str text)
{
	char beside[PATH_MAX];
	SCOPED_FD fd = -1;
	int err;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text);
	if (!err && rename(beside, path))
		err = -errno;
	if (err)
		unlink(beside);
	return err;
}

static int write_sealed(const struct vault *v, BIO *pem, const char *path)
{
	struct arena a;
	struct str sealed;
	char *p;
	long n = BIO_get_mem_data(pem, &p);
	int err;

	arena_init(&a, SEALING_BYTES_MAX);
	sealed = vault_seal(v, &a, LABEL, (struct str){ p, (size_t)n });
	err = sealed.p ? replace(path, sealed) : -ENOMEM;
	arena_fini(&a);
	return err;
}

/* Write @ca to @path, sealed by @v. 0 or -errno. */
static int save(const struct local_ca *ca, const struct vault *v, const char *path)
{
	BIO *pem = BIO_new(BIO_s_secmem());
	int err = -ENOMEM;

	if (pem && PEM_write_bio_PKCS8PrivateKey(pem, ca->key, NULL, NULL, 0, NULL, NULL) == 1 &&
	    PEM_write_bio_X509(pem, ca->certificate) == 1)
		err = write_sealed(v, pem, path);
	BIO_free(pem);
	return err;
}

/* Never ask a terminal. */
static int no_password(char *to, int n, int is_writing, void *ctx)
{
	(void)to, (void)n, (void)is_writing, (void)ctx;
	return -1;
}

static int read_file(int fd, char *to, size_t *ret_n)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
		return -EPERM;
	n = read(fd, to, FILE_BYTES_MAX);
	if (n < 0)
		return -errno;
	*ret_n = (size_t)n;
	return n < FILE_BYTES_MAX ? 0 : -EFBIG;
}

static int parse(struct local_ca *ca, struct str text)
{
	BIO *pem = BIO_new_mem_buf(text.p, (int)text.n);
	int err = 0;

	if (!pem)
		return -ENOMEM;
	ca->key = PEM_read_bio_PrivateKey(pem, NULL, no_password, NULL);
	ca->certificate = PEM_read_bio_X509(pem, NULL, no_password, NULL);
	if (!ca->key || !ca->certificate || X509_check_private_key(ca->certificate, ca->key) != 1)
		err = -EINVAL;
	BIO_free(pem);
	return err;
}

static int load(struct local_ca *ca, const struct vault *v, int fd, bool *ret_is_plain)
{
	char text[FILE_BYTES_MAX];
	struct arena unsealed;
	struct str pem = { text, 0 };
	int err = read_file(fd, text, &pem.n);

	arena_init(&unsealed, SEALING_BYTES_MAX);
	unsealed.wipes = true;
	*ret_is_plain = str_starts(pem, PLAIN);
	if (!err && !*ret_is_plain)
		err = vault_unseal(v, &unsealed, LABEL, pem, &pem);
	if (!err)
		err = parse(ca, pem);
	arena_fini(&unsealed);
	OPENSSL_cleanse(text, sizeof(text));
	return err;
}

static int write_pem(struct local_ca *ca)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long n;

	buf_init(&ca->pem, FILE_BYTES_MAX);
	if (!b || PEM_write_bio_X509(b, ca->certificate) != 1) {
		BIO_free(b);
		return -ENOMEM;
	}
	n = BIO_get_mem_data(b, &p);
	buf_add(&ca->pem, (struct str){ p, (size_t)n });
	BIO_free(b);
	return ca->pem.failed ? -ENOMEM : 0;
}

static int load_or_make(struct local_ca *ca, const struct vault *v, const char *path)
{
	SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool is_plain = false;
	int err;

	if (fd >= 0)
		err = load(ca, v, fd, &is_plain);
	else if (errno == ENOENT)
		return make(ca) ? save(ca, v, path) : -ENOMEM;
	else
		return -errno;
	return !err && is_plain ? save(ca, v, path) : err;
}

/*
 * The authority in the file at @path, sealed by @v, which is made when there is none. 0 or -errno:
 * -EPERM when others than its owner may read it, -EBADMSG when it was sealed with another key,
 * -EINVAL when it holds no key with its certificate.
 */
int local_ca_open(const char *path, const struct vault *v, struct local_ca **ret)
{
	struct local_ca *ca = calloc(1, sizeof(*ca));
	int err;

	if (!ca)
		return -ENOMEM;
	err = load_or_make(ca, v, path);
	if (!err)
		err = write_pem(ca);
	if (err) {
		local_ca_close(ca);
		return err;
	}
	*ret = ca;
	return 0;
}

/* NULL is fine. */
void local_ca_close(struct local_ca *ca)
{
	if (!ca)
		return;
	X509_free(ca->certificate);
	EVP_PKEY_free(ca->key);
	buf_fini(&ca->pem);
	free(ca);
}

/* Its certificate in PEM, as long as @ca; what clients trust. */
struct str local_ca_pem(const struct local_ca *ca)
{
	return buf_str(&ca->pem);
}

static bool sign(const struct local_ca *ca, X509 *x, const char *alt_name)
{
	return X509_set_issuer_name(x, X509_get_subject_name(ca->certificate)) == 1 &&
	       add_extension(x, ca->certificate, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, ca->certificate, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(x, ca->certificate, NID_ext_key_usage, "serverAuth") &&
	       add_extension(x, ca->certificate, NID_subject_alt_name, alt_name) &&
	       add_extension(x, ca->certificate, NID_authority_key_identifier, "keyid") &&
	       X509_sign(x, ca->key, EVP_sha256()) > 0;
}

/*
 * A new key and a certificate for the DNS name @name, valid from @now; both the caller's to free.
 * 0, -EINVAL for what is no name, or -ENOMEM.
 */
int local_ca_sign(const struct local_ca *ca, struct str name, int64_t now,
		  struct tls_credential *ret)
{
	struct tls_credential made = { 0 };
	char alt_name[NAME_BYTES_MAX + 8];

	/* A comma would begin another name. */
	if (!name.n || name.n > NAME_BYTES_MAX || memchr(name.p, ',', name.n) ||
	    memchr(name.p, 0, name.n))
		return -EINVAL;
	snprintf(alt_name, sizeof(alt_name), "DNS:" STR_FMT, STR_ARG(name));
	made.key = EVP_EC_gen("P-256");
	if (made.key)
		made.leaf = new_certificate(made.key, "Lattice service", now, LOCAL_CA_LEAF_DAYS);
	if (!made.leaf || !sign(ca, made.leaf, alt_name)) {
		X509_free(made.leaf);
		EVP_PKEY_free(made.key);
		return -ENOMEM;
	}
	*ret = made;
	return 0;
}
