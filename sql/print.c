/* SPDX-License-Identifier: Apache-2.0 */
/* print.c - see print.h and the design in printer.h: texts, brackets, lists, and the way from a
 * node to its rule. */
#include "sql/printer.h"

/* -- texts */

/* Two texts that would run into a comment. */
static bool would_join(const struct buf *out, struct str text)
{
    char last = out->n > 0 ? out->p[out->n - 1] : '\0', next = text.n > 0 ? text.p[0] : '\0';

    return (last == '-' && next == '-') || (last == '/' && next == '*');
}

void put(struct printer *p, struct str text)
{
    if (p->gap || would_join(p->out, text))
        buf_put_c(p->out, ' ');
    buf_put_str(p->out, text);
    p->gap = true;
    p->guard = 0;
}

void put_glued(struct printer *p, struct str text)
{
    p->gap = false;
    put(p, text);
}

void put_open(struct printer *p)
{
    p->gap = false;
}

void put_op(struct printer *p, uint16_t op)
{
    put(p, sql_token_text(op));
}

/* -- levels and guards */

static enum print_level arithmetic_level(uint16_t op)
{
    return op == SQL_T_CONCAT                      ? BIND_CONCAT
           : op == SQL_T_PLUS || op == SQL_T_MINUS ? BIND_ADD
                                                   : BIND_MULTIPLY;
}

enum print_level print_level_of(const struct printer *p, const struct sql_node *n)
{
    switch (n->kind) {
    case SQL_ARITHMETIC:
        return arithmetic_level(n->op);
    case SQL_SET_OPERATION:
        return n->op == SQL_W_INTERSECT ? BIND_INTERSECT : BIND_UNION;
    case SQL_INTEGER:
    case SQL_DECIMAL:
    case SQL_DOUBLE: /* Presto's numbers have no sign of their own */
        return !p->trino && (n->flags & SQL_F_NEGATIVE) ? BIND_UNARY : BIND_LEAF;
    case SQL_ARRAY_TYPE:
        return n->flags & (SQL_F_ANGLE | SQL_F_PAREN) ? BIND_LEAF : BIND_TYPE;
    case SQL_JSON_PLAN:
        return n->op == 0 || (n->flags & SQL_F_DEFAULT) ? BIND_LEAF : BIND_PLAN;
    case SQL_ALIASED: /* MATCH_RECOGNIZE has its alias behind it */
        return n->kid[SQL_ALIASED_RELATION]->kind == SQL_MATCH_RECOGNIZE ? BIND_MATCHED
                                                                         : BIND_ALIASED;
    default:
        return print_rules[n->kind].level != 0 ? print_rules[n->kind].level : BIND_LEAF;
    }
}

/* Whether the node's first child stands before its first word. */
static bool leans_left(const struct sql_node *n)
{
    if (n->kind == SQL_ARRAY_TYPE)
        return (n->flags & (SQL_F_ANGLE | SQL_F_PAREN)) == 0;
    if (n->kind == SQL_JSON_PLAN)
        return n->op != 0 && (n->flags & SQL_F_DEFAULT) == 0;
    return print_rules[n->kind].left;
}

/* What the first child of a node that leans left needs. */
static enum print_level left_needs(const struct printer *p, const struct sql_node *n)
{
    const struct sql_node *kid = n->kid[0];

    switch (n->kind) {
    case SQL_ARITHMETIC: /* all lean left */
    case SQL_SET_OPERATION:
        return print_level_of(p, n);
    case SQL_JSON_PLAN: /* a chain of UNIONs or CROSSes, of nothing else */
        return n->op == kid->op && (n->op == SQL_W_UNION || n->op == SQL_W_CROSS) ? BIND_PLAN
                                                                                  : BIND_LEAF;
    case SQL_ALIASED:
        return kid->kind == SQL_MATCH_RECOGNIZE ? BIND_MATCHED : BIND_TABLE;
    default:
        return print_rules[n->kind].left_needs;
    }
}

static bool is_number(const struct sql_node *n)
{
    return n->kind == SQL_INTEGER || n->kind == SQL_DECIMAL || n->kind == SQL_DOUBLE;
}

