/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that libnghttp2 makes for a struct h2_session, which is their user data. */
#ifndef LATTICE_PROXY_H2_EVENTS_H
#define LATTICE_PROXY_H2_EVENTS_H

#include <nghttp2/nghttp2.h>

/*
 * PING, SETTINGS, PRIORITY and empty DATA cost us work and bring nobody anything, and so do streams
 * that are reset. A peer may send so many at once, and so many a second for ever; then it is told
 * to calm down and the connection ends. Every frame with bytes of a body makes up for one: some
 * clients measure the way with a PING while bodies come.
 */
enum {
	H2_NUISANCES_MAX = 400,
	H2_NUISANCES_PER_SECOND = 40,
	H2_RESETS_MAX = 500,
	H2_RESETS_PER_SECOND = 50,
};

int h2_events_new(nghttp2_session_callbacks **ret) __attribute__((warn_unused_result));

#endif
