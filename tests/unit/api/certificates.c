/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates over the API: import, replace, use by a service, and what is never shown. */
#include "api/certificates.c"

#include "conversation.h"

#include "../auth/pki.h"

struct world {
	struct fixture *f;
	struct vault *vault;
	struct local_ca *ca;
	struct arena arena;
	struct str pem, key, next_pem, next_key;
	char dir[32], key_path[64], ca_path[64];
};

static struct world w;

static void make_pem(const struct pki_wish *wish, struct str *ret_pem, struct str *ret_key)
{
	struct pki p = pki_make(wish);

	*ret_pem = pki_pem(&w.arena, &p);
	*ret_key = pki_key_pem(&w.arena, p.key, NULL);
	pki_fini(&p);
}

static int open_world(void **state)
{
	setup(state);
	memset(&w, 0, sizeof(w));
	w.f = *state;
	arena_init(&w.arena, 1 << 22);
	memcpy(w.dir, "/tmp/tls-XXXXXX", sizeof("/tmp/tls-XXXXXX"));
	assert_non_null(mkdtemp(w.dir));
	snprintf(w.key_path, sizeof(w.key_path), "%s/key", w.dir);
	snprintf(w.ca_path, sizeof(w.ca_path), "%s/ca", w.dir);
	assert_int_equal(vault_open(w.key_path, &w.vault), 0);
	assert_int_equal(local_ca_open(w.ca_path, w.vault, &w.ca), 0);
	w.f->on.vault = w.vault;
	w.f->on.ca = w.ca;
	make_pem(&(struct pki_wish){ .common_name = "x", .alt_names = "DNS:cart.example" }, &w.pem,
		 &w.key);
	make_pem(&(struct pki_wish){ .common_name = "x", .alt_names = "DNS:*.example" },
		 &w.next_pem, &w.next_key);
	return 0;
}

static int close_world(void **state)
{
	vault_close(w.vault);
	local_ca_close(w.ca);
	arena_fini(&w.arena);
	unlink(w.key_path);
	unlink(w.ca_path);
	rmdir(w.dir);
	return teardown(state);
}

/* Import; @more are further members, with a comma before them. */
static unsigned import(struct str pem, struct str key, const char *more)
{
	struct buf body;
	unsigned status;

	buf_init(&body, 1 << 20);
	buf_add_lit(&body, "{\"certificate\":");
	json_write_str(&body, pem);
	buf_add_lit(&body, ",\"privateKey\":");
	json_write_str(&body, key);
	buf_addf(&body, "%s}", more);
	buf_add_char(&body, '\0');
	status = ask(w.f, "POST", "/lattice/v1/certificates", body.p + body.start);
	buf_fini(&body);
	return status;
}

static bool answer_has(const char *words)
{
	struct str body = buf_str(&w.f->reply.body);

	return memmem(body.p, body.n, words, strlen(words)) != NULL;
}

static void imports_and_shows(void **state)
{
	char id[64];

	(void)state;
	assert_int_equal(import(w.pem, w.key, ",\"tags\":{\"team\":\"shop\"}"), 201);
	keep_id(w.f, id);
	assert_int_equal(strlen(id), 36);
	assert_string_equal(text(w.f, "arn"),
			    fmt("arn:aws:acm:us-east-1:123456789012:certificate/%s", id));
	assert_string_equal(text(w.f, "domainName"), "cart.example");
	assert_int_equal(ask(w.f, "GET", fmt("/lattice/v1/certificates/%s", id), ""), 200);
	assert_string_equal(text(w.f, "status"), "ISSUED");
	assert_string_equal(text(w.f, "keyAlgorithm"), "EC_prime256v1");
	assert_int_equal(ask(w.f, "GET", "/lattice/v1/certificates", ""), 200);
	assert_int_equal(items(w.f), 1);
	assert_int_equal(ask(w.f, "DELETE", fmt("/lattice/v1/certificates/%s", id), ""), 204);
	assert_int_equal(ask(w.f, "GET", fmt("/lattice/v1/certificates/%s", id), ""), 404);
}

