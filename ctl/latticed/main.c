/* SPDX-License-Identifier: Apache-2.0 */
/*
 * latticed: makes ready what needs root, then is the broker. The plane is this program again,
 * started with --plane-fd after everything privileged is given up.
 */
#include "base/scoped.h"
#include "io/notify.h"
#include "latticed/plane.h"
#include "latticed/privileges.h"
#include "latticed/secrets.h"
#include "steer/broker.h"
#include "steer/kmod.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { EXIT_USAGE = 2, API_BACKLOG = 128, UNIX_PATH_BYTES = 108 };

static const char plane_user_name[] = "lattice";

struct daemon {
	const struct options *options;
	struct plane_user user;
	int lock_fd, access_fd, metrics_fd, audit_fd, flows_fd;
	int api_fds[OPTIONS_API_MAX], signed_fds[OPTIONS_API_MAX];
	unsigned api_count, signed_count;
	char api_paths[OPTIONS_API_MAX][UNIX_PATH_BYTES];
	char access_path[UNIX_PATH_BYTES], flows_path[UNIX_PATH_BYTES];
	char **plane_argv;
	char plane_fd_text[12];
};

static int fail(const char *what, const char *path, int err)
{
	log_error("%s: %s (%s); not started", what, path, strerror(-err));
	return err;
}

/* Make @path a directory of @mode that belongs to @uid. 0 or -errno. */
static int make_dir(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	SCOPED_FD fd = -1;

	if (mkdir(path, mode) && errno != EEXIST)
		return fail("cannot make the directory", path, -errno);
	fd = open(path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, uid, gid) || fchmod(fd, mode))
		return fail("cannot use the directory", path, -errno);
	return 0;
}

/* One daemon a run directory: its sockets would be taken over. Returns the held fd or -errno. */
static int take_lock(const char *run_dir)
{
	char path[PATH_MAX];
	int fd, err;

	if (snprintf(path, sizeof(path), "%s/latticed.lock", run_dir) >= (int)sizeof(path))
		return fail("cannot lock", run_dir, -ENAMETOOLONG);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail("cannot lock", path, -errno);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err = -errno;
		close(fd);
		return fail("another latticed holds", path, err);
	}
	return fd;
}

/* A listener for administrators: root and the group. Returns the fd or -errno. */
static int open_listener(const struct daemon *d, const char *path)
{
	int fd, err;

	fd = sock_unix_listen(str_of(path), 0660, API_BACKLOG);
	if (fd < 0)
		return fail("cannot listen", path, fd);
	if (chown(path, 0, d->user.gid)) {
		err = -errno;
		close(fd);
		return fail("cannot give away", path, err);
	}
	return fd;
}

/* @name in the run directory, in @ret. 0 or -errno, having said why. */
static int choose_path(const struct daemon *d, const char *name, char ret[UNIX_PATH_BYTES])
{
	const char *dir = d->options->run_dir;
	int n = snprintf(ret, UNIX_PATH_BYTES, "%s/%s", dir, name);

	return n < UNIX_PATH_BYTES ? 0 : fail("path too long for a socket", dir, -ENAMETOOLONG);
}

/* Listen on TCP at @a, for @what, unless that is nowhere. 0 or -errno, having said why. */
static int open_tcp(const struct sock_addr *a, const char *what, int *ret_fd)
{
	char text[SOCK_ADDR_TEXT_MAX];
	struct sockaddr_storage os;
	socklen_t n;
	int one = 1, fd, err;

	if (a->family == AF_UNSPEC)
		return 0;
	n = sock_addr_to_os(a, &os);
	sock_addr_write(a, text);
	fd = socket(a->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(what, text, -errno);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&os, n) || listen(fd, API_BACKLOG)) {
		err = -errno;
		close(fd);
		return fail(what, text, err);
	}
	*ret_fd = fd;
	return 0;
}

