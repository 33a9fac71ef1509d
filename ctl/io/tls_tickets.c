/* SPDX-License-Identifier: Apache-2.0 */
/* Session ticket keys: AES-256-CBC under HMAC-SHA256, as RFC 5077 recommends. */
#include "io/tls_tickets.h"

#include "base/rand.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

enum { OPENS_NOT = 0, OPENS = 1, OPENS_BUT_IS_OLD = 2, FAILS = -1 };

/* A new key seals from now on; the oldest is gone. */
void tls_tickets_rotate(struct tls_tickets *t)
{
	memmove(&t->key[1], &t->key[0], sizeof(t->key) - sizeof(t->key[0]));
	rand_bytes(&t->key[0], sizeof(t->key[0]));
	if (t->count < TLS_TICKET_KEYS)
		t->count++;
}

/* Forget all keys. */
void tls_tickets_wipe(struct tls_tickets *t)
{
	OPENSSL_cleanse(t, sizeof(*t));
}

static int start(const struct tls_ticket_key *k, unsigned char *iv, EVP_CIPHER_CTX *cipher,
		 EVP_MAC_CTX *mac, int is_sealing)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)k->mac,
						  sizeof(k->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"sha256", 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, k->cipher, iv, is_sealing) == 1 &&
	       EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int seal(const struct tls_ticket_key *k, unsigned char *name, unsigned char *iv,
		EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	memcpy(name, k->name, sizeof(k->name));
	rand_bytes(iv, (size_t)EVP_CIPHER_get_iv_length(EVP_aes_256_cbc()));
	return start(k, iv, cipher, mac, 1) ? OPENS : FAILS;
}

/* What OpenSSL wants to hear: sealed or opened, opened and to be sealed anew, unknown, failed. */
int tls_tickets_use(const struct tls_tickets *t, unsigned char *name, unsigned char *iv,
		    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_sealing)
{
	unsigned i;

	if (!t || !t->count)
		return OPENS_NOT;
	if (is_sealing)
		return seal(&t->key[0], name, iv, cipher, mac);
	for (i = 0; i < t->count; i++) {
		if (memcmp(name, t->key[i].name, sizeof(t->key[i].name)) != 0)
			continue;
		if (!start(&t->key[i], iv, cipher, mac, 0))
			return FAILS;
		return i ? OPENS_BUT_IS_OLD : OPENS;
	}
	return OPENS_NOT;
}
