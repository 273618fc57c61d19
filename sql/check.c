/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - whether a tree keeps the shapes of nodes.def: for trees that were built or rewritten by
 * hand, before anything trusts their slots. */
#include "sql/token.h"
#include "sql/tree.h"

struct check {
    struct error *err;
    int rc;
};

static bool fits_slot(const struct sql_node *n, char letter, const struct sql_node *kid)
{
    if (kid == NULL)
        return letter == '?' || letter == '+';
    if (n->kind == SQL_CHARACTERISTIC) /* WITH has a list where the others have a node */
        return true;
    return (letter == '*' || letter == '+') == (kid->kind == SQL_LIST);
}

static bool slots_are_right(const struct sql_node *n)
{
    const char *shape = sql_kinds[n->kind].shape;

    if (n->count != strlen(shape))
        return false;
    for (uint32_t i = 0; i < n->count; i++)
        if (!fits_slot(n, shape[i], n->kid[i]))
            return false;
    return true;
}

/* Children of a LIST or NAME: none NULL, and a name has at least one identifier. */
static bool members_are_right(const struct sql_node *n)
{
    if (n->kind == SQL_NAME && n->count == 0)
        return false;
    for (uint32_t i = 0; i < n->count; i++)
        if (n->kid[i] == NULL || (n->kind == SQL_NAME && n->kid[i]->kind != SQL_IDENT))
            return false;
    return true;
}

static enum sql_visit check_node(void *ctx, struct sql_node *n)
{
    struct check *c = ctx;
    bool right;

    if (n->kind >= SQL_KIND_COUNT || n->op >= SQL_TOKEN_COUNT || n->op2 >= SQL_TOKEN_COUNT) {
        c->rc = error_set(c->err, ERR_INVALID, "sql tree: no such kind or word: %u %u %u", n->kind,
                          n->op, n->op2);
        return SQL_VISIT_STOP;
    }
    right = n->kind == SQL_LIST || n->kind == SQL_NAME ? members_are_right(n) : slots_are_right(n);
    if (right)
        return SQL_VISIT_INTO;
    c->rc = error_set(c->err, ERR_INVALID, "sql tree: the children of a %s are not of its shape",
                      sql_kinds[n->kind].name);
    return SQL_VISIT_STOP;
}

int sql_check(const struct sql_node *root, struct arena *a, struct error *err)
{
    struct check c = {.err = err, .rc = OK};
    struct sql_visitor v = {.enter = check_node, .ctx = &c};

    if (root == NULL)
        return error_set(err, ERR_INVALID, "sql tree: no root");
    sql_walk((struct sql_node *)(uintptr_t)root, &v, a);
    return c.rc;
}