/*
 * What flow logs are made from, and the socket to read them at, when they are wanted and the
 * module steers. 0 or -errno, having said why.
 */
static int open_flows(struct daemon *d, const struct steer_ops *steer)
{
	int err;

	if (!d->options->flow_format.count)
		return 0;
	if (steer != &kmod_steer_ops) {
		log_warn("no flow logs: only the kernel module tells of flows");
		return 0;
	}
	err = choose_path(d, "flows.sock", d->flows_path);
	if (err)
		return err;
	d->audit_fd = kmod_open_audit();
	if (d->audit_fd < 0)
		return fail("cannot hear the module's audit", "audit-all", d->audit_fd);
	d->flows_fd = open_listener(d, d->flows_path);
	return d->flows_fd < 0 ? d->flows_fd : 0;
}

/* All sockets of the API. 0 or -errno, having said why. */
static int open_api(struct daemon *d)
{
	const struct options *o = d->options;
	unsigned i, count = o->api_path_count ? o->api_path_count : 1;
	int err = 0;

	if (!o->api_path_count)
		err = choose_path(d, "api.sock", d->api_paths[0]);
	for (i = 0; i < o->api_path_count; i++)
		snprintf(d->api_paths[i], UNIX_PATH_BYTES, STR_FMT, STR_ARG(o->api_paths[i]));
	for (i = 0; !err && i < count; i++) {
		d->api_fds[i] = open_listener(d, d->api_paths[i]);
		if (d->api_fds[i] < 0)
			return d->api_fds[i];
		d->api_count++;
	}
	for (i = 0; !err && i < o->api_tcp_count; i++) {
		err = open_tcp(&o->api_tcp[i], "cannot serve the API", &d->signed_fds[i]);
		d->signed_count += !err;
	}
	return err;
}

static int open_listeners(struct daemon *d)
{
	int err;

	err = open_api(d);
	if (!err)
		err = choose_path(d, "access.sock", d->access_path);
	if (err)
		return err;
	d->access_fd = open_listener(d, d->access_path);
	if (d->access_fd < 0)
		return d->access_fd;
	return open_tcp(&d->options->metrics, "cannot serve metrics", &d->metrics_fd);
}

/* Each VPC costs the broker some fds, each request the plane a few. */
static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		log_warn("cannot raise the limit of open files: %s", strerror(errno));
}

/* What the plane is started with: its fd, then everything that we were. 0 or -ENOMEM. */
static int make_plane_argv(struct daemon *d, int argc, char **argv)
{
	int i;

	d->plane_argv = calloc((size_t)argc + 3, sizeof(*d->plane_argv));
	if (!d->plane_argv)
		return -ENOMEM;
	d->plane_argv[0] = argv[0];
	d->plane_argv[1] = (char *)"--plane-fd";
	d->plane_argv[2] = d->plane_fd_text;
	for (i = 1; i < argc; i++)
		d->plane_argv[i + 2] = argv[i];
	return 0;
}

/*
 * In the child: all that exec leaves open is standard I/O and the link, whatever fds whoever
 * started the broker let it inherit.
 */
static void become_plane(struct daemon *d, int link_fd)
{
	sigset_t none;
	int fd, err;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	err = close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) ? -errno : 0;
	fd = fcntl(link_fd, F_DUPFD, 3);
	if (!err && fd < 0)
		err = -errno;
	if (!err)
		err = privileges_drop(&d->user);
	if (!err) {
		snprintf(d->plane_fd_text, sizeof(d->plane_fd_text), "%d", fd);
		execv("/proc/self/exe", d->plane_argv);
		err = -errno;
	}
	log_error("cannot become the plane: %s", strerror(-err));
	_exit(EXIT_FAILURE);
}

static pid_t start_plane(void *context, int link_fd)
{
	pid_t pid = fork();

	if (pid == 0)
		become_plane(context, link_fd);
	return pid < 0 ? -errno : pid;
}

