/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority that signs certificates of generated names: local_ca_open(), which makes it when
 * there is none, then local_ca_sign() from any thread. Clients that trust it trust it for names
 * below LOCAL_CA_DOMAIN only: a name constraint in its certificate says so.
 */
#ifndef LATTICE_AUTH_LOCAL_CA_H
#define LATTICE_AUTH_LOCAL_CA_H

#include "io/tls.h"

#include <stdint.h>

#define LOCAL_CA_DOMAIN "on.aws"

/* Days that what it signs is good for. */
enum { LOCAL_CA_LEAF_DAYS = 90 };

struct local_ca;
struct vault;

int local_ca_open(const char *path, const struct vault *v, struct local_ca **ret)
	__attribute__((warn_unused_result));
void local_ca_close(struct local_ca *ca);
int local_ca_sign(const struct local_ca *ca, struct str name, int64_t now,
		  struct tls_credential *ret) __attribute__((warn_unused_result));
struct str local_ca_pem(const struct local_ca *ca);

#endif
