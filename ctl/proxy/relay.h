/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying a request to its target and the response back. */
#ifndef LATTICE_PROXY_RELAY_H
#define LATTICE_PROXY_RELAY_H

struct request;

enum relay_outcome {
	RELAY_WAIT,
	RELAY_DONE,  /* answered, by the target or by us; or the client is gone */
	RELAY_AGAIN, /* a kept connection was dead: nothing was lost, try another */
};

enum relay_outcome relay_run(struct request *r);

#endif
