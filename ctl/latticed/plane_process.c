/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be read is 0. */
#include "latticed/plane_process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static double seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static uint64_t read_memory(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *e;
	uint64_t n = 0;

	if (!d)
		return 0;
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n ? n - 1 : 0; /* without this one */
}

struct plane_process plane_process_read(void)
{
	struct plane_process p = { .memory_bytes = read_memory(), .open_fds = count_fds() };
	struct rusage used;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &used) == 0) {
		p.cpu_seconds = seconds_of(&used.ru_utime) + seconds_of(&used.ru_stime);
		p.memory_bytes_most = (uint64_t)used.ru_maxrss * 1024;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		p.open_fds_max = limit.rlim_cur;
	return p;
}
