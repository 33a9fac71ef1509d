/* SPDX-License-Identifier: Apache-2.0 */
/* Letters between threads; the eventfd is written only when the list was empty. */
#include "io/inbox.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void inbox_ready(struct watch *w, uint32_t events)
{
	struct inbox *i = container_of(w, struct inbox, watch);
	struct list arrived;
	eventfd_t count;

	(void)events;
	eventfd_read(w->fd, &count);
	list_init(&arrived);
	pthread_mutex_lock(&i->lock);
	list_splice_tail(&arrived, &i->letters);
	pthread_mutex_unlock(&i->lock);

	while (!list_empty(&arrived)) {
		struct letter *l = list_entry(arrived.next, struct letter, link);

		list_remove(&l->link);
		i->open(i, l);
	}
}

/* Receive in @l: each letter is given to @open in that loop's thread. Returns 0 or -errno. */
int inbox_init(struct inbox *i, struct loop *l, void (*open)(struct inbox *, struct letter *))
{
	int err;

	*i = (struct inbox){ .open = open, .watch.ready = inbox_ready };
	list_init(&i->letters);
	i->watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (i->watch.fd < 0)
		return -errno;
	err = loop_add(l, &i->watch, EPOLLIN);
	if (err) {
		close(i->watch.fd);
		return err;
	}
	pthread_mutex_init(&i->lock, NULL);
	return 0;
}

/* Stop receiving. No thread may send any more; letters not yet opened stay unowned in the list. */
void inbox_fini(struct inbox *i, struct loop *l)
{
	loop_remove(l, &i->watch);
	close(i->watch.fd);
	pthread_mutex_destroy(&i->lock);
}

/* Hand @letter to the receiver, from any thread. Ownership moves here. */
void inbox_send(struct inbox *i, struct letter *letter)
{
	bool was_empty;

	pthread_mutex_lock(&i->lock);
	was_empty = list_empty(&i->letters);
	list_add_tail(&i->letters, &letter->link);
	pthread_mutex_unlock(&i->lock);
	if (was_empty)
		eventfd_write(i->watch.fd, 1);
}
