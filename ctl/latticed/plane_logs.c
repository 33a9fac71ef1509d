/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines go to the scribe when subscriptions want them, and to the hub when somebody reads there:
 * at once if it can be, else by a letter to the control thread. While letters of any worker are on
 * their way lines follow them, so that those of a worker stay in order.
 */
#include "latticed/plane_logs.h"

#include "telemetry/log_mark.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

enum { WAITING_BYTES_MAX = 16 * 1024 * 1024 }; /* lines on their way from workers to readers */

struct log_letter {
	struct letter letter;
	struct log_batch *batch;
};

static bool is_for_scribe(struct str marks)
{
	struct log_mark m;

	for (; marks.n >= sizeof(m); marks = str_skip(marks, sizeof(m))) {
		memcpy(&m, marks.p, sizeof(m));
		if (m.count)
			return true;
	}
	return false;
}

static void send_to_readers(struct plane_logs *p, struct log_batch *b)
{
	size_t bytes = log_batch_bytes(b);
	struct log_letter *l = NULL;

	if (atomic_fetch_add(&p->waiting, bytes) < WAITING_BYTES_MAX)
		l = malloc(sizeof(*l));
	if (!l) {
		atomic_fetch_sub(&p->waiting, bytes);
		atomic_fetch_add(&p->dropped, 1);
		return;
	}
	l->letter.kind = p->letter_kind;
	l->batch = log_batch_get(b);
	inbox_send(p->inbox, &l->letter);
}

/* Take the lines of a worker, in whose thread it is called; a reference moves here. */
void plane_logs_take(struct plane_logs *p, struct log_batch *b)
{
	if (is_for_scribe(buf_str(&b->marks)))
		scribe_write(p->scribe, log_batch_get(b));
	if (atomic_load_explicit(&p->has_readers, memory_order_relaxed) &&
	    (atomic_load(&p->waiting) || !log_hub_write_now(&p->hub, b)))
		send_to_readers(p, b);
	log_batch_put(b);
}

/* Give the lines in a letter of plane_logs_take() to the readers. */
void plane_logs_open(struct plane_logs *p, struct letter *letter)
{
	struct log_letter *l = container_of(letter, struct log_letter, letter);
	size_t bytes = log_batch_bytes(l->batch);

	log_hub_write(&p->hub, l->batch);
	atomic_fetch_sub(&p->waiting, bytes);
	free(l);
}

/* What to ask the broker for when the scribe needs a socket of the host's namespace. */
struct link_msg plane_logs_need_socket(uint16_t family, int type, uint64_t tag)
{
	return (struct link_msg){ .kind = LINK_HOST_SOCKETS,
				  .family = family,
				  .type = (uint32_t)type,
				  .count = 1,
				  .worker = PLANE_SCRIBE,
				  .generation = tag };
}

/* The broker's answer @m, whose @fds are the scribe's. */
void plane_logs_give_socket(struct plane_logs *p, const struct link_msg *m, struct link_fds *fds)
{
	if (fds->count == 1)
		scribe_give_socket(p->scribe, m->generation, fds->at[0]);
	else
		scribe_give_socket(p->scribe, m->generation, -1);
	if (fds->count != 1)
		link_fds_close(fds);
}

/* What GetStatus says of logs. */
void plane_logs_status(struct plane_logs *p, struct cJSON *into)
{
	struct scribe_counts c = scribe_counts(p->scribe);

	cJSON_AddNumberToObject(into, "accessLogReaders", p->hub.reader_count);
	cJSON_AddNumberToObject(into, "accessLogBatchesDropped", (double)atomic_load(&p->dropped));
	cJSON_AddNumberToObject(into, "accessLogLinesWritten", (double)c.written);
	cJSON_AddNumberToObject(into, "accessLogLinesLost", (double)c.lost);
	cJSON_AddNumberToObject(into, "accessLogBytesWaiting", (double)c.waiting_bytes);
	cJSON_AddNumberToObject(into, "traceSpansExported", (double)c.spans_exported);
	cJSON_AddNumberToObject(into, "traceSpansDropped", (double)c.spans_dropped);
	cJSON_AddNumberToObject(into, "traceSpansWaiting", (double)c.spans_waiting);
}
