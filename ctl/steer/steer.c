/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the ways to steer is used. */
#include "steer/steer.h"

#include "base/array.h"
#include "base/log.h"
#include "steer/nft.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

static const struct str modes[] = {
	[STEER_AUTO] = { "auto", 4 },
	[STEER_KMOD] = { "kmod", 4 },
	[STEER_NFT] = { "nft", 3 },
};

/* auto, kmod or nft. 0 or -EINVAL. */
int steer_mode_parse(struct str name, enum steer_mode *ret)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		if (str_eq(name, modes[i])) {
			*ret = (enum steer_mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

static bool module_is_loaded(void)
{
	struct nl_sock *s = nl_socket_alloc();
	bool found;

	if (!s)
		return false;
	found = genl_connect(s) == 0 && genl_ctrl_resolve(s, "lattice") >= 0;
	nl_socket_free(s);
	return found;
}

/* The backend that @mode asks for; NULL, having said why, when this program does not have it. */
const struct steer_ops *steer_choose(enum steer_mode mode)
{
	if (mode == STEER_KMOD) {
		log_error("--steer kmod: this build cannot drive the kernel module; use nft");
		return NULL;
	}
	if (mode == STEER_AUTO && module_is_loaded())
		log_warn("the kernel module is loaded, but this build cannot drive it");
	log_info("steering through nf_tables steer=%s asked=%s", nft_steer_ops.name, modes[mode].p);
	return &nft_steer_ops;
}
