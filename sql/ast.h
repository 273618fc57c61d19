/* SPDX-License-Identifier: Apache-2.0 */
/* ast.h - the syntax tree of a Presto or Trino statement.
 *
 * Every node has one shape: a kind, up to two words of the grammar that tell its variant (`op`,
 * `op2`), flags, a text, and children. A kind either has fixed slots, named below its row, some of
 * which may be NULL, or it is SQL_LIST and has any number of children, none NULL. That is what
 * lets one visitor, one comparison and one rewriter serve the whole grammar.
 *
 * Positions are byte offsets in the statement's text, [start, end). Brackets around an expression
 * leave no node: the printer sets them where the tree needs them.
 *
 * Everything lives in the statement's arena and is never freed alone. Chains of one operator lean
 * left (a + b + c is ((a + b) + c)) and may be as deep as the statement is long: follow
 * kid[0] in a loop, do not recurse into it. AND and OR hold all their operands in one list. All
 * other depth is bounded by `sql_limits.depth`.
 *
 * Knowledge: the grammars of Trino 476 and Presto 0.296; docs/sql.md names each production. */
#ifndef SQL_AST_H
#define SQL_AST_H

#include "base/str.h"

enum sql_kind {
#define NODE(kind, ...) SQL_##kind,
#include "sql/nodes.def"
#undef NODE
    SQL_KIND_COUNT
};

/* The slots as SQL_<KIND>_<SLOT>, counted from 0: always kid[SQL_JOIN_ON], never a bare number. */
#define SQL_S0_(k)
#define SQL_S1_(k, a) SQL_##k##_##a = 0,
#define SQL_S2_(k, a, b) SQL_S1_(k, a) SQL_##k##_##b = 1,
#define SQL_S3_(k, a, b, c) SQL_S2_(k, a, b) SQL_##k##_##c = 2,
#define SQL_S4_(k, a, b, c, d) SQL_S3_(k, a, b, c) SQL_##k##_##d = 3,
#define SQL_S5_(k, a, b, c, d, e) SQL_S4_(k, a, b, c, d) SQL_##k##_##e = 4,
#define SQL_S6_(k, a, b, c, d, e, f) SQL_S5_(k, a, b, c, d, e) SQL_##k##_##f = 5,
#define SQL_S7_(k, a, b, c, d, e, f, g) SQL_S6_(k, a, b, c, d, e, f) SQL_##k##_##g = 6,
#define SQL_PICK_(none, a, b, c, d, e, f, g, n, ...) SQL_S##n##_
#define NODE(kind, name, shape, ...)                                                               \
    SQL_PICK_(none, ##__VA_ARGS__, 7, 6, 5, 4, 3, 2, 1, 0)(kind, ##__VA_ARGS__)
enum sql_slot {
#include "sql/nodes.def"
};
#undef NODE

/* Flags; each kind's row says which it can have. Their values may repeat between kinds that never
 * meet, but not within one. */
enum {
    SQL_F_QUOTED = 1 << 0,
    SQL_F_NOT = 1 << 1,
    SQL_F_NEGATIVE = 1 << 2,
    SQL_F_PLUS = 1 << 3,
    SQL_F_UNICODE = 1 << 4,
    SQL_F_WORD = 1 << 5,
    SQL_F_AS = 1 << 6,
    SQL_F_PAREN = 1 << 7,
    SQL_F_ANGLE = 1 << 8,
    SQL_F_STAR = 1 << 9,
    SQL_F_RUNNING = 1 << 10,
    SQL_F_FINAL = 1 << 11,
    SQL_F_TRY = 1 << 12,
    SQL_F_COMMA = 1 << 13,
    SQL_F_RECURSIVE = 1 << 14,
    SQL_F_NATURAL = 1 << 15,
    SQL_F_ORDINALITY = 1 << 16,
    SQL_F_WITH_TIES = 1 << 17,
    SQL_F_WITH_ZONE = 1 << 18,
    SQL_F_WITHOUT_ZONE = 1 << 19,
    SQL_F_PARTITION_PAREN = 1 << 20,
    SQL_F_DEFAULT = 1 << 21,
    SQL_F_TEMPORARY = 1 << 22,
    SQL_F_NOT_NULL = 1 << 23,
    SQL_F_REPLACE = 1 << 24,
    SQL_F_IF_EXISTS = 1 << 25,
    SQL_F_IF_NOT_EXISTS = 1 << 26,
    SQL_F_COLUMN_IF_EXISTS = 1 << 27,
    SQL_F_COLUMN_IF_NOT_EXISTS = 1 << 28,
    /* EXPLAIN */
    SQL_F_ANALYZE = 1 << 0,
    SQL_F_VERBOSE = 1 << 2,
    /* CREATE TABLE AS */
    SQL_F_WITH_DATA = 1 << 0,
    SQL_F_NO_DATA = 1 << 2,
    /* GRANT, REVOKE, SHOW ROLES */
    SQL_F_GRANT_OPTION = 1 << 0,
    SQL_F_ADMIN_OPTION = 1 << 0,
    SQL_F_CURRENT = 1 << 0,
    /* patterns */
    SQL_F_RELUCTANT = 1 << 0,
    SQL_F_EXACT = 1 << 2,
    /* constraints */
    SQL_F_ENABLED = 1 << 0,
    SQL_F_DISABLED = 1 << 2,
    SQL_F_RELY = 1 << 3,
    SQL_F_NOT_RELY = 1 << 4,
    SQL_F_ENFORCED = 1 << 5,
    SQL_F_NOT_ENFORCED = 1 << 6,
    /* JSON: the wrapper and quotes clauses of JSON_QUERY and of a query column */
    SQL_F_FORMAT = 1 << 0,
    SQL_F_KEY = 1 << 2,
    SQL_F_COLON = 1 << 3,
    SQL_F_UNIQUE = 1 << 4,
    SQL_F_WITHOUT_UNIQUE = 1 << 5,
    SQL_F_KEYS = 1 << 6,
    SQL_F_WRAPPER = 1 << 7, /* WITH WRAPPER ... */
    SQL_F_WITHOUT_WRAPPER = 1 << 8,
    SQL_F_CONDITIONAL = 1 << 9, /* WITH CONDITIONAL */
    SQL_F_UNCONDITIONAL = 1 << 10,
    SQL_F_WRAPPER_ARRAY = 1 << 11, /* the word ARRAY was written */
    SQL_F_KEEP_QUOTES = 1 << 12,
    SQL_F_OMIT_QUOTES = 1 << 13,
    SQL_F_ON_SCALAR = 1 << 14
};

struct sql_node {
    uint16_t kind; /* enum sql_kind */
    uint16_t op;   /* enum sql_token_kind (sql/token.h), or 0 */
    uint16_t op2;  /* same */
    uint16_t unused_;
    uint32_t flags;
    uint32_t start, end; /* bytes of the statement's text */
    uint32_t count;      /* of kid[] */
    union {
        struct str text; /* views the statement's text, or lies in the arena */
        uint64_t number; /* PARAMETER */
    };
    struct sql_node *kid[];
};

/* What nodes.def says of a kind. */
struct sql_kind_row {
    const char *name;
    const char *shape; /* "" for kinds without slots, SQL_LIST and SQL_NAME too */
};
extern const struct sql_kind_row sql_kinds[SQL_KIND_COUNT];

#endif
