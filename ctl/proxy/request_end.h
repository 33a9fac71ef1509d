/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a request that is over. */
#ifndef LATTICE_PROXY_REQUEST_END_H
#define LATTICE_PROXY_REQUEST_END_H

struct request;

void request_end(struct request *r);

#endif
