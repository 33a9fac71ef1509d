/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of the workers. */
#include "telemetry/metrics_worker.h"

#include "telemetry/metrics_text.h"

enum worker_family { WORKER_LAG, WORKER_GENERATION, WORKER_CONNS, WORKER_GAUGES };

static const struct metrics_about abouts[WORKER_GAUGES] = {
	[WORKER_LAG] = { "lattice_worker_loop_lag_seconds", "gauge", "seconds",
			 "How long the worker last took to see a letter, or has not seen one." },
	[WORKER_GENERATION] = { "lattice_worker_configuration_generation", "gauge", NULL,
				"Number of the configuration that the worker serves by." },
	[WORKER_CONNS] = { "lattice_worker_connections", "gauge", NULL,
			   "Connections of clients that the worker has." },
};

static void write_gauge(struct buf *to, enum worker_family family, const struct metrics_worker *w)
{
	switch (family) {
	case WORKER_LAG:
		buf_addf(to, "%.6f", (double)w->lag_us / 1e6);
		break;
	case WORKER_GENERATION:
		buf_add_u64(to, w->generation);
		break;
	default:
		buf_add_u64(to, w->conns);
	}
	buf_add_char(to, '\n');
}

void metrics_worker_write(struct buf *to, const struct metrics_source *s)
{
	enum worker_family family;
	size_t i;

	for (family = 0; s->worker_count && family < WORKER_GAUGES; family++) {
		metrics_text_about(to, &abouts[family]);
		for (i = 0; i < s->worker_count; i++) {
			buf_addf(to, "%s{worker=\"%zu\"} ", abouts[family].name, i);
			write_gauge(to, family, &s->workers[i]);
		}
	}
}
