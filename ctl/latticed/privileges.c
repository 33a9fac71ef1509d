/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From root to a process that may do nothing special and can never again: securebits take root's
 * meaning away, so that this also holds where there is no other user to become.
 */
#include "latticed/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CAP_WORDS = 2 }; /* of _LINUX_CAPABILITY_VERSION_3 */

void privileges_find_user(const char *name, struct plane_user *ret)
{
	const struct passwd *p = getpwnam(name);

	*ret = (struct plane_user){ 0 };
	if (p)
		*ret = (struct plane_user){ true, p->pw_uid, p->pw_gid };
}

/* Nothing executed later can bring a capability back. */
static int empty_bounding_set(void)
{
	unsigned long cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			return -errno;
	}
	return 0;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[CAP_WORDS] = { 0 };

	return syscall(SYS_capset, &head, none) ? -errno : 0;
}

/* Become @u without any privilege. 0 or -errno: then the process must end. */
int privileges_drop(const struct plane_user *u)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	int err;

	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0))
		return -errno;
	err = empty_bounding_set();
	if (err)
		return err;
	if (setgroups(0, NULL) || setresgid(u->gid, u->gid, u->gid) ||
	    setresuid(u->uid, u->uid, u->uid))
		return -errno;
	err = drop_capabilities();
	if (err)
		return err;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

/* 0 when privileges_drop() has done its work on this process, else -EPERM or -errno. */
int privileges_check_dropped(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct has[CAP_WORDS];
	int i;

	if (syscall(SYS_capget, &head, has))
		return -errno;
	for (i = 0; i < CAP_WORDS; i++) {
		if (has[i].effective || has[i].permitted || has[i].inheritable)
			return -EPERM;
	}
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : -EPERM;
}
