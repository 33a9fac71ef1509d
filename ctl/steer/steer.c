/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the ways to steer is used. */
#include "steer/steer.h"

#include "base/array.h"
#include "base/log.h"
#include "steer/kmod.h"
#include "steer/nft.h"

#include <errno.h>
#include <stdio.h>

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

/* The backend that @mode asks for; NULL, having said why, when it is not to be had. */
const struct steer_ops *steer_choose(enum steer_mode mode)
{
	const struct steer_ops *ops = &nft_steer_ops;

	if (mode != STEER_NFT && kmod_is_loaded())
		ops = &kmod_steer_ops;
	if (mode == STEER_KMOD && ops != &kmod_steer_ops) {
		log_error("--steer kmod: the kernel module lattice is not loaded; not started");
		return NULL;
	}
	log_info("steering is chosen steer=%s asked=%s", ops->name, modes[mode].p);
	return ops;
}

/* "nft", or "kmod" and the version of the module, in @to. */
void steer_describe(const struct steer_ops *ops, char *to, size_t room)
{
	FILE *file = ops == &kmod_steer_ops ? fopen("/sys/module/lattice/version", "re") : NULL;
	char version[32] = "";

	if (file && fgets(version, sizeof(version), file))
		version[strcspn(version, "\n")] = '\0';
	if (file)
		fclose(file);
	snprintf(to, room, "%s%s%s", ops->name, *version ? " " : "", version);
}
