/* SPDX-License-Identifier: Apache-2.0 */
/* Key files, certificates, and a look at their expiry once a day. */
#include "latticed/plane_tls.h"

#include "auth/local_ca.h"
#include "auth/vault.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "io/tls_trust.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <limits.h>
#include <openssl/ssl.h>
#include <stdio.h>

enum {
	DAY_SECONDS = 24 * 3600,
	WARN_DAYS = 30,
	RECORDS_BYTES_MAX = 1 << 28, /* of all certificates */
};

static int fail(const char *what, const char *path, int err)
{
	const char *why = strerror(-err);

	if (err == -EPERM)
		why = "it must belong to the plane's user, and be readable by nobody else";
	else if (err == -EINVAL)
		why = "it is damaged";
	log_error("%s %s: %s", what, path, why);
	return err;
}

static int write_path(char path[PATH_MAX], const char *dir, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static void say_expiry(const struct plane_tls *t, const struct record *r, int64_t now)
{
	cJSON *body = json_parse(r->body);
	const cJSON *expires = cJSON_GetObjectItemCaseSensitive(body, "expires");
	int64_t left = cJSON_IsNumber(expires) ? (int64_t)expires->valuedouble - now : 0;
	struct str name = json_get_str(body, "domainName");

	if (!certificates_find(t->certificates, r->id))
		log_error("certificate " STR_FMT " name=" STR_FMT " cannot be read with this key "
			  "file: it is not used",
			  STR_ARG(r->id), STR_ARG(name));
	else if (left <= 0)
		log_error("certificate " STR_FMT " name=" STR_FMT " has expired: clients refuse it",
			  STR_ARG(r->id), STR_ARG(name));
	else if (left < WARN_DAYS * DAY_SECONDS)
		log_warn("certificate " STR_FMT " name=" STR_FMT " expires in %lld days",
			 STR_ARG(r->id), STR_ARG(name), (long long)(left / DAY_SECONDS));
	cJSON_Delete(body);
}

static void look_at_expiry(struct plane_tls *t)
{
	struct store_query q = { .kind = KIND_CERTIFICATE };
	int64_t now = (int64_t)(clock_wall_ms() / 1000);
	struct fault fault;
	struct arena records;
	struct record *r;

	arena_init(&records, RECORDS_BYTES_MAX);
	if (store_begin(t->store, false, &fault) == 0) {
		if (store_list(t->store, &q, &records, &r, &fault) == 0)
			for (; r; r = r->next)
				say_expiry(t, r, now);
		store_end(t->store, false, &fault);
	}
	arena_fini(&records);
}

static void day_has_passed(struct timer *timer)
{
	struct plane_tls *t = container_of(timer, struct plane_tls, expiry);

	look_at_expiry(t);
	timer_arm(t->loop, timer, (uint64_t)DAY_SECONDS * 1000);
}

static void period_has_passed(struct timer *timer)
{
	struct plane_tls *t = container_of(timer, struct plane_tls, rotation);

	tls_tickets_rotate(&t->tickets);
	t->rotated(t);
	timer_arm(t->loop, timer, (uint64_t)TLS_TICKET_SECONDS * 1000);
}

/*
 * The authority in @state_dir. One that was sealed with another key than @t's is left alone, and
 * then there is none: what needs no certificate of its goes on. 0 or -errno, having said why.
 */
static int open_authority(struct plane_tls *t, const char *state_dir)
{
	char path[PATH_MAX];
	int err = write_path(path, state_dir, "ca.pem");

	if (!err)
		err = local_ca_open(path, t->vault, &t->ca);
	if (err == -EBADMSG) {
		log_error("certificate authority %s cannot be read with this key file: generated "
			  "names have no certificates until the right secrets.key is back, or "
			  "this file is removed, so that an authority is made which clients do "
			  "not know yet",
			  path);
		return 0;
	}
	return err ? fail("certificate authority", path, err) : 0;
}

/*
 * Open the key files in @state_dir, which are made when there are none. 0 or -errno, having said
 * why, and then @t holds nothing.
 */
int plane_tls_open(struct plane_tls *t, struct loop *l, const char *state_dir)
{
	char path[PATH_MAX];
	int err;

	t->loop = l;
	t->expiry.expired = day_has_passed;
	t->rotation.expired = period_has_passed;
	err = write_path(path, state_dir, "secrets.key");
	if (err)
		return err;
	err = vault_open(path, &t->vault);
	if (err)
		return fail("key file", path, err);
	err = open_authority(t, state_dir);
	if (err) {
		plane_tls_close(t);
		return err;
	}
	t->certificates = certificates_new(t->vault, t->ca);
	t->shared = (struct worker_tls){ tls_server_new(), tls_client_new(), tls_trust_system() };
	if (!t->certificates || !t->shared.server || !t->shared.client || !t->shared.system) {
		plane_tls_close(t);
		return -ENOMEM;
	}
	return 0;
}

/*
 * Look at what is in @s, whose first snapshot is compiled, now and every day; and give the workers
 * their first tickets.
 */
void plane_tls_start(struct plane_tls *t, struct store *s)
{
	t->store = s;
	day_has_passed(&t->expiry);
	period_has_passed(&t->rotation);
}

/* Add to @into how many handshakes there were with clients of @workers. */
void plane_tls_status(const struct worker *workers, unsigned count, struct cJSON *into)
{
	unsigned long long done = 0, failed = 0;
	unsigned i;

	for (i = 0; i < count; i++) {
		done += atomic_load_explicit(&workers[i].tls_handshakes, memory_order_relaxed);
		failed += atomic_load_explicit(&workers[i].tls_failures, memory_order_relaxed);
	}
	cJSON_AddNumberToObject(into, "tlsHandshakes", (double)done);
	cJSON_AddNumberToObject(into, "tlsHandshakesFailed", (double)failed);
}

/* No snapshot may be used any more that has certificates of @t. */
void plane_tls_close(struct plane_tls *t)
{
	certificates_free(t->certificates);
	local_ca_close(t->ca);
	vault_close(t->vault);
	SSL_CTX_free(t->shared.server);
	SSL_CTX_free(t->shared.client);
	tls_trust_free(t->shared.system);
	tls_tickets_wipe(&t->tickets);
	timer_disarm(t->loop, &t->expiry);
	timer_disarm(t->loop, &t->rotation);
	*t = (struct plane_tls){ .loop = t->loop };
}
