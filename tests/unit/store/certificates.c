/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates kept from one snapshot to the next, and let go with the last that uses them. */
#include "store/certificates.c"

#include "auth/local_ca.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "../auth/pki.h"

struct fixture {
	char dir[32], db[64], key[64], ca_path[64];
	struct store *store;
	struct vault *vault;
	struct local_ca *ca;
	struct certificates *all;
	struct arena arena;
	struct fault fault;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	memcpy(f->dir, "/tmp/certs-XXXXXX", sizeof("/tmp/certs-XXXXXX"));
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->db, sizeof(f->db), "%s/db", f->dir);
	snprintf(f->key, sizeof(f->key), "%s/key", f->dir);
	snprintf(f->ca_path, sizeof(f->ca_path), "%s/ca", f->dir);
	assert_int_equal(store_open_sqlite(f->db, &f->store, &f->fault), 0);
	assert_int_equal(vault_open(f->key, &f->vault), 0);
	assert_int_equal(local_ca_open(f->ca_path, f->vault, &f->ca), 0);
	f->all = certificates_new(f->vault, f->ca);
	arena_init(&f->arena, 1 << 24);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char wal[80];

	certificates_free(f->all);
	arena_fini(&f->arena);
	local_ca_close(f->ca);
	vault_close(f->vault);
	store_close(f->store);
	snprintf(wal, sizeof(wal), "%s-wal", f->db);
	unlink(wal);
	unlink(f->db);
	unlink(f->key);
	unlink(f->ca_path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static const struct str id = { "01234567-0123-4123-8123-0123456789ab", 36 };

static void change(struct fixture *f, enum store_action action, struct record *r)
{
	const struct store_change c = { .action = action, .record = r, .id = id };

	assert_int_equal(store_begin(f->store, true, &f->fault), 0);
	assert_int_equal(store_change(f->store, &c, &f->fault), 0);
	assert_int_equal(store_end(f->store, true, &f->fault), 0);
}

/* Store a new certificate, its key sealed for @label, with @action. */
static void put(struct fixture *f, enum store_action action, struct str label, uint64_t at_ms)
{
	struct pki p = pki_make(&(struct pki_wish){ .common_name = "cart.example" });
	struct str key = pki_key_pem(&f->arena, p.key, NULL);
	cJSON *body = cJSON_CreateObject();
	struct record r = { .kind = KIND_CERTIFICATE,
			    .id = id,
			    .account = STR("123456789012"),
			    .created_ms = at_ms,
			    .updated_ms = at_ms };
	char *text;

	cJSON_AddStringToObject(body, "certificate", arena_cstr(&f->arena, pki_pem(&f->arena, &p)));
	cJSON_AddStringToObject(body, "sealedKey", vault_seal(f->vault, &f->arena, label, key).p);
	text = cJSON_PrintUnformatted(body);
	r.body = str_of(text);
	change(f, action, &r);
	cJSON_free(text);
	cJSON_Delete(body);
	pki_fini(&p);
}

static void refresh(struct fixture *f)
{
	assert_int_equal(store_begin(f->store, false, &f->fault), 0);
	assert_int_equal(certificates_refresh(f->all, f->store, &f->fault), 0);
	assert_int_equal(store_end(f->store, false, &f->fault), 0);
}

static void finds_what_is_stored_and_what_replaced_it(void **state)
{
	struct fixture *f = *state;
	struct certificate *first;

	refresh(f);
	assert_null(certificates_find(f->all, id));
	put(f, STORE_INSERT, id, 1);
	refresh(f);
	first = certificates_find(f->all, id);
	assert_non_null(first);
	refresh(f);
	assert_ptr_equal(certificates_find(f->all, id), first); /* read once */
	certificate_get(first);
	put(f, STORE_UPDATE, id, 2);
	refresh(f);
	assert_non_null(certificates_find(f->all, id));
	assert_ptr_not_equal(certificates_find(f->all, id), first);
	assert_false(certificate_is_shared(first)); /* ours alone */
	certificate_put(first);
	change(f, STORE_DELETE, NULL);
	refresh(f);
	assert_null(certificates_find(f->all, id));
}

static void a_key_of_another_record_is_not_used(void **state)
{
	struct fixture *f = *state;

	put(f, STORE_INSERT, STR("another"), 1);
	refresh(f);
	assert_null(certificates_find(f->all, id));
	put(f, STORE_UPDATE, id, 2);
	refresh(f);
	assert_non_null(certificates_find(f->all, id));
}

static void promises_once_a_name_while_it_is_used(void **state)
{
	struct fixture *f = *state;
	struct certificate *c = certificates_promise(f->all, STR("cart.on.aws"));
	int i;

	assert_non_null(c);
	assert_ptr_equal(certificates_promise(f->all, STR("cart.on.aws")), c);
	assert_ptr_not_equal(certificates_promise(f->all, STR("other.on.aws")), c);
	certificate_get(c);
	for (i = 0; i < 2 * SWEEP_EVERY; i++)
		refresh(f);
	assert_ptr_equal(find(f->all, STR("cart.on.aws"))->certificate, c);
	assert_null(find(f->all, STR("other.on.aws")));
	certificate_put(c);
}

static void fills_services_with_https_only(void **state)
{
	struct fixture *f = *state;
	struct snap_listener l = { .kind = SNAP_LISTENER_HTTP };
	struct snap_service s = { .dns_name = STR("cart.on.aws"),
				  .listeners = &l,
				  .listener_count = 1 };
	cJSON *body = cJSON_CreateObject();
	struct arena snapshot;

	cJSON_AddStringToObject(body, "certificateArn",
				"arn:aws:acm:us-east-1:123456789012:certificate/"
				"01234567-0123-4123-8123-0123456789ab");
	put(f, STORE_INSERT, id, 1);
	refresh(f);
	arena_init(&snapshot, 4096);
	assert_true(certificates_fill(f->all, &snapshot, body, &s));
	assert_null(s.own_certificate);
	l.kind = SNAP_LISTENER_HTTPS;
	assert_true(certificates_fill(f->all, &snapshot, body, &s));
	assert_ptr_equal(s.certificate, certificates_find(f->all, id));
	assert_non_null(s.own_certificate);
	assert_true(certificate_is_shared(s.certificate));
	arena_fini(&snapshot);
	assert_false(certificate_is_shared(certificates_find(f->all, id)));
	arena_init(&snapshot, 0);
	assert_false(certificates_fill(f->all, &snapshot, body, &s));
	arena_fini(&snapshot);
	cJSON_Delete(body);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(finds_what_is_stored_and_what_replaced_it),
		CASE(a_key_of_another_record_is_not_used),
		CASE(promises_once_a_name_while_it_is_used),
		CASE(fills_services_with_https_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
