/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h - this instance's bounded memory of entries: id -> value with a time to live.
 *
 * Thread-safe and short: a shard's lock is held for a hash look-up and a copy, never across an
 * allocation of an entry or a system call. */
#ifndef STATE_MEMORY_H
#define STATE_MEMORY_H

#include "base/str.h"

struct memory;

/* Holds at most `entries` (at least one) for `ttl_ms` since they were put. */
struct memory *memory_new(size_t entries, uint64_t ttl_ms);
void memory_free(struct memory *m); /* NULL is a no-op */

/* `now_ms` is the caller's monotonic clock. Stores or replaces; the oldest entries make room. */
void memory_put(struct memory *m, struct str id, struct str value, uint64_t now_ms);

/* Appends the value to `out`; false when there is none (or none any more). */
bool memory_get(struct memory *m, struct str id, uint64_t now_ms, struct buf *out);

void memory_remove(struct memory *m, struct str id);

size_t memory_count(struct memory *m);

#endif
