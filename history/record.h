/* SPDX-License-Identifier: Apache-2.0 */
/* record.h - a beginning or an end of a statement, copied into one allocation, and the columns both
 * are stored in. */
#ifndef HISTORY_RECORD_H
#define HISTORY_RECORD_H

#include "history/history.h"

/* Columns in the order of `record_columns`: texts and numbers of a beginning (sql_bytes among
 * them), then those of an end, its id left out, then what the writer makes of the SQL. */
#define BEGIN_TEXTS 17
#define BEGIN_NUMBERS 3
#define END_TEXTS 5
#define END_NUMBERS 10
#define DIGEST_TEXTS 3
#define COLUMNS (BEGIN_TEXTS + BEGIN_NUMBERS + END_TEXTS + END_NUMBERS + DIGEST_TEXTS)
#define COLUMN_DIALECT 7
#define COLUMN_CATALOG 8
#define COLUMN_SCHEMA 9
#define COLUMN_SQL 10
#define COLUMN_CREATED_MS BEGIN_TEXTS
#define COLUMN_SQL_BYTES (BEGIN_TEXTS + 2)
#define COLUMN_STATE (BEGIN_TEXTS + BEGIN_NUMBERS)
#define COLUMN_ERROR_TEXT (COLUMN_STATE + 3)
#define COLUMN_FINGERPRINT (COLUMNS - DIGEST_TEXTS)
#define COLUMN_FINGERPRINT_TEXT (COLUMN_FINGERPRINT + 1)
#define COLUMN_TABLES (COLUMN_FINGERPRINT + 2)

extern const char *const record_columns[COLUMNS];

struct record {
    struct record *next;
    struct record *end;  /* a beginning's end in the same batch, borrowed */
    bool is_end, merged; /* merged: written with its beginning */
    size_t bytes;
    uint64_t numbers[END_NUMBERS];     /* BEGIN_NUMBERS of them for a beginning */
    uint32_t lengths[BEGIN_TEXTS + 1]; /* a beginning's last: prepared statements; an end has its id
                                          first, then END_TEXTS */
    char data[];                       /* the texts, one after the other */
};

/* NULL when there is no memory. `sql_max` bytes of the SQL text are copied. The caller frees it. */
struct record *record_of_begin(const struct history_begin *b, size_t sql_max);
struct record *record_of_end(const struct history_end *e);

static inline struct str record_id(const struct record *r)
{
    return str_of(r->data, r->lengths[0]);
}

#endif