static void notify(void *context, bool is_ready)
{
	(void)context;
	if (is_ready)
		notify_send(STR("READY=1"));
	else
		notify_send(STR("STOPPING=1"));
}

/* Everything that must be there before the first plane is. 0 or -errno, having said why. */
static int prepare(struct daemon *d)
{
	const struct options *o = d->options;
	int err;

	privileges_find_user(plane_user_name, &d->user);
	if (!d->user.found)
		log_warn("no user %s: the plane stays root, without capabilities", plane_user_name);
	err = make_dir(o->run_dir, 0755, 0, 0);
	if (err)
		return err;
	d->lock_fd = take_lock(o->run_dir);
	if (d->lock_fd < 0)
		return d->lock_fd;
	err = make_dir(o->state_dir, 0700, d->user.uid, d->user.gid);
	if (!err)
		err = make_dir(o->log_dir, 0750, d->user.uid, d->user.gid);
	if (err)
		return err;
	raise_fd_limit();
	return open_listeners(d);
}

static int be_broker(const struct options *o, int argc, char **argv)
{
	struct daemon d = { .options = o, .lock_fd = -1, .access_fd = -1 };
	struct broker_config c = {
		.pool = o->pool,
		.workers = o->workers,
		.start_plane = start_plane,
		.notify = notify,
		.context = &d,
	};
	struct passed *passed;
	unsigned i;
	int err;

	if (geteuid() != 0) {
		log_error("must be started as root; not started");
		return EXIT_FAILURE;
	}
	/* Before anything else opens fds: what was passed has the first ones. */
	if (passed_take(&passed, &c.passed_count))
		return EXIT_FAILURE;
	c.passed = passed;
	c.steer = steer_choose(o->steer);
	if (!c.steer || prepare(&d) || open_flows(&d, c.steer) || make_plane_argv(&d, argc, argv))
		return EXIT_FAILURE;
	c.api_fd = d.api_fds[0];
	c.peer_fds = d.api_fds + 1;
	c.peer_count = d.api_count - 1;
	c.signed_fds = d.signed_fds;
	c.signed_count = d.signed_count;
	c.access_fd = d.access_fd;
	c.metrics_fd = d.metrics_fd;
	c.audit_fd = d.audit_fd;
	c.flows_fd = d.flows_fd;
	err = broker_run(&c);
	if (err)
		log_error("broker ended: %s", strerror(-err));
	for (i = 0; i < d.api_count; i++)
		unlink(d.api_paths[i]);
	unlink(d.access_path);
	if (d.flows_fd)
		unlink(d.flows_path);
	free(d.plane_argv);
	free(passed);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int be_plane(const struct options *o)
{
	int err = secrets_guard();

	if (!err)
		err = privileges_check_dropped();
	if (!err && fcntl(o->plane_fd, F_SETFD, FD_CLOEXEC))
		err = -errno;
	if (err) {
		log_error("the plane is started by the broker only: %s", strerror(-err));
		return EXIT_FAILURE;
	}
	return plane_main(o->plane_fd, o);
}

static int print_help(void)
{
	struct buf b;
	bool is_written;

	buf_init(&b, 8192);
	options_write_help(&b);
	is_written = !b.failed && fwrite(buf_str(&b).p, 1, buf_len(&b), stdout) == buf_len(&b) &&
		     fflush(stdout) == 0;
	buf_fini(&b);
	return is_written ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	char error[OPTIONS_ERROR_BYTES];
	struct options o;

	if (options_parse(&o, argc, argv, error)) {
		fprintf(stderr, "latticed: %s\n", error);
		return EXIT_USAGE;
	}
	if (o.wants_help)
		return print_help();
	/* A peer that went away is an error of the call that finds out, here and in the plane. */
	signal(SIGPIPE, SIG_IGN);
	log_open(o.plane_fd < 0 ? "latticed" : "latticed-plane", o.log_level);
	return o.plane_fd < 0 ? be_broker(&o, argc, argv) : be_plane(&o);
}
