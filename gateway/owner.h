/* SPDX-License-Identifier: Apache-2.0 */
/* owner.h - which backend has a query or a transaction, for requests that carry no ticket.
 *
 * Asked in turn: the statements this instance knows, the shared state, the history. */
#ifndef GATEWAY_OWNER_H
#define GATEWAY_OWNER_H

#include "gateway/gateway.h"

struct owner_lookup;

/* `done` is called once, not before this returned, on the lane's thread, with the backend or NULL
 * (unknown, or no longer configured). */
struct owner_lookup *owner_find(struct lane *l, enum state_entry_kind kind, struct str id,
                                void (*done)(void *arg, struct backend *b), void *arg);

/* `done` will not be called. NULL is a no-op. */
void owner_cancel(struct owner_lookup *o);

#endif