/* Neither in an answer nor, readable, in the store. */
static void a_private_key_is_never_seen_again(void **state)
{
	char inside[41];
	struct store_query q = { .kind = KIND_CERTIFICATE };
	struct fault fault;
	struct record *r;

	(void)state;
	memcpy(inside, w.key.p + 40, 40);
	inside[40] = '\0';
	assert_int_equal(import(w.pem, w.key, ""), 201);
	assert_false(answer_has("sealed") || answer_has("PRIVATE") || answer_has(inside));
	ask(w.f, "GET", fmt("/lattice/v1/certificates/%s", text(w.f, "id")), "");
	assert_false(answer_has("sealed") || answer_has("PRIVATE") || answer_has(inside));
	assert_int_equal(store_begin(w.f->s, false, &fault), 0);
	assert_int_equal(store_list(w.f->s, &q, &w.arena, &r, &fault), 0);
	assert_null(memmem(r->body.p, r->body.n, inside, strlen(inside)));
	assert_non_null(memmem(r->body.p, r->body.n, "sealedKey", 9));
	store_end(w.f->s, false, &fault);
}

static void refuses_naming_the_member(void **state)
{
	(void)state;
	assert_int_equal(import(STR("nonsense"), w.key, ""), 400);
	assert_true(answer_has("\"fieldList\":[{\"name\":\"certificate\""));
	assert_int_equal(import(w.pem, STR("nonsense"), ""), 400);
	assert_true(answer_has("\"fieldList\":[{\"name\":\"privateKey\""));
	assert_int_equal(import(w.pem, w.next_key, ""), 400);
	assert_true(answer_has("privateKey is not the key of the certificate"));
	assert_int_equal(import(w.pem, w.key, ",\"certificateChain\":\"nonsense\""), 400);
	assert_true(answer_has("\"fieldList\":[{\"name\":\"certificateChain\""));
	assert_int_equal(import(w.pem, w.key, ",\"certificateArn\":\"arn:aws:acm:x\""), 400);
	assert_int_equal(ask(w.f, "GET", "/lattice/v1/certificates", ""), 200);
	assert_int_equal(items(w.f), 0);
}

static void refuses_the_expired(void **state)
{
	struct pki p = pki_make(
		&(struct pki_wish){ .common_name = "old.example", .from = -7200, .to = -1 });

	(void)state;
	assert_int_equal(import(pki_pem(&w.arena, &p), pki_key_pem(&w.arena, p.key, NULL), ""),
			 400);
	assert_true(answer_has("certificate has expired"));
	pki_fini(&p);
}

static void a_service_shows_one_for_its_name(void **state)
{
	char arn[128], service[64];

	(void)state;
	assert_int_equal(import(w.pem, w.key, ""), 201);
	snprintf(arn, sizeof(arn), "%s", text(w.f, "arn"));
	assert_int_equal(ask(w.f, "POST", "/services",
			     fmt("{\"name\":\"other\",\"customDomainName\":\"other.example\","
				 "\"certificateArn\":\"%s\"}",
				 arn)),
			 400);
	assert_true(answer_has("certificateArn must name a certificate for other.example"));
	assert_int_equal(ask(w.f, "POST", "/services",
			     fmt("{\"name\":\"cart\",\"customDomainName\":\"cart.example\","
				 "\"certificateArn\":\"%s\"}",
				 arn)),
			 201);
	assert_string_equal(text(w.f, "certificateArn"), arn);
	keep_id(w.f, service);
	ask(w.f, "GET", fmt("/services/%s", service), "");
	assert_string_equal(text(w.f, "certificateArn"), arn);
	ask(w.f, "GET", fmt("/lattice/v1/certificates/%s", arn + strlen(arn) - 36), "");
	assert_true(answer_has(service)); /* inUseBy */
}

