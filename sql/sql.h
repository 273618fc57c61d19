/* SPDX-License-Identifier: Apache-2.0 */
/* sql.h - parsing of one Presto or Trino statement.
 *
 *     struct arena a = {0};
 *     struct sql_statement s;
 *     if (sql_parse(&s, &a, text, DIALECT_TRINO, NULL) == OK)
 *         use(s.root);                     // sql/ast.h
 *     else
 *         show(s.error.line, s.error.column, s.error.message);
 *
 * Pure functions over bytes: no state, no I/O, any thread; time and memory are linear in the text.
 * A statement that cannot be parsed is no reason to refuse it: its tokens, fingerprint and whatever
 * the facts could gather stay valid. */
#ifndef SQL_SQL_H
#define SQL_SQL_H

#include "base/mem.h"
#include "protocol/dialect.h"
#include "sql/ast.h"
#include "sql/token.h"

struct sql_limits {
    size_t bytes;    /* of the text; default 16 MiB */
    uint32_t tokens; /* default 4,000,000 */
    uint32_t depth;  /* of nesting; default 500 */
};
extern const struct sql_limits sql_limits_default;

struct sql_error {
    uint32_t line;      /* from 1; 0: no error */
    uint32_t column;    /* from 1, in code points, as the coordinators count */
    uint32_t offset;    /* the same place in bytes */
    struct str message; /* as the coordinator words it, without "line L:C: "; in the arena */
};

struct sql_statement {
    struct str text;      /* borrowed: must outlive the statement */
    enum dialect dialect; /* DIALECT_NONE is parsed as Trino */
    const struct sql_token *tokens;
    uint32_t token_count;  /* the last one is SQL_T_EOF */
    struct sql_node *root; /* NULL after an error */
    struct sql_error error;
    uint32_t parameter_count;
    struct arena *arena;
};

/* Parses `text`, exactly one statement without its ';'. `limits` may be NULL. Returns OK,
 * ERR_INVALID (syntax; s->error says where) or ERR_LIMIT (too long, too deep; s->error too);
 * `*s` is filled in every case. */
MUST_USE int sql_parse(struct sql_statement *s, struct arena *a, struct str text,
                       enum dialect dialect, const struct sql_limits *limits);

/* Cuts the next statement off `*rest`, at a ';' outside of literals, comments and routine bodies
 * (BEGIN ... END, CASE, IF, LOOP ... of CREATE FUNCTION and WITH FUNCTION); blanks and comments
 * around it are dropped. False when only blanks and comments are left. */
bool sql_split(struct str *rest, struct str *statement, enum dialect dialect);

#endif
