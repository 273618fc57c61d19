/* SPDX-License-Identifier: Apache-2.0 */
/* digest_cache.h - digests of the statements seen lately: dashboards send the same text again and
 * again, and parsing it costs more than its row. One thread. */
#ifndef HISTORY_DIGEST_CACHE_H
#define HISTORY_DIGEST_CACHE_H

#include "history/digest.h"

struct digest_cache;

/* Remembers at most `entries` (a power of two). */
struct digest_cache *digest_cache_new(size_t entries);
void digest_cache_free(struct digest_cache *c); /* NULL is a no-op */

/* What digest_sql() says of `r`. Valid until the next call. `*text_due`: the fingerprint's text is
 * new, or has not been asked for in the last 255 repetitions; the others need not store it again.
 */
const struct digest *digest_cache_get(struct digest_cache *c, const struct digest_request *r,
                                      bool *text_due);

uint64_t digest_cache_misses(const struct digest_cache *c);

#endif
