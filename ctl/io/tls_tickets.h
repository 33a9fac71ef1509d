/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that session tickets are sealed with. One thread makes them, tls_tickets_rotate() once
 * a period, and gives each reader a copy: a ticket sealed by one worker is opened by any other. A
 * key that is too old is wiped, and with it goes all that was sealed under it.
 */
#ifndef LATTICE_IO_TLS_TICKETS_H
#define LATTICE_IO_TLS_TICKETS_H

#include <openssl/types.h>

/* Tickets live as long as two periods: that of their key and the one after it. */
enum { TLS_TICKET_KEYS = 2, TLS_TICKET_SECONDS = 12 * 3600 };

struct tls_ticket_key {
	unsigned char name[16], cipher[32], mac[32];
};

/* key[0] seals; any opens. All-zero, no key, seals and opens nothing. */
struct tls_tickets {
	unsigned count;
	struct tls_ticket_key key[TLS_TICKET_KEYS];
};

void tls_tickets_rotate(struct tls_tickets *t);
void tls_tickets_wipe(struct tls_tickets *t);

/* For SSL_CTX_set_tlsext_ticket_key_evp_cb(), with @t found by the caller. */
int tls_tickets_use(const struct tls_tickets *t, unsigned char *name, unsigned char *iv,
		    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_sealing);

#endif
