/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM with a random nonce a secret, the label as associated data. The key file holds the
 * 32 bytes of the key and nothing else, and is its owner's alone.
 */
#include "auth/vault.h"

#include "base/rand.h"
#include "base/scoped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NONCE_BYTES = 12,
	TAG_BYTES = 16,
	AROUND_BYTES = NONCE_BYTES + TAG_BYTES,
	SECRET_BYTES_MAX = 1 << 20,
};

/* In a mapping of its own, which no core dump holds. */
struct vault {
	unsigned char key[VAULT_KEY_BYTES];
};

static struct vault *new_vault(void)
{
	struct vault *v =
		mmap(NULL, sizeof(*v), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (v == MAP_FAILED)
		return NULL;
	madvise(v, sizeof(*v), MADV_DONTDUMP);
	return v;
}

/* Read the key from @fd, whose file must be private and of the right size. 0 or -errno. */
static int read_key(int fd, unsigned char key[VAULT_KEY_BYTES])
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
		return -EPERM;
	if (st.st_size != VAULT_KEY_BYTES)
		return -EINVAL;
	return read(fd, key, VAULT_KEY_BYTES) == VAULT_KEY_BYTES ? 0 : -EIO;
}

static int write_key(int fd)
{
	unsigned char key[VAULT_KEY_BYTES];
	ssize_t n;

	rand_bytes(key, sizeof(key));
	n = write(fd, key, sizeof(key));
	OPENSSL_cleanse(key, sizeof(key));
	if (n != VAULT_KEY_BYTES || fsync(fd))
		return n < 0 ? -errno : -EIO;
	return 0;
}

/*
 * A new key at @path, whole or not at all: it is made beside and then linked, which fails when
 * there is one already. 0 or -errno.
 */
static int make_key(const char *path)
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
	err = write_key(fd);
	if (!err && link(beside, path) && errno != EEXIST)
		err = -errno;
	unlink(beside);
	return err;
}

/*
 * The vault whose key is in the file at @path, which is made when there is none. 0 or -errno:
 * -EPERM when others than its owner may read it, -EINVAL when it is not a key.
 */
int vault_open(const char *path, struct vault **ret)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
	struct vault *v = new_vault();
	SCOPED_FD fd = -1;
	int err;

	if (!v)
		return -ENOMEM;
	fd = open(path, flags);
	if (fd < 0 && errno == ENOENT) {
		err = make_key(path);
		if (err)
			goto err_vault;
		fd = open(path, flags);
	}
	err = fd < 0 ? -errno : read_key(fd, v->key);
	if (err)
		goto err_vault;
	*ret = v;
	return 0;

err_vault:
	vault_close(v);
	return err;
}

/* A vault with a key that is kept elsewhere, which is copied; NULL without memory. */
struct vault *vault_new(const unsigned char key[VAULT_KEY_BYTES])
{
	struct vault *v = new_vault();

	if (v)
		memcpy(v->key, key, sizeof(v->key));
	return v;
}

/* Forget the key. NULL is fine. */
void vault_close(struct vault *v)
{
	if (!v)
		return;
	OPENSSL_cleanse(v, sizeof(*v));
	munmap(v, sizeof(*v));
}

/*
 * One run of the cipher over @in. @around is the nonce and behind it the tag, which sealing writes
 * and unsealing compares.
 */
static bool run(const struct vault *v, unsigned char *around, struct str label, struct str in,
		unsigned char *out, bool is_sealing)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;
	bool done;

	if (!c)
		return false;
	done = EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, v->key, around, is_sealing) == 1 &&
	       EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)label.p, (int)label.n) == 1 &&
	       EVP_CipherUpdate(c, out, &n, (const unsigned char *)in.p, (int)in.n) == 1;
	if (done && !is_sealing)
		done = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
					   around + NONCE_BYTES) == 1;
	if (done)
		done = EVP_CipherFinal_ex(c, out + n, &n) == 1;
	if (done && is_sealing)
		done = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
					   around + NONCE_BYTES) == 1;
	EVP_CIPHER_CTX_free(c);
	return done;
}

/* @secret as text that says nothing without the key; p is NULL without memory. */
struct str vault_seal(const struct vault *v, struct arena *a, struct str label, struct str secret)
{
	struct str none = { 0 };
	size_t n = AROUND_BYTES + secret.n, text_n = (n + 2) / 3 * 4;
	unsigned char *raw, *text;

	if (secret.n > SECRET_BYTES_MAX || label.n > SECRET_BYTES_MAX)
		return none;
	raw = arena_new(a, unsigned char, n);
	text = arena_new(a, unsigned char, text_n + 1);
	if (!raw || !text)
		return none;
	rand_bytes(raw, NONCE_BYTES);
	if (!run(v, raw, label, secret, raw + AROUND_BYTES, true))
		return none;
	EVP_EncodeBlock(text, raw, (int)n);
	return (struct str){ (char *)text, text_n };
}

/* The bytes of base64 @text, which is not empty, *@ret_n of them; only one text stands for them.
 * NULL: it is not. */
static unsigned char *decode(struct arena *a, struct str text, size_t *ret_n)
{
	size_t n = text.n / 4 * 3, padding = 0;
	unsigned char *raw = arena_new(a, unsigned char, n + 1);
	unsigned char *again = arena_new(a, unsigned char, text.n + 1);

	if (!raw || !again || text.n % 4 ||
	    EVP_DecodeBlock(raw, (const unsigned char *)text.p, (int)text.n) != (int)n)
		return NULL;
	while (padding < 2 && text.p[text.n - 1 - padding] == '=')
		padding++;
	*ret_n = n - padding;
	EVP_EncodeBlock(again, raw, (int)*ret_n);
	return memcmp(again, text.p, text.n) == 0 ? raw : NULL;
}

/*
 * The secret in @sealed, in the arena; whoever is done with it wipes it. 0, -EBADMSG when it was
 * not sealed with this key under this label, or -ENOMEM.
 */
int vault_unseal(const struct vault *v, struct arena *a, struct str label, struct str sealed,
		 struct str *ret)
{
	unsigned char *raw, *plain;
	size_t n;

	if (!sealed.n || sealed.n > 2 * SECRET_BYTES_MAX || label.n > SECRET_BYTES_MAX)
		return -EBADMSG;
	raw = decode(a, sealed, &n);
	if (!raw || n < AROUND_BYTES)
		return -EBADMSG;
	n -= AROUND_BYTES;
	plain = arena_new(a, unsigned char, n + 1);
	if (!plain)
		return -ENOMEM;
	if (!run(v, raw, label, (struct str){ (char *)raw + AROUND_BYTES, n }, plain, false)) {
		OPENSSL_cleanse(plain, n);
		return -EBADMSG;
	}
	plain[n] = 0;
	*ret = (struct str){ (char *)plain, n };
	return 0;
}
