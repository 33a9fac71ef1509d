/* SPDX-License-Identifier: Apache-2.0 */
/* The file is looked at before a question is asked, but not more often than is sensible. */
#include "dns/hosts_resolvers.h"

#include "base/scoped.h"

#include <fcntl.h>

enum { LOOK_MS = 1000, FILE_BYTES_MAX = 8192 };

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void read_file(struct hosts_resolvers *h)
{
	char text[FILE_BYTES_MAX];
	SCOPED_FD fd = open(h->path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	resolv_conf_parse((struct str){ text, n < 0 ? 0 : (size_t)n }, &h->list);
	h->preferred = 0;
}

/* Those of the file @path, borrowed; the local host's while it is not there. */
void hosts_resolvers_init(struct hosts_resolvers *h, const char *path)
{
	*h = (struct hosts_resolvers){ .path = path };
	resolv_conf_parse(STR(""), &h->list);
}

void hosts_resolvers_refresh(struct hosts_resolvers *h, uint64_t now_ms)
{
	struct stat now = { 0 };

	if (h->was_read && now_ms - h->looked_ms < LOOK_MS)
		return;
	h->looked_ms = now_ms;
	if (stat(h->path, &now))
		now = (struct stat){ 0 };
	if (h->was_read && same_file(&now, &h->seen))
		return;
	h->was_read = true;
	h->seen = now;
	read_file(h);
}

/* The one to ask in attempt @n. */
const struct sock_addr *hosts_resolvers_nth(const struct hosts_resolvers *h, unsigned n)
{
	return &h->list.at[(h->preferred + n) % h->list.count];
}
