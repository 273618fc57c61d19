/* SPDX-License-Identifier: Apache-2.0 */
/* ended.h - the end of a statement: what is known of it, and its record (metrics, log line,
 * history). */
#ifndef GATEWAY_ENDED_H
#define GATEWAY_ENDED_H

#include "base/mem.h"
#include "history/history.h"
#include "protocol/dialect.h"
#include "protocol/page.h"

struct gateway;
struct histogram;

enum stmt_end { STMT_FINISHED, STMT_FAILED, STMT_CANCELED, STMT_ABANDONED, STMT_HANDED_OVER };

/* As history and logs show it. */
const char *stmt_end_name(enum stmt_end how);

struct ended {
    enum stmt_end how;
    enum dialect client;
    struct str user, source, backend;
    struct histogram *duration; /* of the backend; NULL when the statement did not begin here */
    struct history_end e;       /* total_ms == 0: the beginning is not known */
    struct arena kept;          /* see ended_keep() */
};

/* Facts of the last page; those that it lacks stay zero. `f` may be NULL. The error's text is
 * unescaped into `text`. */
void ended_take_facts(struct ended *d, const struct page_facts *f, struct buf *text);

/* Counts, logs one line, and hands the row to the history. */
void ended_record(struct gateway *g, const struct ended *d);

/* Copies all texts to d->kept, which the caller then has to reset. */
void ended_keep(struct ended *d);

#endif
