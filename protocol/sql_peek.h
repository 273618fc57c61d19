/* SPDX-License-Identifier: Apache-2.0 */
/* sql_peek.h - recognises the few statements that a gateway must act upon itself. No parser: text
 * that is not exactly one of them is PEEK_OTHER, and nothing ever fails. */
#ifndef PROTOCOL_SQL_PEEK_H
#define PROTOCOL_SQL_PEEK_H

#include "base/mem.h"

enum sql_peek_kind {
    PEEK_OTHER,
    PEEK_EXECUTE_IMMEDIATE, /* EXECUTE IMMEDIATE 'sql' [USING ...] */
    PEEK_KILL_QUERY,        /* CALL system.runtime.kill_query('id' [, 'message']) */
    PEEK_START_TRANSACTION,
    PEEK_COMMIT,
    PEEK_ROLLBACK
};

struct sql_peek {
    enum sql_peek_kind kind;
    struct str inner;    /* PEEK_EXECUTE_IMMEDIATE: the statement, without quotes and escapes */
    struct str rest;     /* ... and "USING ..." as written, to follow EXECUTE name; or empty */
    struct str query_id; /* PEEK_KILL_QUERY */
    struct str query_id_literal; /* ... as written, quotes included: the place to replace it */
};

/* `sql` is the whole statement; strings of `*out` are views of it or in the arena. */
void sql_peek(struct sql_peek *out, struct arena *a, struct str sql);

#endif
