/* SPDX-License-Identifier: Apache-2.0 */
/* tree.c - see tree.h. Every function keeps its own stack in an arena: of places (a node and which
 * child comes next), of pairs to compare, or of copies to make. */
#include "sql/tree.h"

#include "sql/token.h"

#define STACK_FIRST 64

const struct sql_kind_row sql_kinds[SQL_KIND_COUNT] = {
#define NODE(kind, name, shape, ...) [SQL_##kind] = {name, shape},
#include "sql/nodes.def"
#undef NODE
};

struct place {
    struct sql_node *node;
    uint32_t next; /* child */
};

struct stack {
    struct place *at;
    size_t n, cap;
    struct arena *arena;
};

static void push(struct stack *s, struct sql_node *node)
{
    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? STACK_FIRST : s->cap * 2;
        struct place *more = arena_alloc(s->arena, cap * sizeof(*more));

        if (s->n > 0)
            memcpy(more, s->at, s->n * sizeof(*more));
        s->at = more;
        s->cap = cap;
    }
    s->at[s->n++] = (struct place){node, 0};
}

struct sql_node *sql_new(struct arena *a, enum sql_kind kind, uint32_t count)
{
    struct sql_node *n = arena_zalloc(a, sizeof(*n) + count * sizeof(n->kid[0]));

    n->kind = (uint16_t)kind;
    n->count = count;
    return n;
}

/* The child that stands `i`th in the text: the slots are in its order but for TRIM(c FROM s). */
static struct sql_node *child(const struct sql_node *n, uint32_t i)
{
    if (n->kind == SQL_TRIM && n->count == 2 && (n->flags & SQL_F_COMMA) == 0)
        i = 1 - i;
    return n->kid[i];
}

void sql_walk(struct sql_node *root, const struct sql_visitor *v, struct arena *a)
{
    struct stack s = {.arena = a};
    struct sql_node *next = root;

    while (next != NULL || s.n > 0) {
        struct place *top;

        if (next != NULL) {
            enum sql_visit visit = v->enter(v->ctx, next);

            if (visit == SQL_VISIT_STOP)
                return;
            push(&s, next);
            if (visit == SQL_VISIT_OVER)
                s.at[s.n - 1].next = next->count;
            next = NULL;
        }
        top = &s.at[s.n - 1];
        while (next == NULL && top->next < top->node->count)
            next = child(top->node, top->next++);
        if (next == NULL) {
            s.n--;
            if (v->leave != NULL)
                v->leave(v->ctx, top->node);
        }
    }
}

/* F_AS says how an alias was written, not what it is. */
static uint32_t meaningful_flags(const struct sql_node *n)
{
    bool aliased = n->kind == SQL_ITEM || n->kind == SQL_ALIASED || n->kind == SQL_MERGE;

    return aliased ? n->flags & ~(uint32_t)SQL_F_AS : n->flags;
}

static bool same_node(const struct sql_node *x, const struct sql_node *y)
{
    if (x->kind != y->kind || x->op != y->op || x->op2 != y->op2 || x->count != y->count ||
        meaningful_flags(x) != meaningful_flags(y))
        return false;
    if (x->kind == SQL_IDENT && x->op != 0) /* a word of the grammar */
        return true;
    return x->kind == SQL_PARAMETER ? x->number == y->number : str_eq(x->text, y->text);
}

/* Pairs lie on the stack as two places, one above the other; a node is done when popped. */
bool sql_equal(const struct sql_node *x, const struct sql_node *y, struct arena *a)
{
    struct stack s = {.arena = a};

    if (x == NULL || y == NULL)
        return x == y;
    push(&s, (struct sql_node *)(uintptr_t)x);
    push(&s, (struct sql_node *)(uintptr_t)y);
    while (s.n > 0) {
        y = s.at[--s.n].node;
        x = s.at[--s.n].node;
        if (!same_node(x, y))
            return false;
        for (uint32_t i = 0; i < x->count; i++) {
            if ((x->kid[i] == NULL) != (y->kid[i] == NULL))
                return false;
            if (x->kid[i] == NULL)
                continue;
            push(&s, x->kid[i]);
            push(&s, y->kid[i]);
        }
    }
    return true;
}

static struct sql_node *copy_one(const struct sql_node *n, struct arena *a)
{
    size_t size = sizeof(*n) + n->count * sizeof(n->kid[0]);
    struct sql_node *copy = arena_alloc(a, size);

    memcpy(copy, n, size);
    if (n->kind != SQL_PARAMETER && n->text.p != NULL)
        copy->text = arena_str(a, n->text);
    return copy;
}

struct sql_node *sql_copy(const struct sql_node *root, struct arena *a)
{
    struct stack s = {.arena = a};
    struct sql_node *copy;

    if (root == NULL)
        return NULL;
    copy = copy_one(root, a);
    push(&s, copy);
    while (s.n > 0) {
        struct sql_node *n = s.at[--s.n].node;

        for (uint32_t i = 0; i < n->count; i++) {
            if (n->kid[i] == NULL)
                continue;
            n->kid[i] = copy_one(n->kid[i], a);
            push(&s, n->kid[i]);
        }
    }
    return copy;
}

struct sql_node *sql_rewrite(struct sql_node *root,
                             struct sql_node *(*change)(void *ctx, struct sql_node *node),
                             void *ctx, struct arena *a)
{
    struct stack s = {.arena = a};

    if (root == NULL)
        return NULL;
    push(&s, root);
    for (;;) {
        struct place *top = &s.at[s.n - 1];
        struct sql_node *next = NULL;

        while (next == NULL && top->next < top->node->count)
            next = top->node->kid[top->next++];
        if (next != NULL) {
            push(&s, next);
            continue;
        }
        next = change(ctx, top->node);
        if (--s.n == 0)
            return next;
        top = &s.at[s.n - 1];
        top->node->kid[top->next - 1] = next;
    }
}

static void dump_head(struct buf *out, const struct sql_node *n)
{
    buf_put_c(out, '(');
    buf_put_str(out, str_c(sql_kinds[n->kind].name));
    for (int i = 0; i < 2; i++) {
        uint16_t op = i == 0 ? n->op : n->op2;

        if (op == 0)
            continue;
        buf_put_str(out, i == 0 ? STR(" ") : STR(" /"));
        buf_put_str(out, sql_token_text(op));
    }
    if (n->flags != 0)
        buf_printf(out, " #%x", n->flags);
    if (n->kind == SQL_PARAMETER)
        buf_printf(out, " %llu", (unsigned long long)n->number);
    else if (n->text.p != NULL) {
        buf_put_c(out, ' ');
        buf_put_json(out, n->text);
    }
}

void sql_dump(struct buf *out, const struct sql_node *root)
{
    struct arena scratch = {0};
    struct stack s = {.arena = &scratch};

    dump_head(out, root);
    push(&s, (struct sql_node *)(uintptr_t)root);
    while (s.n > 0) {
        struct place *top = &s.at[s.n - 1];
        struct sql_node *next;

        if (top->next == top->node->count) {
            buf_put_c(out, ')');
            s.n--;
            continue;
        }
        next = top->node->kid[top->next++];
        buf_put_c(out, ' ');
        if (next == NULL) {
            buf_put_c(out, '-');
            continue;
        }
        dump_head(out, next);
        push(&s, next);
    }
    arena_reset(&scratch);
}
