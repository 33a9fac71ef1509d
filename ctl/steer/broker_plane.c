/* SPDX-License-Identifier: Apache-2.0 */
/* The process behind the link: started, started again when it ends, and ended with the broker. */
#include "base/log.h"
#include "steer/broker_state.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	RESTART_MS_MIN = 100,	  /* back-off of a plane that dies early */
	RESTART_MS_MAX = 5000,	  /* */
	HEALTHY_MS = 10 * 1000,	  /* a plane that lived this long starts again at once */
	STOP_MS = 10 * 1000,	  /* for the plane to finish its requests */
	LINK_BUFFER = 256 * 1024, /* bytes of messages on their way */
};

/* It cannot be gone on with. */
void broker_plane_kill(struct broker *b, const char *why)
{
	log_error("plane killed: %s pid=%d", why, (int)b->plane);
	broker_link_close(b);
	if (b->plane)
		kill(b->plane, SIGKILL);
}

static void overdue(struct timer *t)
{
	broker_plane_kill(container_of(t, struct broker, kill), "it did not end by itself");
}

/* A pair of link ends. 0 or -errno. */
static int open_link(int ret[2])
{
	int bytes = LINK_BUFFER, i;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret))
		return -errno;
	for (i = 0; i < 2; i++)
		setsockopt(ret[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return 0;
}

/* Nothing of what the last plane said or began counts for the next one. */
static void forget_plane(struct broker *b)
{
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		struct vpc *v = b->vpcs[i];

		if (!v)
			continue;
		v->is_wanted = false;
		broker_hear_nothing_of(b, v);
		table_fini(&v->pending);
	}
}

/* Give the plane copies of the @count listeners @from, if there are any. 0 or -errno. */
static int send_listeners(int fd, enum link_kind kind, const int *from, unsigned count)
{
	const struct link_msg m = { .kind = kind };
	struct link_fds fds = { .count = count };

	if (!count)
		return 0;
	assert(count <= LINK_FDS_MAX);
	memcpy(fds.at, from, count * sizeof(*from));
	return link_send(fd, &m, &fds);
}

static int start_plane(struct broker *b)
{
	const struct broker_config *c = b->config;
	struct link_fds fds = { { c->api_fd, c->access_fd }, 2 };
	struct link_fds metrics_fds = { { c->metrics_fd }, 1 };
	struct link_fds flows_fds = { { c->audit_fd, c->flows_fd }, 2 };
	struct link_msg hello = { .kind = LINK_HELLO }, metrics = { .kind = LINK_METRICS };
	struct link_msg flows = { .kind = LINK_FLOWS };
	int ends[2], err;
	pid_t pid;

	err = open_link(ends);
	if (err)
		return err;
	steer_describe(c->steer, hello.path, sizeof(hello.path));
	err = link_send(ends[0], &hello, &fds);
	if (!err && c->metrics_fd)
		err = link_send(ends[0], &metrics, &metrics_fds);
	if (!err)
		err = send_listeners(ends[0], LINK_PEERS, c->peer_fds, c->peer_count);
	if (!err)
		err = send_listeners(ends[0], LINK_SIGNED, c->signed_fds, c->signed_count);
	if (!err && c->audit_fd)
		err = link_send(ends[0], &flows, &flows_fds);
	if (err)
		goto err_ends;
	pid = c->start_plane(c->context, ends[1]);
	if (pid < 0) {
		err = (int)pid;
		goto err_ends;
	}
	close(ends[1]);
	b->plane = pid;
	b->plane_since_ms = b->loop.now_ms;
	broker_watchdog_expect(b);
	b->link = (struct watch){ ends[0], broker_link_serve };
	log_info("plane started pid=%d", (int)pid);
	err = loop_add(&b->loop, &b->link, EPOLLIN);
	if (err)
		broker_plane_kill(b, "its link cannot be watched");
	return 0;

err_ends:
	close(ends[0]);
	close(ends[1]);
	return err;
}

static void restart_later(struct broker *b)
{
	log_info("starting a plane in %u ms", b->restart_ms);
	timer_arm(&b->loop, &b->restart, b->restart_ms);
	b->restart_ms = b->restart_ms * 2 < RESTART_MS_MAX ? b->restart_ms * 2 : RESTART_MS_MAX;
}

static void restart_expired(struct timer *t)
{
	struct broker *b = container_of(t, struct broker, restart);
	int err = start_plane(b);

	if (!err)
		return;
	log_error("cannot start a plane: %s", strerror(-err));
	restart_later(b);
}

/* There is no plane any more. Where another broker follows, steering goes on until then. */
static void end(struct broker *b)
{
	if (b->is_leaving)
		loop_stop(&b->loop);
	else
		broker_part(b);
}

/* The plane has ended with @status. */
void broker_plane_bury(struct broker *b, int status)
{
	if (WIFSIGNALED(status))
		log_warn("plane ended by signal pid=%d signal=%d", (int)b->plane, WTERMSIG(status));
	else
		log_line(b->is_stopping && !WEXITSTATUS(status) ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
			 "plane ended pid=%d status=%d", (int)b->plane, WEXITSTATUS(status));
	b->plane = 0;
	timer_disarm(&b->loop, &b->kill);
	broker_link_close(b);
	forget_plane(b);
	if (b->is_stopping) {
		end(b);
		return;
	}
	if (b->loop.now_ms - b->plane_since_ms >= HEALTHY_MS)
		b->restart_ms = RESTART_MS_MIN;
	restart_later(b);
}

/* End the plane, in peace if it can, and the loop with it. */
void broker_plane_stop(struct broker *b)
{
	if (b->is_stopping)
		return;
	b->is_stopping = true;
	log_info("stopping");
	b->config->notify(b->config->context, false);
	timer_disarm(&b->loop, &b->restart);
	if (!b->plane) {
		end(b);
		return;
	}
	kill(b->plane, SIGTERM);
	timer_arm(&b->loop, &b->kill, STOP_MS);
}

/* No plane yet. */
void broker_plane_init(struct broker *b)
{
	b->restart_ms = RESTART_MS_MIN;
	b->restart.expired = restart_expired;
	b->kill.expired = overdue;
}

/* Start the first plane, or try again later. */
void broker_plane_start(struct broker *b)
{
	restart_expired(&b->restart);
}
