/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates of a store, ready for use: read and unsealed once, not with each snapshot.
 * certificates_refresh() in a transaction, then certificates_find() for those that were imported
 * and certificates_promise() for generated names. Belongs to the control thread; what it gives is
 * borrowed until the next refresh, and counted by whoever keeps it.
 */
#ifndef LATTICE_STORE_CERTIFICATES_H
#define LATTICE_STORE_CERTIFICATES_H

#include "auth/certificate.h"
#include "model/snapshot.h"
#include "store/store.h"

struct cJSON;
struct certificates;
struct vault;

/* Both outlive it. */
struct certificates *certificates_new(const struct vault *v, const struct local_ca *ca);
void certificates_free(struct certificates *all);

int certificates_refresh(struct certificates *all, struct store *s, struct fault *fault);
struct certificate *certificates_find(const struct certificates *all, struct str id);
struct certificate *certificates_promise(struct certificates *all, struct str name);

/* Give @s, whose record has @body and whose listeners are filled, what it shows. False: no memory.
 */
bool certificates_fill(struct certificates *all, struct arena *a, const struct cJSON *body,
		       struct snap_service *s);

#endif
