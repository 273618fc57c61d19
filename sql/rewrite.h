/* SPDX-License-Identifier: Apache-2.0 */
/* rewrite.h - changes of whole statements, on top of tree.h. */
#ifndef SQL_REWRITE_H
#define SQL_REWRITE_H

#include "base/mem.h"
#include "sql/ast.h"

/* A NAME of these parts, quoted where they are not plain lower-case words. */
struct sql_node *sql_name(struct arena *a, const struct str *parts, uint32_t count);

/* Whether two NAMEs are the same name: same number of parts, ASCII case does not matter (the
 * coordinators fold even quoted names). */
bool sql_name_eq(const struct sql_node *x, const struct sql_node *y);

/* Gives the table `from` the name `to` wherever the statement names it so, and returns in how many
 * places. Both are NAMEs; `to` is shared, not copied. Where the table stands in a FROM clause
 * without an alias, its old last part becomes one, so that column references `t.x` stay right. A
 * `from` of one part is left alone where a common table expression hides it. References that spell
 * out the schema (s.t.x) are not followed. */
uint32_t sql_rename_table(struct sql_node *root, const struct sql_node *from, struct sql_node *to,
                          struct arena *a);

#endif