/* The unquoted word that a leaf begins with, or NULL. */
static const struct sql_node *first_word(const struct sql_node *leaf)
{
    const struct sql_node *n = leaf;

    switch (leaf->kind) {
    case SQL_FUNCTION:
    case SQL_MEASURE:
        n = leaf->flags & (SQL_F_RUNNING | SQL_F_FINAL) ? NULL : leaf->kid[0];
        break;
    case SQL_TYPED:
        n = leaf->kid[SQL_TYPED_TYPE]->kind == SQL_TYPE ? leaf->kid[SQL_TYPED_TYPE]->kid[0] : NULL;
        break;
    case SQL_LAMBDA:
        n = leaf->kid[0]->count == 1 ? leaf->kid[0]->kid[0] : NULL;
        break;
    default:
        break;
    }
    n = n != NULL && n->kind == SQL_NAME ? n->kid[0] : n;
    return n != NULL && n->kind == SQL_IDENT && (n->flags & SQL_F_QUOTED) == 0 ? n : NULL;
}

static const struct {
    uint32_t guard;
    struct str word;
} guarded_words[] = {
    {GUARD_ALL, {"ALL", 3}},
    {GUARD_TRIM, {"BOTH", 4}},
    {GUARD_TRIM, {"LEADING", 7}},
    {GUARD_TRIM, {"TRAILING", 8}},
    {GUARD_KEY, {"KEY", 3}},
    {GUARD_RETURNING, {"RETURNING", 9}},
    {GUARD_BOUND, {"UNBOUNDED", 9}},
    {GUARD_BOUND, {"CURRENT", 7}},
    {GUARD_DEFAULT, {"DEFAULT", 7}},
    {GUARD_LOCAL, {"LOCAL", 5}},
    {GUARD_ARGUMENT, {"DESCRIPTOR", 10}},
    {GUARD_ARRAY, {"ARRAY", 5}},
};

static bool is_guarded(const struct sql_node *leaf, uint32_t guard)
{
    const struct sql_node *word;

    if (guard == 0)
        return false;
    if (is_number(leaf))
        return (guard & GUARD_NUMBER_DOT) ||
               ((guard & GUARD_NUMBER) && (leaf->flags & SQL_F_NEGATIVE) == 0);
    word = first_word(leaf);
    for (size_t i = 0; word != NULL && i < ARRAY_LEN(guarded_words); i++)
        if ((guarded_words[i].guard & guard) && str_eq_nocase(word->text, guarded_words[i].word))
            return true;
    return false;
}

/* -- nodes */

static void apply_rule(struct printer *p, const struct sql_node *n)
{
    const struct print_rule *rule = &print_rules[n->kind];

    if (rule->print != NULL)
        rule->print(p, n);
    else if (rule->template != NULL)
        print_template(p, n, rule);
    else
        p->invalid = true;
}

static void open_bracket(struct printer *p)
{
    SAY(p, "(");
    put_open(p);
}

/* A node whose first word is its own. */
static void print_leaf(struct printer *p, const struct sql_node *n)
{
    bool guarded = is_guarded(n, p->guard);

    if (guarded)
        open_bracket(p);
    apply_rule(p, n);
    if (guarded)
        GLUE(p, ")");
}

/* What stands before a child that leads its parent. */
static uint32_t guard_before(const struct sql_node *n)
{
    if (n->kind == SQL_DEREF)
        return GUARD_NUMBER_DOT;
    return n->kind == SQL_SUBSCRIPT && n->kid[0]->kind == SQL_IDENT ? GUARD_ARRAY : 0;
}

/* A node of the left spine that is being printed. */
struct spine {
    const struct sql_node *node;
    struct spine *outer;
    bool bracketed, grouped;
};

/* Operators of one level share their breaks. */
static bool opens_group(const struct printer *p, const struct spine *s)
{
    const struct sql_node *outer = s->outer != NULL ? s->outer->node : NULL;

    if (s->bracketed || outer == NULL)
        return true;
    return outer->kind != s->node->kind || print_level_of(p, outer) != print_level_of(p, s->node);
}

static struct spine *push_spine(struct printer *p, const struct sql_node *n, struct spine *outer,
                                enum print_level needs)
{
    struct spine *s = arena_zalloc(&p->arena, sizeof(*s));

    s->node = n;
    s->outer = outer;
    s->bracketed = print_level_of(p, n) < needs;
    if (s->bracketed)
        open_bracket(p);
    s->grouped = opens_group(p, s);
    if (s->grouped)
        open_group(p, false);
    return s;
}

