/* SPDX-License-Identifier: Apache-2.0 */
/* The sd_notify protocol: one datagram to the socket named in the environment. */
#include "latticed/notify.h"

#include "base/log.h"
#include "base/scoped.h"
#include "io/sock.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Send @state, such as READY=1; nothing happens where nobody asked for it. */
void notify_send(struct str state)
{
	struct str path = str_of(getenv("NOTIFY_SOCKET"));
	struct sockaddr_un to;
	SCOPED_FD fd = -1;
	socklen_t n;

	if (!path.n)
		return;
	if (sock_unix_addr(path, &to)) {
		log_warn("NOTIFY_SOCKET is too long; nobody is told");
		return;
	}
	/* A leading @ stands for the NUL of an abstract name, which has no terminator. */
	n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state.p, state.n, MSG_NOSIGNAL, (struct sockaddr *)&to, n) < 0)
		log_warn("cannot tell the service manager: %s", strerror(errno));
}
