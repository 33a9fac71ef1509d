/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation and access to user memory fails once: with /proc/thread-self/fail-nth the n-th
 * that a system call of ours asks for is refused, for n from 1 until the call asks for no more.
 * What failed must have left nothing behind; the same without faults must work afterwards. For a
 * kernel with failslab.
 *
 *   nl-fault load MODULE.ko    the module is not loaded, before and after
 *   nl-fault requests          in a namespace that is not registered
 */
#include "base/num.h"
#include "nl_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* More points of failure than these are a loop that does not end. */
enum { POINTS_MAX = 20000, ENTRIES = 3 };

static int fail_nth = -1;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "nl-fault: %s: %s %s\n", what, strerror(errno), nl_words);
	exit(1);
}

/* The @n-th allocation, or access to user memory, of this thread from now on fails; 0 for none. */
static void arm(unsigned n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);
	int tries = 2; /* this very write may be what fails */

	while (tries-- && pwrite(fail_nth, text, (size_t)length, 0) != length) {
		if (errno != EFAULT || !tries)
			die("fail-nth");
	}
}

/* Disarm. Returns how many were still to pass, 0 when one has failed. */
static uint32_t disarm(void)
{
	char text[16] = { 0 };
	uint32_t left = 1;
	ssize_t n = pread(fail_nth, text, sizeof(text) - 1, 0);

	/* This very read may be what fails: then nothing did before. */
	if (n < 0 && errno != EFAULT)
		die("fail-nth");
	text[strcspn(text, "\n")] = 0;
	if (n > 0 && num_parse_u32(str_of(text), &left))
		die("fail-nth");
	arm(0);
	return left;
}

static bool is_loaded(void)
{
	return !access("/sys/module/lattice", F_OK);
}

/* Load with the @n-th allocation failing. Returns 0 or -errno, and in *@left what disarm() says. */
static int load_once(const char *path, const char *parameters, unsigned n, uint32_t *left)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long err;

	if (fd < 0)
		die(path);
	arm(n);
	err = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	*left = disarm();
	close(fd);
	return (int)err;
}

/*
 * The kernel's own work before it reads parameters is not what we try: where it makes trace events
 * it warns of memory that it does not get. A parameter that is none ends the load just behind.
 */
static unsigned points_before_ours(const char *path)
{
	uint32_t left;

	if (load_once(path, "max_namespaces=none", POINTS_MAX, &left) != -EINVAL)
		die("a wrong parameter is not refused");
	return POINTS_MAX - left;
}

static int load(const char *path)
{
	unsigned first = points_before_ours(path), n, refused = 0;

	for (n = first; n < POINTS_MAX; n++) {
		uint32_t left;
		int err = load_once(path, "", n, &left);

		errno = -err;
		refused += !!err;
		if (err && (left || is_loaded()))
			die(left ? "not loaded" : "half loaded");
		if (!err && syscall(SYS_delete_module, "lattice", 0))
			die("unload");
		if (left)
			break;
	}
	printf("# %u allocations failed, %u loads with them\n", n - first, refused);
	return n == POINTS_MAX || !refused;
}

static int listener(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
		die("listener");
	return fd;
}

/* Each request of a namespace's life. All take what was set up by those before. */
static int handoff_fd;
static uint64_t generation;
static unsigned entries_seen, rules_seen, services_seen;
static uint64_t generation_seen;

static int do_handoff(void)
{
	return nl_handoff_set(&handoff_fd, 1);
}

static int do_begin(void)
{
	return nl_table_begin(generation, ENTRIES, 1);
}

static int do_add(void)
{
	struct nl_entry e[ENTRIES];
	uint32_t i;

	for (i = 0; i < ENTRIES; i++)
		e[i] = (struct nl_entry){ nl_addr_parse("169.254.171.9"), (uint16_t)(80 + i),
					  (uint32_t)generation * ENTRIES + i };
	return nl_table_add_entries(e, ENTRIES);
}

static int do_add_rule(void)
{
	struct nl_rule rule = { nl_addr_parse("10.0.0.0"), 8, 1, 65535 };

	return nl_table_add_rule(&rule);
}

static int do_commit(void)
{
	return nl_table_commit(generation);
}

