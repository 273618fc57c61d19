/* SPDX-License-Identifier: Apache-2.0 */
/* read.h - looking things up while the writer writes: a read-only connection of its own. */
#ifndef HISTORY_READ_H
#define HISTORY_READ_H

#include "base/str.h"

#include <pthread.h>
#include <sqlite3.h>

struct reader {
    pthread_mutex_t lock;
    const char *path; /* borrowed */
    sqlite3 *db;      /* opened by the first call, closed by an error */
};

void reader_init(struct reader *r, const char *path);
void reader_reset(struct reader *r);

MUST_USE int reader_backend(struct reader *r, struct str id, char *backend, size_t n,
                            struct error *err);
MUST_USE int reader_recent(struct reader *r, struct str user, struct str state, unsigned limit,
                           struct buf *out, struct error *err);

#endif
