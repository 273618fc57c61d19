/* SPDX-License-Identifier: Apache-2.0 */
/* abandon.h - cancels statements that no client polls any more (statements.abandon_after). */
#ifndef GATEWAY_ABANDON_H
#define GATEWAY_ABANDON_H

#include "gateway/gateway.h"

struct abandon;

/* Looks once a second, on lane 0. */
struct abandon *abandon_start(struct lane *l);
void abandon_stop(struct abandon *a); /* NULL is a no-op */

#endif
