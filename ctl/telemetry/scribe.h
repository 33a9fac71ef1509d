/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scribe: a thread that writes log lines to where subscriptions want them, because a disk may
 * make its writer wait. scribe_start(), scribe_publish() with each snapshot before workers get
 * it, scribe_write() from any thread, scribe_stop() when nobody writes any more.
 */
#ifndef LATTICE_TELEMETRY_SCRIBE_H
#define LATTICE_TELEMETRY_SCRIBE_H

#include "io/tls.h"
#include "model/snapshot.h"
#include "telemetry/log_batch.h"

struct scribe;

/* Read at any time, by any thread. */
struct scribe_counts {
	uint64_t written, lost; /* lines */
	uint64_t waiting_bytes;
	uint64_t spans_exported, spans_dropped, spans_waiting;
};

struct scribe_config {
	const char *log_dir; /* borrowed */
	/* Bring a socket of the host's to scribe_give_socket() with @tag; in the scribe's thread.
	 */
	void (*need_socket)(void *ctx, uint16_t family, int type, uint64_t tag);
	SSL_CTX *client;	       /* what TLS is spoken with, to those whom */
	const struct tls_trust *trust; /* the system trusts; NULL both: none is */
	void *ctx;
	const struct log_url *otlp; /* where spans go; NULL: nowhere */
};

int scribe_start(const struct scribe_config *c, struct scribe **ret)
	__attribute__((warn_unused_result));
void scribe_publish(struct scribe *s, struct snapshot *snapshot);
void scribe_write(struct scribe *s, struct log_batch *b);
void scribe_write_file(struct scribe *s, struct str file, struct log_batch *b);
void scribe_write_spans(struct scribe *s, struct log_batch *b);
void scribe_reopen(struct scribe *s);
void scribe_use_hosts(struct scribe *s, struct hosts *h);
void scribe_give_socket(struct scribe *s, uint64_t tag, int fd);
void scribe_stop(struct scribe *s);
void scribe_free(struct scribe *s);
struct scribe_counts scribe_counts(struct scribe *s);

#endif
