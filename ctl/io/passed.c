/* SPDX-License-Identifier: Apache-2.0 */
/* The environment may say anything: what does not fit together brings no fds at all. */
#include "io/passed.h"

#include "base/log.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* As the manager takes names: printable ASCII without a colon. */
bool passed_name_is_valid(struct str name)
{
	size_t i;

	for (i = 0; i < name.n; i++) {
		if (name.p[i] < ' ' || name.p[i] > '~' || name.p[i] == ':')
			return false;
	}
	return name.n > 0 && name.n <= PASSED_NAME_MAX;
}

/*
 * The fds that @w says process @self got, in @ret, which has room for PASSED_MAX; none where it
 * speaks of another process or of none. NULL, or what is wrong, and then there are none.
 */
const char *passed_parse(const struct passed_words *w, pid_t self, struct passed *ret,
			 unsigned *ret_count)
{
	struct str_cut c = { .tail = w->names, .found = w->names.n > 0 };
	uint32_t pid, count, i;

	*ret_count = 0;
	if (!w->pid.n && !w->count.n)
		return NULL;
	if (num_parse_u32(w->pid, &pid))
		return "LISTEN_PID is no number";
	if (pid != (uint32_t)self)
		return NULL;
	if (num_parse_u32(w->count, &count))
		return "LISTEN_FDS is no number";
	if (count > PASSED_MAX)
		return "LISTEN_FDS is too large";
	for (i = 0; i < count; i++) {
		ret[i] = (struct passed){ .fd = PASSED_FIRST + (int)i };
		if (!w->names.n)
			continue;
		if (!c.found)
			return "LISTEN_FDNAMES has too few names";
		c = str_cut(c.tail, ':');
		ret[i].name = c.head;
	}
	if (c.found)
		return "LISTEN_FDNAMES has too many names";
	*ret_count = count;
	return NULL;
}

/* Keep @at from those that we start; those that are not there at all are left out. */
static unsigned keep_open(struct passed *at, unsigned count)
{
	unsigned i, kept = 0;

	for (i = 0; i < count; i++) {
		if (fcntl(at[i].fd, F_SETFD, FD_CLOEXEC))
			log_warn("an fd that was passed is not open: it is ignored fd=%d",
				 at[i].fd);
		else
			at[kept++] = at[i];
	}
	return kept;
}

/* What was passed to this process, in @ret, which the caller frees. 0 or -ENOMEM. */
int passed_take(struct passed **ret, unsigned *ret_count)
{
	const struct passed_words w = {
		.pid = str_of(getenv("LISTEN_PID")),
		.count = str_of(getenv("LISTEN_FDS")),
		.names = str_of(getenv("LISTEN_FDNAMES")),
	};
	struct passed *at = calloc(PASSED_MAX, sizeof(*at));
	const char *wrong;

	if (!at)
		return -ENOMEM;
	wrong = passed_parse(&w, getpid(), at, ret_count);
	if (wrong)
		log_warn("fds that were passed are ignored: %s", wrong);
	*ret_count = keep_open(at, *ret_count);
	*ret = at;
	return 0;
}
