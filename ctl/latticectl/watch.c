/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl status and logs: what the daemon does now. */
#include "latticectl/client.h"
#include "latticectl/output.h"
#include "latticectl/run.h"
#include "latticectl/session.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCESS_SOCKET "/run/lattice/access.sock"
#define FLOWS_SOCKET  "/run/lattice/flows.sock"

/* Without -f, a silence this long ends the answer. */
enum { SILENCE_MS = 1000, READ_BYTES = 16 << 10 };

/* With -f, how long to wait before connecting again to a daemon that went. */
enum { RECONNECT_MS = 100 };

/* For people the VPCs are a table behind the rest. */
enum exit_status run_status(struct session *s, const struct args *a)
{
	struct cJSON *answer = NULL, *vpcs, *list;
	enum exit_status status = session_call(s, "GetStatus", NULL, &answer);

	(void)a;
	if (status == STATUS_DONE && s->json)
		status = output_object(true, answer);
	else if (status == STATUS_DONE) {
		vpcs = cJSON_DetachItemFromObjectCaseSensitive(answer, "vpcs");
		list = cJSON_CreateObject();
		cJSON_AddItemToObject(list, "items", vpcs);
		status = output_object(false, answer);
		if (status == STATUS_DONE && cJSON_GetArraySize(vpcs) > 0)
			status = output_items(false, list,
					      "name state generation kernelGeneration "
					      "stateReason");
		cJSON_Delete(list);
	}
	cJSON_Delete(answer);
	return status;
}

enum exit_status run_quota_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, "ListQuotas", NULL, "name value used default quotaCode");
}

/* Copy to stdout until the other side closes or @silence_ms passed (-1: for ever). */
static int copy_lines(int fd, int silence_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char bytes[READ_BYTES];

	for (;;) {
		int ready = poll(&wait, 1, silence_ms);
		ssize_t n;

		if (ready == 0)
			return 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return -errno;
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (fwrite(bytes, 1, (size_t)n, stdout) != (size_t)n || fflush(stdout) != 0)
			return -errno;
	}
}

/* Follow @path over restarts of the daemon, once it was there at all. Returns -errno. */
static int follow(const char *path)
{
	int fd = client_connect(path), err;

	if (fd < 0)
		return fd;
	for (;;) {
		if (fd >= 0) {
			err = copy_lines(fd, -1);
			close(fd);
			if (err)
				return err;
		}
		poll(NULL, 0, RECONNECT_MS);
		fd = client_connect(path);
	}
}

static int print_recent(const char *path)
{
	int fd = client_connect(path), err;

	if (fd < 0)
		return fd;
	err = copy_lines(fd, SILENCE_MS);
	close(fd);
	return err;
}

static enum exit_status print_socket(const struct args *a, const char *otherwise)
{
	const char *path = args_option(a, "--socket");
	int err;

	if (!path)
		path = otherwise;
	err = args_option(a, "-f") ? follow(path) : print_recent(path);
	if (!err)
		return STATUS_DONE;
	fprintf(stderr, "latticectl: cannot follow %s: %s\n", path, strerror(-err));
	return STATUS_REFUSED;
}

enum exit_status run_logs(struct session *s, const struct args *a)
{
	(void)s;
	return print_socket(a, ACCESS_SOCKET);
}

/* Where there can be no lines it is better to say so than to wait for them. */
enum exit_status run_flows(struct session *s, const struct args *a)
{
	struct cJSON *answer = NULL;
	enum exit_status status = session_call(s, "GetStatus", NULL, &answer);
	const char *state =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "flowLogs"));
	bool is_on = state && strcmp(state, "on") == 0;

	if (status == STATUS_DONE && !is_on) {
		fprintf(stderr, "latticectl: flow logs are %s\n",
			!state || strcmp(state, "off") == 0 ? "off; start latticed with --flow-log"
							    : state);
		status = STATUS_REFUSED;
	}
	cJSON_Delete(answer);
	return status == STATUS_DONE ? print_socket(a, FLOWS_SOCKET) : status;
}
