/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that is passed through is one request without a head: it is authorised as an
 * anonymous Connect, gets a target and becomes a tunnel at once, of which the hello that was read
 * is the beginning. What cannot be done ends the connection: there is nothing to answer in.
 */
#include "proxy/passthrough.h"

#include "proxy/conn.h"
#include "proxy/request.h"
#include "proxy/secure.h"
#include "proxy/worker.h"

static void wake(struct request *r)
{
	conn_run(r->conn);
}

static void put_no_head(struct request *r, const struct http_response *a)
{
	(void)r, (void)a;
}

static void put_nothing(struct request *r)
{
	(void)r;
}

static void cut(struct request *r)
{
	r->client.s->error = -1;
}

static const struct client_ops passthrough_client = { wake, put_no_head, put_nothing, put_nothing,
						      cut };

/* Pass @c through, to where its hello's name leads. False without memory. */
bool passthrough_begin(struct conn *c)
{
	static const struct http_request no_head;
	struct client client = { &passthrough_client, &c->s, &c->activity };
	struct request *r = request_new(c, client, &no_head);

	if (!r)
		return false;
	r->is_passthrough = true;
	r->is_tunnel = true;
	r->head_sent = true;
	r->response_started = true;
	r->keep_client = false;
	body_init(&r->to_target, HTTP_FRAMING_UNTIL_CLOSE, 0, false);
	body_init(&r->to_client, HTTP_FRAMING_UNTIL_CLOSE, 0, false);
	c->request = r;
	c->has_begun = true;
	c->secure->is_ready = true;
	timer_arm(&c->worker->loop, &c->timer, c->activity.idle_ms_max);
	return true;
}
