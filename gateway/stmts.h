/* SPDX-License-Identifier: Apache-2.0 */
/* stmts.h - the statements that this instance knows to be running: for history, metrics, load and
 * abandonment. A poll needs none of it to be answered.
 *
 * Shared by all lanes, sharded, each shard under its own short lock. A statement:
 *
 *     (POST accepted) -> RUNNING --last page, cancel, abandoned--> ended, forgotten
 *
 * One that another instance accepted is noted at its first poll here ("foreign"), so that its end
 * can be told to the instance that has its record. */
#ifndef GATEWAY_STMTS_H
#define GATEWAY_STMTS_H

#include "base/str.h"
#include "gateway/ended.h"

struct stmts;
struct gateway;
struct backend;

struct stmt_begin {
    struct str id, user, source;
    struct backend *backend;
    enum dialect client;
    bool may_be_known; /* its client made the id, and may have sent it before */
};

/* What a page adds. */
struct stmt_page {
    uint64_t rows, bytes;
    bool has_data;
};

struct stmts *stmts_new(struct gateway *g);
void stmts_free(struct stmts *s);

void stmts_begin(struct stmts *s, const struct stmt_begin *b);

/* A poll begins: the statement is not abandoned as long as one waits. Copies the user to `user`
 * (cut to n, terminated). The result is the backend that it began on: `b`, or one that a reload has
 * replaced by `b`. */
struct backend *stmts_poll_begin(struct stmts *s, struct str id, struct backend *b,
                                 enum dialect client, char *user, size_t n);
void stmts_poll_end(struct stmts *s, struct str id, const struct stmt_page *page);

/* From now on it is polled at `b`. */
void stmts_move(struct stmts *s, struct str id, struct backend *b);

/* The cluster cannot be reached: since when, in ms (0 = this is the first failure). A good poll
 * forgets it. */
uint64_t stmts_unreachable_ms(struct stmts *s, struct str id);

/* The end. `facts` may be NULL (cancelled, abandoned). A statement that is not known (ended
 * already, replayed last page) is a no-op, so that nothing is counted twice. When another instance
 * accepted it and `out` is given, nothing is recorded here: `out` gets what is to be told (see
 * handover.h), its texts kept, and the result is true. */
bool stmts_end(struct stmts *s, struct str id, enum stmt_end how, const struct page_facts *facts,
               struct ended *out);

/* Records an end that was seen by another instance, or cannot be told to one. */
void stmts_record(struct stmts *s, struct ended *d);

/* Copies the owner's name; false when the statement is not known here. */
bool stmts_owner(struct stmts *s, struct str id, struct backend **out);

/* Calls `fn` for the ids that no poll has touched for `idle_ms` (once per period each). */
void stmts_idle(struct stmts *s, uint64_t idle_ms,
                void (*fn)(void *arg, struct str id, struct backend *b, struct str user),
                void *arg);

uint64_t stmts_count(const struct stmts *s);

/* News of another instance: it saw the end of a statement that began here. `arg` is the struct. */
void stmts_on_news(void *arg, struct str news);

#endif
