/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sd_notify protocol: one datagram to the socket named in the environment. It is spoken here
 * rather than through libsystemd, which would be a library of a megabyte in a privileged process
 * for one sendmsg().
 */
#include "io/notify.h"

#include "base/log.h"
#include "base/num.h"
#include "base/scoped.h"
#include "io/sock.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { SEND_SECONDS = 2 }; /* a manager that does not read must not stop us */

/* Is there anybody to tell? */
bool notify_is_heard(void)
{
	return str_of(getenv("NOTIFY_SOCKET")).n > 0;
}

/*
 * How long the manager waits for WATCHDOG=1 from process @self, by WATCHDOG_USEC and WATCHDOG_PID
 * (sd_watchdog_enabled(3)); 0: it does not, or says what cannot be.
 */
uint64_t notify_watchdog_parse(struct str usec, struct str pid, pid_t self)
{
	uint64_t us;
	uint32_t who;

	if (!usec.n)
		return 0;
	if (pid.n && !num_parse_u32(pid, &who) && who != (uint32_t)self)
		return 0;
	if (num_parse_u64(usec, &us) || us / 1000 < NOTIFY_WATCHDOG_MS_MIN ||
	    us / 1000 > NOTIFY_WATCHDOG_MS_MAX || (pid.n && num_parse_u32(pid, &who))) {
		log_warn("WATCHDOG_USEC or WATCHDOG_PID is out of range; the manager will wait");
		return 0;
	}
	return us / 1000;
}

/* As notify_watchdog_parse() of the environment. */
uint64_t notify_watchdog_ms(void)
{
	if (!notify_is_heard())
		return 0;
	return notify_watchdog_parse(str_of(getenv("WATCHDOG_USEC")),
				     str_of(getenv("WATCHDOG_PID")), getpid());
}

/* Where NOTIFY_SOCKET says. 0 or -errno. */
static int find_manager(struct sockaddr_un *ret, socklen_t *ret_n)
{
	struct str path = str_of(getenv("NOTIFY_SOCKET"));
	int err = sock_unix_addr(path, ret);

	if (err)
		return err;
	/* A leading @ stands for the NUL of an abstract name, which has no terminator. */
	*ret_n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n);
	if (ret->sun_path[0] == '@')
		ret->sun_path[0] = 0;
	return 0;
}

static void put_fds(struct msghdr *m, const int *fds, unsigned count)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(*fds));
	memcpy(CMSG_DATA(c), fds, count * sizeof(*fds));
}

/* Send @state with copies of @fds. 0, also where nobody asked for it, or -errno, having said so. */
int notify_send_fds(struct str state, const int *fds, unsigned count)
{
	char control[CMSG_SPACE(NOTIFY_FDS_MAX * sizeof(int))]
		__attribute__((aligned(_Alignof(struct cmsghdr)))) = { 0 };
	struct timeval patience = { .tv_sec = SEND_SECONDS };
	struct iovec text = { (char *)state.p, state.n };
	struct sockaddr_un to;
	struct msghdr m = { .msg_name = &to, .msg_iov = &text, .msg_iovlen = 1 };
	SCOPED_FD fd = -1;
	int err;

	if (!notify_is_heard())
		return 0;
	if (count > NOTIFY_FDS_MAX)
		return -E2BIG;
	err = find_manager(&to, &m.msg_namelen);
	if (err) {
		log_warn("NOTIFY_SOCKET is too long; nobody is told");
		return err;
	}
	if (count) {
		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(count * sizeof(*fds));
		put_fds(&m, fds, count);
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (fd < 0 || sendmsg(fd, &m, MSG_NOSIGNAL) < 0) {
		err = -errno;
		log_warn("cannot tell the service manager: %s", strerror(errno));
	}
	return err;
}

/* Send @state, such as READY=1. 0 or -errno, as notify_send_fds(). */
int notify_send(struct str state)
{
	return notify_send_fds(state, NULL, 0);
}
