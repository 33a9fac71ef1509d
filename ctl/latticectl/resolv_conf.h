/* SPDX-License-Identifier: Apache-2.0 */
/* The resolv.conf that ip-netns(8) shows to programs in a namespace: /etc/netns/NAME/resolv.conf.
 */
#ifndef LATTICE_LATTICECTL_RESOLV_CONF_H
#define LATTICE_LATTICECTL_RESOLV_CONF_H

#include "latticectl/command.h"

/* Both take the namespace's path; one that is not /run/netns/NAME has no such file. */
enum exit_status resolv_conf_write(const char *netns);
void resolv_conf_remove(const char *netns);

#endif
