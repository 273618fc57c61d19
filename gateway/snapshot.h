/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.h - from a configuration to something that runs: keys, TLS contexts, backends, groups.
 */
#ifndef GATEWAY_SNAPSHOT_H
#define GATEWAY_SNAPSHOT_H

#include "gateway/gateway.h"

/* Takes over `config` (also on failure). Backends of `before` (may be NULL) whose settings are the
 * same are kept; others are opened anew, and those that vanished stay, retired, for the statements
 * they run. Reads files: not on a loop. */
MUST_USE int snapshot_new(struct snapshot **out, struct gateway *g, struct config *config,
                          const struct snapshot *before, struct error *err);

struct snapshot *snapshot_ref(struct snapshot *s);
/* Frees the snapshot with its last reference; backends belong to the process. NULL is a no-op. */
void snapshot_unref(struct snapshot *s);

#endif
