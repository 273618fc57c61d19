/* SPDX-License-Identifier: Apache-2.0 */
/* lane.h - the life of a lane: opened, run by a thread of its own, given new snapshots, closed. */
#ifndef GATEWAY_LANE_H
#define GATEWAY_LANE_H

#include "gateway/gateway.h"

/* Opens lane `index` of `g` with the gateway's newest snapshot. On failure lane_close() is still
 * due. */
MUST_USE int lane_open(struct lane *l, struct gateway *g, unsigned index, struct error *err);

/* Starts its thread. */
MUST_USE int lane_start(struct lane *l, struct error *err);

/* Hands `s` to the lane, which takes it between two turns with a reference of its own. */
void lane_swap(struct lane *l, struct snapshot *s);

/* Ends its thread, if it has one. */
void lane_stop(struct lane *l);

/* Frees what lane_open() made; a zeroed lane is a no-op. */
void lane_close(struct lane *l);

/* The health checks of the snapshot's backends, which run on lane 0. */
void lane_start_healths(struct gateway *g, const struct snapshot *s);
void lane_stop_healths(struct gateway *g);

#endif
