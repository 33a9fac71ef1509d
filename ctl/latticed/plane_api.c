/* SPDX-License-Identifier: Apache-2.0 */
/* What the API asks of the plane beyond the store, and the word that the store has changed. */
#include "latticed/plane_hosts.h"
#include "latticed/plane_state.h"
#include "latticed/plane_status.h"

#include <cjson/cJSON.h>

/* Who asks one thing after another has asked the next by then. */
enum { REST_AFTER_MS = 200 };

static void api_changed(void *ctx)
{
	((struct plane *)ctx)->is_stale = true;
}

static void api_answered(void *ctx)
{
	struct plane *p = ctx;

	timer_arm(&p->loop, &p->rest, REST_AFTER_MS);
}

static void rest_expired(struct timer *t)
{
	store_rest(container_of(t, struct plane, rest)->store);
}

static struct str api_vpc_state(void *ctx, uint32_t number, struct str *ret_reason)
{
	return plane_vpcs_state(&((struct plane *)ctx)->vpcs, number, ret_reason);
}

static void api_status(void *ctx, struct cJSON *into)
{
	struct plane *p = ctx;

	cJSON_AddNumberToObject(into, "generation", (double)p->generation);
	cJSON_AddNumberToObject(into, "workers", p->worker_count);
	plane_status_steer(p->steer, into);
	plane_status_vpcs(&p->vpcs, p->snapshot, into);
	plane_logs_status(&p->logs, into);
	cJSON_AddStringToObject(into, "flowLogs", plane_flows_state(&p->flows));
	plane_tls_status(p->workers, p->worker_count, into);
}

static bool api_target_status(void *ctx, struct str group_id, const struct sock_addr *addr,
			      struct str *ret_status, struct str *ret_reason)
{
	struct prober_status s;

	if (!prober_find(&((struct plane *)ctx)->prober, group_id, addr, &s))
		return false;
	*ret_status = s.status;
	*ret_reason = s.reason;
	return true;
}

static const struct snapshot *api_snapshot(void *ctx)
{
	return ((struct plane *)ctx)->snapshot;
}

static const struct refusal *api_refusal(void *ctx, struct str id)
{
	return plane_refusals_find(&((struct plane *)ctx)->refusals, id);
}

static bool api_target_draining(void *ctx, struct str group_id, size_t nth, struct sock_addr *ret)
{
	return prober_find_draining(&((struct plane *)ctx)->prober, group_id, nth, ret);
}

static void api_metrics(void *ctx, struct buf *to)
{
	struct plane *p = ctx;

	p->metrics.worker_count = p->worker_count;
	p->metrics.generation = p->generation;
	plane_metrics_write(&p->metrics, p->snapshot, to);
}

static void api_service_metrics(void *ctx, struct cJSON *into)
{
	struct plane *p = ctx;

	plane_metrics_services(&p->metrics, p->snapshot, into);
}

/* Make @p's hooks for the API. */
void plane_api_init(struct plane *p)
{
	p->rest.expired = rest_expired;
	p->api_hooks = (struct api_hooks){
		.changed = api_changed,
		.answered = api_answered,
		.vpc_state = api_vpc_state,
		.status = api_status,
		.target_status = api_target_status,
		.target_draining = api_target_draining,
		.snapshot = api_snapshot,
		.refusal = api_refusal,
		.hosts = plane_hosts_get,
		.metrics = api_metrics,
		.service_metrics = api_service_metrics,
		.ctx = p,
	};
}