static void print_spine(struct printer *p, const struct sql_node *n, enum print_level needs)
{
    struct spine *s = NULL;
    bool bracketed;

    needs = n == p->bracketed ? BIND_ALWAYS : needs;

    while (leans_left(n)) {
        s = push_spine(p, n, s, needs);
        needs = left_needs(p, n);
        n = n->kid[0];
    }
    bracketed = print_level_of(p, n) < needs;
    if (bracketed)
        open_bracket(p);
    p->guard |= s != NULL && !bracketed ? guard_before(s->node) : 0;
    print_leaf(p, n);
    if (bracketed)
        GLUE(p, ")");
    for (; s != NULL; s = s->outer) {
        apply_rule(p, s->node);
        if (s->grouped)
            close_group(p);
        if (s->bracketed)
            GLUE(p, ")");
    }
}

void print_node(struct printer *p, const struct sql_node *n, enum print_level needs)
{
    if (p->depth >= PRINT_DEPTH_MAX)
        p->too_deep = true;
    if (n == NULL)
        p->invalid = true;
    if (p->too_deep || p->invalid || p->out->overflow)
        return;
    p->depth++;
    print_spine(p, n, needs);
    p->depth--;
}

void print_any(struct printer *p, const struct sql_node *n)
{
    print_node(p, n, BIND_ANY);
}

/* -- lists */

static void put_bracket(struct printer *p, bool glued)
{
    if (glued)
        p->gap = false;
    open_bracket(p);
}

/* Short items fill lines; others get one each when they do not fit into one. */
static bool is_short(const struct sql_node *n)
{
    return is_number(n) || n->kind == SQL_STRING || n->kind == SQL_BOOLEAN ||
           n->kind == SQL_NULL_LITERAL;
}

static bool all_short(const struct sql_node *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (!is_short(list->kid[i]))
            return false;
    return true;
}

static void print_items(struct printer *p, const struct sql_node *list, enum print_level needs)
{
    bool filled = p->pretty && all_short(list);

    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0) {
            GLUE(p, ",");
            (filled ? fill : line)(p, 1);
        }
        print_node(p, list->kid[i], needs);
    }
}

void print_list_of(struct printer *p, const struct sql_node *list, enum print_level needs)
{
    open_group(p, false);
    print_items(p, list, needs);
    close_group(p);
}

void print_list(struct printer *p, const struct sql_node *list)
{
    print_list_of(p, list, BIND_ANY);
}

void print_bracketed(struct printer *p, const struct sql_node *list, bool glued, bool force)
{
    uint32_t guard = p->guard; /* whoever set it means what stands in the brackets */

    open_group(p, force && list->count > 1);
    put_bracket(p, glued);
    if (list->count > 0)
        soft(p, 1);
    p->guard = guard;
    print_items(p, list, BIND_ANY);
    if (list->count > 0)
        soft(p, 0);
    GLUE(p, ")");
    close_group(p);
}

void print_block(struct printer *p, const struct sql_node *n, bool glued)
{
    open_group(p, false);
    put_bracket(p, glued);
    soft(p, 1);
    p->queries++;
    print_any(p, n);
    p->queries--;
    soft(p, 0);
    GLUE(p, ")");
    close_group(p);
}

/* -- statements */

static int result(const struct printer *p, const struct sql_node *root, struct error *err)
{
    if (p->invalid)
        return error_set(err, ERR_INVALID, "sql print: a %s has parts that cannot stand there",
                         sql_kinds[root->kind].name);
    if (p->too_deep)
        return error_set(err, ERR_LIMIT, "sql print: nested deeper than %d", PRINT_DEPTH_MAX);
    return OK;
}

int sql_print(struct buf *out, const struct sql_node *root, const struct sql_print_options *options,
              struct error *err)
{
    struct buf text = buf_make(out->max);
    struct printer p = {.out = options->pretty ? &text : out,
                        .dialect = options->dialect,
                        .trino = options->dialect != DIALECT_PRESTO,
                        .pretty = options->pretty};
    int rc = sql_check(root, &p.arena, err);

    if (rc == OK) {
        print_any(&p, root);
        rc = result(&p, root, err);
    }
    if (rc == OK && options->pretty) {
        print_layout(out, &p, buf_str(&text));
        out->overflow = out->overflow || text.overflow;
    }
    buf_reset(&text);
    arena_reset(&p.arena);
    return rc;
}
