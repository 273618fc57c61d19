/* SPDX-License-Identifier: Apache-2.0 */
/* backends.h - from the configuration of backends to open ones, across reloads. */
#ifndef GATEWAY_BACKENDS_H
#define GATEWAY_BACKENDS_H

#include "gateway/gateway.h"

/* Fills `t` with the backends of `c`, in its order. Those of `before` (may be NULL) with the same
 * settings are kept, others are opened; on failure those are closed again. Behind them come,
 * retired, those of `before` that are no more: they answer for the statements they run. Reads
 * files: not on a loop. */
MUST_USE int backends_open(struct route_table *t, struct gateway *g, const struct config *c,
                           const struct route_table *before, struct error *err);

/* Closes every backend of the process, after all lanes are detached. */
void backends_close(struct gateway *g);

#endif
