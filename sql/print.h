/* SPDX-License-Identifier: Apache-2.0 */
/* print.h - from a syntax tree back to canonical SQL.
 *
 * Whatever was parsed, parse(print(tree)) equals tree (sql_equal) in the same dialect. Keywords are
 * upper case, optional words are written where they help (AS before an alias, INNER is not),
 * identifiers keep their case and are quoted where the dialect needs it. */
#ifndef SQL_PRINT_H
#define SQL_PRINT_H

#include "base/mem.h"
#include "protocol/dialect.h"
#include "sql/ast.h"

struct sql_print_options {
    enum dialect dialect;
    bool pretty; /* clauses on lines of their own, indented; else all on one line */
};

/* Appends the SQL of `root` (a statement, or any node of one). Nodes that `dialect` cannot say are
 * written as the other one says them. Returns ERR_INVALID (with the kind's name) for a tree that
 * breaks the shapes of nodes.def, ERR_LIMIT when nodes nest deeper than 5,000 (chains that lean
 * left do not count; the parser nests less). */
MUST_USE int sql_print(struct buf *out, const struct sql_node *root,
                       const struct sql_print_options *options, struct error *err);

#endif
