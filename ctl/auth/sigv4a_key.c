/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private key is a candidate from NIST SP 800-108's counter mode, the first that is a valid
 * one: for c from 1 to 254, K = HMAC-SHA256("AWS4A" secret, 00000001 algorithm 00 id c 00000100),
 * and d = K + 1 when K <= n - 2. Only its public point is kept.
 */
#include "auth/sigv4a_key.h"

#include "auth/access_key.h"
#include "auth/sha256.h"
#include "http/chars.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

enum {
	CANDIDATES_MAX = 254,
	ID_BYTES_MAX = 64,
	POINT_BYTES = 65,
	SIGNATURE_BYTES_MAX = 72, /* DER of two numbers of 256 bits */
};

#define ALGORITHM "AWS4-ECDSA-P256-SHA256"

/* What the @count-th candidate is the code of. */
static struct str write_message(struct str id, unsigned char count, char *to)
{
	char *p = to;

	memcpy(p, "\0\0\0\1" ALGORITHM, 4 + sizeof(ALGORITHM)); /* with its zero */
	p += 4 + sizeof(ALGORITHM);
	memcpy(p, id.p, id.n);
	p += id.n;
	*p++ = (char)count;
	memcpy(p, "\0\0\1\0", 4);
	return (struct str){ to, (size_t)(p + 4 - to) };
}

/* Is the big-endian @k at most n - 2, for P-256's order n? Not in constant time: it may leak that
 * one candidate in four thousand million was not taken. */
static bool is_candidate(const unsigned char k[SHA256_BYTES])
{
	static const unsigned char order_less_2[SHA256_BYTES] = {
		0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
		0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
	};

	return memcmp(k, order_less_2, SHA256_BYTES) <= 0;
}

/* The public point of the private key @k + 1. */
static bool make_point(const unsigned char k[SHA256_BYTES], unsigned char to[POINT_BYTES])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	BIGNUM *d = BN_bin2bn(k, SHA256_BYTES, NULL);
	bool done = point && d && BN_add_word(d, 1) &&
		    EC_POINT_mul(group, point, d, NULL, NULL, NULL) == 1 &&
		    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, to, POINT_BYTES,
				       NULL) == POINT_BYTES;

	BN_clear_free(d);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return done;
}

static EVP_PKEY *load_point(unsigned char point[POINT_BYTES])
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 5),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, POINT_BYTES),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (!c || EVP_PKEY_fromdata_init(c) != 1 ||
	    EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(c);
	return key;
}

/* The public key that goes with the access key @id and its @secret; NULL: none can be made. */
EVP_PKEY *sigv4a_public_key(struct str id, struct str secret)
{
	char input[5 + ACCESS_KEY_SECRET_BYTES_MAX], message[64 + ID_BYTES_MAX];
	unsigned char k[SHA256_BYTES], point[POINT_BYTES];
	struct hmac_key key;
	EVP_PKEY *result = NULL;
	unsigned count;

	if (id.n > ID_BYTES_MAX || secret.n > ACCESS_KEY_SECRET_BYTES_MAX)
		return NULL;
	memcpy(input, "AWS4A", 5);
	memcpy(input + 5, secret.p, secret.n);
	hmac_key_init(&key, input, 5 + secret.n);
	for (count = 1; count <= CANDIDATES_MAX; count++) {
		hmac(&key, write_message(id, (unsigned char)count, message), k);
		if (is_candidate(k))
			break;
	}
	if (count <= CANDIDATES_MAX && make_point(k, point))
		result = load_point(point);
	explicit_bzero(input, sizeof(input));
	explicit_bzero(&key, sizeof(key));
	explicit_bzero(k, sizeof(k));
	return result;
}

/* Is @signature, DER in hexadecimal, of @text by the owner of @key? */
bool sigv4a_verify(EVP_PKEY *key, struct str text, struct str signature)
{
	unsigned char der[SIGNATURE_BYTES_MAX], digest[SHA256_BYTES];
	EVP_PKEY_CTX *c;
	bool good;
	size_t i;

	if (!signature.n || signature.n % 2 || signature.n / 2 > sizeof(der))
		return false;
	for (i = 0; i < signature.n / 2; i++) {
		int high = char_hex(signature.p[2 * i]), low = char_hex(signature.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		der[i] = (unsigned char)(high << 4 | low);
	}
	sha256(text, digest);
	c = EVP_PKEY_CTX_new(key, NULL);
	good = c && EVP_PKEY_verify_init(c) == 1 &&
	       EVP_PKEY_verify(c, der, signature.n / 2, digest, sizeof(digest)) == 1;
	EVP_PKEY_CTX_free(c);
	return good;
}
