/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of neighbouring lines that go the same way are one. */
#include "telemetry/log_mark.h"

static void add_numbers(struct log_mark *m, const struct log_subscriptions *s, struct str id)
{
	size_t count, i;
	const struct log_subscription *found = log_subscriptions_find(s, id, &count);

	for (i = 0; i < count && m->count < LOG_MARK_NUMBERS_MAX; i++)
		m->numbers[m->count++] = found[i].number;
}

/* Fill @m, all-zero, with the subscriptions to the network and the service; either may be empty. */
void log_mark_for(struct log_mark *m, const struct log_subscriptions *s, struct str network_id,
		  struct str service_id)
{
	if (!s->count)
		return;
	add_numbers(m, s, network_id);
	add_numbers(m, s, service_id);
}

/* Append @m, or lengthen the last mark when it goes the same way. See @marks->failed. */
void log_marks_add(struct buf *marks, const struct log_mark *m)
{
	size_t n = m->count * sizeof(m->numbers[0]);
	struct log_mark *last;

	if (buf_len(marks) >= sizeof(*last)) {
		last = (struct log_mark *)(void *)(marks->p + marks->end - sizeof(*last));
		if (last->count == m->count && memcmp(last->numbers, m->numbers, n) == 0) {
			last->bytes += m->bytes;
			last->lines += m->lines;
			return;
		}
	}
	buf_add(marks, (struct str){ (const char *)m, sizeof(*m) });
}