static void one_in_use_stays(void **state)
{
	char arn[128], service[64];
	const char *id;

	(void)state;
	assert_int_equal(import(w.pem, w.key, ""), 201);
	snprintf(arn, sizeof(arn), "%s", text(w.f, "arn"));
	id = arn + strlen(arn) - 36;
	ask(w.f, "POST", "/services", fmt("{\"name\":\"cart\",\"certificateArn\":\"%s\"}", arn));
	keep_id(w.f, service);
	assert_int_equal(ask(w.f, "DELETE", fmt("/lattice/v1/certificates/%s", id), ""), 409);
	assert_int_equal(
		ask(w.f, "PATCH", fmt("/services/%s", service), "{\"certificateArn\":\"\"}"), 200);
	assert_string_equal(text(w.f, "certificateArn"), "");
	assert_int_equal(ask(w.f, "DELETE", fmt("/lattice/v1/certificates/%s", id), ""), 204);
	assert_int_equal(ask(w.f, "PATCH", fmt("/services/%s", service),
			     fmt("{\"certificateArn\":\"%s\"}", arn)),
			 404);
}

/* It keeps its ARN, and services that use it are compiled anew. */
static void is_replaced_under_its_arn(void **state)
{
	char arn[128], service[64];
	uint64_t before;

	(void)state;
	assert_int_equal(import(w.pem, w.key, ",\"tags\":{\"a\":\"b\"}"), 201);
	snprintf(arn, sizeof(arn), "%s", text(w.f, "arn"));
	ask(w.f, "POST", "/services", fmt("{\"name\":\"cart\",\"certificateArn\":\"%s\"}", arn));
	keep_id(w.f, service);
	before = store_version(w.f->s, KIND_SERVICE);
	assert_int_equal(import(w.next_pem, w.next_key, fmt(",\"certificateArn\":\"%s\"", arn)),
			 201);
	assert_string_equal(text(w.f, "arn"), arn);
	assert_string_equal(text(w.f, "domainName"), "*.example");
	assert_true(store_version(w.f->s, KIND_SERVICE) != before);
	ask(w.f, "GET", fmt("/services/%s", service), "");
	assert_string_equal(text(w.f, "certificateArn"), arn);
	assert_int_equal(ask(w.f, "GET", "/lattice/v1/certificates", ""), 200);
	assert_int_equal(items(w.f), 1);
}

/* A successor must be for the names of those that use it. */
static void a_successor_must_cover_the_same_names(void **state)
{
	struct pki p = pki_make(&(struct pki_wish){ .common_name = "other.test" });
	char arn[128];

	(void)state;
	assert_int_equal(import(w.pem, w.key, ""), 201);
	snprintf(arn, sizeof(arn), "%s", text(w.f, "arn"));
	ask(w.f, "POST", "/services",
	    fmt("{\"name\":\"cart\",\"customDomainName\":\"cart.example\","
		"\"certificateArn\":\"%s\"}",
		arn));
	assert_int_equal(import(pki_pem(&w.arena, &p), pki_key_pem(&w.arena, p.key, NULL),
				fmt(",\"certificateArn\":\"%s\"", arn)),
			 400);
	pki_fini(&p);
}

static void gives_away_the_authority(void **state)
{
	(void)state;
	assert_int_equal(ask(w.f, "GET", "/lattice/v1/certificate-authority", ""), 200);
	assert_true(str_eq(str_of(text(w.f, "certificate")), local_ca_pem(w.ca)));
	assert_false(answer_has("PRIVATE"));
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(imports_and_shows),
		WORLD(a_private_key_is_never_seen_again),
		WORLD(refuses_naming_the_member),
		WORLD(refuses_the_expired),
		WORLD(a_service_shows_one_for_its_name),
		WORLD(one_in_use_stays),
		WORLD(is_replaced_under_its_arn),
		WORLD(a_successor_must_cover_the_same_names),
		WORLD(gives_away_the_authority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