static void see_table(const struct nlmsghdr *h)
{
	const struct nlattr *a, *e;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == LATTICE_A_GENERATION)
			generation_seen = mnl_attr_get_u64(a);
		if (mnl_attr_get_type(a) == LATTICE_A_ENTRIES)
			mnl_attr_for_each_nested(e, a) entries_seen++;
		if (mnl_attr_get_type(a) == LATTICE_A_RULES)
			mnl_attr_for_each_nested(e, a) rules_seen++;
	}
}

static void see_service(const struct nlmsghdr *h)
{
	(void)h;
	services_seen++;
}

static int dump(uint8_t cmd, void (*each)(const struct nlmsghdr *))
{
	struct nlmsghdr *h = nl_begin(cmd);

	h->nlmsg_flags |= NLM_F_DUMP;
	return nl_talk(h, each);
}

static int do_dump_table(void)
{
	entries_seen = rules_seen = 0;
	return dump(LATTICE_CMD_TABLE_GET, see_table);
}

static int do_dump_services(void)
{
	services_seen = 0;
	return dump(LATTICE_CMD_SERVICE_GET, see_service);
}

static int do_status(void)
{
	return nl_talk(nl_begin(LATTICE_CMD_STATUS_GET), NULL);
}

static int do_unregister(void)
{
	return nl_talk(nl_begin(LATTICE_CMD_UNREGISTER), NULL);
}

static const struct step {
	const char *name;
	int (*run)(void);
} steps[] = {
	{ "open", nl_open },
	{ "handoff", do_handoff },
	{ "begin", do_begin },
	{ "add", do_add },
	{ "add rule", do_add_rule },
	{ "commit", do_commit },
	{ "dump table", do_dump_table },
	{ "dump services", do_dump_services },
	{ "status", do_status },
	{ "handoff again", do_handoff },
	{ "unregister", do_unregister },
};
enum { COMMIT = 5, STEPS = sizeof(steps) / sizeof(*steps) };

static void hang_up(void)
{
	if (nl)
		mnl_socket_close(nl);
	nl = NULL;
}

/* A refused step has put nothing in force: asked on another socket, as this one may be in disorder.
 */
static void prove_unchanged(bool is_commit)
{
	struct mnl_socket *kept = nl;

	nl = NULL;
	if (nl_open() || do_dump_table())
		die("the table cannot be read");
	/* Only the answer may have failed. */
	if (entries_seen && !(is_commit && entries_seen == ENTRIES && rules_seen == 1))
		die("a refused transaction is in force");
	hang_up();
	nl = kept;
}

/* All of it without faults, after whatever was left: the namespace must be as good as new. */
static void prove_whole(void)
{
	size_t i;

	generation++;
	for (i = 0; i < STEPS; i++) {
		errno = -steps[i].run();
		if (errno)
			die(steps[i].name);
	}
	hang_up();
	if (entries_seen != ENTRIES || rules_seen != 1 || services_seen != ENTRIES ||
	    generation_seen != generation)
		die("the table is not what was put");
}

/* Run all steps, the @wanted one with its @n-th allocation failing. Did one fail? */
static bool run_with_fault(size_t wanted, unsigned n, unsigned *refused)
{
	bool has_failed = false;
	size_t i;

	generation++;
	for (i = 0; i <= wanted; i++) {
		int err;

		if (i == wanted)
			arm(n);
		err = steps[i].run();
		if (i == wanted)
			has_failed = !disarm();
		if (!err)
			continue;
		if (!has_failed) {
			errno = -err;
			die(steps[i].name);
		}
		++*refused;
		if (steps[i].run != nl_open && i <= COMMIT)
			prove_unchanged(i == COMMIT);
	}
	hang_up();
	return has_failed;
}

static int requests(void)
{
	size_t i;

	handoff_fd = listener();
	prove_whole();
	for (i = 0; i < STEPS; i++) {
		unsigned n = 1, refused = 0;

		while (run_with_fault(i, n, &refused)) {
			prove_whole();
			if (++n == POINTS_MAX)
				die("too many points of failure");
		}
		printf("# %s: %u allocations failed, %u requests with them\n", steps[i].name, n - 1,
		       refused);
		if (i && !refused)
			die("no request failed, so nothing was tried");
		prove_whole();
	}
	return 0;
}

int main(int argc, char **argv)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		die("this kernel has no fault injection");
	if (argc > 2 && !strcmp(argv[1], "load"))
		return load(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "requests"))
		return requests();
	fprintf(stderr, "usage: nl-fault load MODULE.ko | requests\n");
	return 2;
}
