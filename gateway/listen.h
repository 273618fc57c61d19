/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - opens the listening sockets: one a lane and listener (SO_REUSEPORT), one for admin. */
#ifndef GATEWAY_LISTEN_H
#define GATEWAY_LISTEN_H

#include "gateway/gateway.h"

#define LISTENERS_MAX 32

struct listening {
    char addresses[LISTENERS_MAX][80]; /* host:port as bound */
    size_t count;
    char admin[80];
};

/* Blocks (host names): not on a loop. */
MUST_USE int listen_all(struct listening *out, struct gateway *g, struct error *err);

#endif
