/* SPDX-License-Identifier: Apache-2.0 */
/* tree.h - walking, comparing and rewriting syntax trees.
 *
 * Nothing here recurses: a tree may be as deep as its statement is long (see ast.h). */
#ifndef SQL_TREE_H
#define SQL_TREE_H

#include "base/mem.h"
#include "sql/ast.h"

enum sql_visit { SQL_VISIT_INTO, SQL_VISIT_OVER /* not its children */, SQL_VISIT_STOP };

/* Calls `enter` before a node's children and `leave` (may be NULL) after them, in the order of the
 * text. NULL slots are passed over. `a` serves the walk's own stack. */
struct sql_visitor {
    enum sql_visit (*enter)(void *ctx, struct sql_node *node);
    void (*leave)(void *ctx, struct sql_node *node);
    void *ctx;
};
void sql_walk(struct sql_node *root, const struct sql_visitor *v, struct arena *a);

/* Whether two trees are the same but for positions, the AS before an alias, and the case of words
 * of the grammar that stand for an identifier (GRANT select). */
bool sql_equal(const struct sql_node *x, const struct sql_node *y, struct arena *a);

/* A copy that shares nothing with the original; texts are copied too. */
struct sql_node *sql_copy(const struct sql_node *root, struct arena *a);

/* A new node with `count` children, all NULL, and no position. */
struct sql_node *sql_new(struct arena *a, enum sql_kind kind, uint32_t count);

/* Rewriting: calls `change` for every node, children first; what it returns takes the node's place
 * (the node itself: nothing changes; never NULL). Returns the new root. */
struct sql_node *sql_rewrite(struct sql_node *root,
                             struct sql_node *(*change)(void *ctx, struct sql_node *node),
                             void *ctx, struct arena *a);

/* Whether the tree keeps the shapes of nodes.def; ERR_INVALID names the kind that does not. */
MUST_USE int sql_check(const struct sql_node *root, struct arena *a, struct error *err);

/* Writes the tree as one S-expression, for tests and people: (kind op op2 #flags "text" child ...),
 * "-" for an empty slot. */
void sql_dump(struct buf *out, const struct sql_node *root);

#endif
