/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for the plane where plane.c is not part of the build; weak, so that it gives way. */
#include "latticed/plane.h"

__attribute__((weak)) int plane_main(int link_fd, const struct options *o)
{
	(void)link_fd;
	(void)o;
	log_error("this build has no plane");
	return 1;
}
