/* SPDX-License-Identifier: Apache-2.0 */
/* facts_guess.c - what the tokens say of a statement that did not parse.
 *
 * A guess that errs on the side of naming too many tables: the names after FROM, JOIN, INTO,
 * UPDATE, TABLE and their like, without those that WITH seems to define. */
#include "sql/gather.h"

static const struct opening {
    enum sql_token_kind first, second; /* second NONE: any */
    const char *kind;
    enum sql_type type;
    bool reads, writes, session;
} openings[] = {
    {SQL_W_SELECT, SQL_T_NONE, "select", SQL_TYPE_SELECT, true, false, false},
    {SQL_W_WITH, SQL_T_NONE, "select", SQL_TYPE_SELECT, true, false, false},
    {SQL_W_VALUES, SQL_T_NONE, "select", SQL_TYPE_SELECT, true, false, false},
    {SQL_W_TABLE, SQL_T_NONE, "select", SQL_TYPE_SELECT, true, false, false},
    {SQL_T_LEFT_PAREN, SQL_T_NONE, "select", SQL_TYPE_SELECT, true, false, false},
    {SQL_W_INSERT, SQL_T_NONE, "insert", SQL_TYPE_INSERT, false, true, false},
    {SQL_W_UPDATE, SQL_T_NONE, "update", SQL_TYPE_UPDATE, true, true, false},
    {SQL_W_DELETE, SQL_T_NONE, "delete", SQL_TYPE_DELETE, true, true, false},
    {SQL_W_MERGE, SQL_T_NONE, "merge", SQL_TYPE_MERGE, true, true, false},
    {SQL_W_ANALYZE, SQL_T_NONE, "analyze", SQL_TYPE_ANALYZE, true, true, false},
    {SQL_W_REFRESH, SQL_T_NONE, "refresh_materialized_view", SQL_TYPE_INSERT, false, true, false},
    {SQL_W_EXPLAIN, SQL_T_NONE, "explain", SQL_TYPE_EXPLAIN, true, false, false},
    {SQL_W_SHOW, SQL_T_NONE, "show", SQL_TYPE_DESCRIBE, true, false, false},
    {SQL_W_DESCRIBE, SQL_T_NONE, "show_columns", SQL_TYPE_DESCRIBE, true, false, false},
    {SQL_W_DESC, SQL_T_NONE, "show_columns", SQL_TYPE_DESCRIBE, true, false, false},
    {SQL_W_CREATE, SQL_W_TABLE, "create_table", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_CREATE, SQL_W_VIEW, "create_view", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_CREATE, SQL_W_SCHEMA, "create_schema", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_CREATE, SQL_T_NONE, "create", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_DROP, SQL_W_TABLE, "drop_table", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_DROP, SQL_T_NONE, "drop", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_ALTER, SQL_T_NONE, "alter", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_TRUNCATE, SQL_T_NONE, "truncate", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_COMMENT, SQL_T_NONE, "comment", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_CALL, SQL_T_NONE, "call", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_GRANT, SQL_T_NONE, "grant", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_REVOKE, SQL_T_NONE, "revoke", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_DENY, SQL_T_NONE, "deny", SQL_TYPE_DATA_DEFINITION, false, true, false},
    {SQL_W_USE, SQL_T_NONE, "use", SQL_TYPE_DATA_DEFINITION, false, false, true},
    {SQL_W_SET, SQL_T_NONE, "set_session", SQL_TYPE_DATA_DEFINITION, false, false, true},
    {SQL_W_RESET, SQL_T_NONE, "reset_session", SQL_TYPE_DATA_DEFINITION, false, false, true},
    {SQL_W_START, SQL_T_NONE, "start_transaction", SQL_TYPE_DATA_DEFINITION, false, false, true},
    {SQL_W_COMMIT, SQL_T_NONE, "commit", SQL_TYPE_DATA_DEFINITION, false, false, true},
    {SQL_W_ROLLBACK, SQL_T_NONE, "rollback", SQL_TYPE_DATA_DEFINITION, false, false, true},
    {SQL_W_PREPARE, SQL_T_NONE, "prepare", SQL_TYPE_DATA_DEFINITION, false, false, true},
    {SQL_W_DEALLOCATE, SQL_T_NONE, "deallocate", SQL_TYPE_DATA_DEFINITION, false, false, true},
    {SQL_W_EXECUTE, SQL_W_IMMEDIATE, "execute_immediate", SQL_TYPE_UNKNOWN, false, false, false},
    {SQL_W_EXECUTE, SQL_T_NONE, "execute", SQL_TYPE_UNKNOWN, false, false, false},
};

static enum sql_token_kind at(const struct gather *g, uint32_t i)
{
    return i < g->s->token_count ? (enum sql_token_kind)g->s->tokens[i].kind : SQL_T_EOF;
}

static bool is_name(const struct gather *g, uint32_t i)
{
    enum sql_token_kind k = at(g, i);

    if (k >= SQL_T_FIRST_WORD)
        return sql_word_is_identifier(k, g->s->dialect);
    return k == SQL_T_IDENTIFIER || k == SQL_T_QUOTED_IDENTIFIER ||
           k == SQL_T_BACKQUOTED_IDENTIFIER || k == SQL_T_DIGIT_IDENTIFIER;
}

/* Without quotes, doubled ones undone. */
static uint32_t token_name(struct gather *g, uint32_t i)
{
    const struct sql_token *t = &g->s->tokens[i];
    struct str s = str_of(g->s->text.p + t->start, t->end - t->start);
    size_t n = 0;
    char *p;

    if ((t->kind != SQL_T_QUOTED_IDENTIFIER && t->kind != SQL_T_BACKQUOTED_IDENTIFIER) || s.n < 2)
        return name_of(g, s);
    p = arena_alloc(g->arena, s.n);
    for (size_t k = 1; k + 1 < s.n; k += s.p[k] == s.p[0] ? 2 : 1)
        p[n++] = s.p[k];
    return name_of(g, str_of(p, n));
}

/* a.b.c at `i`: adds it as a table and returns the place after it. */
static uint32_t guess_table(struct gather *g, uint32_t i, uint32_t roles)
{
    struct place p = {g->catalog, g->schema, NO_NAME};
    uint32_t first = i, parts = 1;

    if (!is_name(g, i))
        return i;
    p.table = token_name(g, i);
    for (; at(g, i + 1) == SQL_T_DOT && is_name(g, i + 2); i += 2) {
        if (++parts > 2)
            p.catalog = p.schema;
        p.schema = p.table;
        p.table = token_name(g, i + 2);
    }
    if (at(g, i + 1) == SQL_T_LEFT_PAREN && roles == SQL_ROLE_READ)
        return i + 1; /* a function, or UNNEST of a word the dialect lacks */
    if (parts > 1 || bound(g, NS_CTE, p.table) == NULL)
        add_table(g, p, roles, g->s->tokens[first].start, g->s->tokens[i].end);
    return i + 1;
}

/* a, b x, c AS y ... */
static uint32_t guess_list(struct gather *g, uint32_t i)
{
    uint32_t end = guess_table(g, i, SQL_ROLE_READ);

    while (end > i) {
        i = end;
        i += at(g, i) == SQL_W_AS;
        i += is_name(g, i);
        if (at(g, i) != SQL_T_COMMA)
            return end;
        end = guess_table(g, ++i, SQL_ROLE_READ);
    }
    return i;
}

/* FROM that names no table: EXTRACT(x FROM y), IS DISTINCT FROM. */
static bool is_other_from(const struct gather *g, uint32_t i, enum sql_token_kind opened_by)
{
    if (i > 1 && at(g, i - 1) == SQL_W_DISTINCT)
        return at(g, i - 2) == SQL_W_IS || at(g, i - 2) == SQL_W_NOT;
    return opened_by == SQL_W_EXTRACT || opened_by == SQL_W_TRIM || opened_by == SQL_W_SUBSTRING;
}

static uint32_t skip_exists(const struct gather *g, uint32_t i)
{
    if (at(g, i) != SQL_W_IF)
        return i;
    return i + 2 + (at(g, i + 1) == SQL_W_NOT);
}

static uint32_t role_of_target(enum sql_token_kind first)
{
    switch (first) {
    case SQL_W_CREATE:
        return SQL_ROLE_CREATED;
    case SQL_W_DROP:
        return SQL_ROLE_DROPPED;
    case SQL_W_SHOW:
    case SQL_W_SELECT:
    case SQL_W_WITH:
    case SQL_W_TABLE:
        return SQL_ROLE_READ;
    default:
        return SQL_ROLE_WRITTEN;
    }
}

/* One token; returns the place of the next to look at. */
static uint32_t guess_step(struct gather *g, uint32_t i, enum sql_token_kind opened_by)
{
    enum sql_token_kind first = at(g, 0);

    switch (at(g, i)) {
    case SQL_W_FROM:
        if (is_other_from(g, i, opened_by))
            return i + 1;
        if (first == SQL_W_DELETE && i == 1)
            return guess_table(g, i + 1, SQL_ROLE_READ | SQL_ROLE_WRITTEN);
        if (first == SQL_W_SHOW || first == SQL_W_REVOKE || first == SQL_W_PREPARE)
            return i + 1;
        return guess_list(g, i + 1);
    case SQL_W_JOIN:
        g->out->has_join = true;
        return guess_table(g, i + 1, SQL_ROLE_READ);
    case SQL_W_USING:
        return first == SQL_W_MERGE ? guess_table(g, i + 1, SQL_ROLE_READ) : i + 1;
    case SQL_W_INTO:
        return guess_table(g, i + 1, SQL_ROLE_WRITTEN);
    case SQL_W_UPDATE:
        return i == 0 ? guess_table(g, i + 1, SQL_ROLE_READ | SQL_ROLE_WRITTEN) : i + 1;
    case SQL_W_ANALYZE:
        return i == 0 ? guess_table(g, i + 1, SQL_ROLE_READ | SQL_ROLE_WRITTEN) : i + 1;
    case SQL_W_TABLE:
    case SQL_W_VIEW:
        return guess_table(g, skip_exists(g, i + 1), role_of_target(first));
    case SQL_W_GROUP:
        g->out->has_aggregate |= at(g, i + 1) == SQL_W_BY;
        return i + 1;
    case SQL_W_ORDER:
        g->out->has_order_by |= at(g, i + 1) == SQL_W_BY;
        return i + 1;
    case SQL_W_LIMIT:
        g->out->has_limit = true;
        return i + 1;
    case SQL_W_OVER:
        g->out->has_window = true;
        return i + 1;
    case SQL_T_QUESTION_MARK:
        g->out->has_parameters = true;
        return i + 1;
    case SQL_T_IDENTIFIER:
    case SQL_W_COUNT:
        if (at(g, i + 1) == SQL_T_LEFT_PAREN && (i == 0 || at(g, i - 1) != SQL_T_DOT)) {
            struct str name = name_text(g, token_name(g, i));

            if (add_function(g, name, name) & FUNCTION_AGGREGATE)
                g->out->has_aggregate = true;
        }
        return i + 1;
    default:
        return i + 1;
    }
}

/* name AS ( after WITH or a comma. */
static void bind_ctes(struct gather *g)
{
    for (uint32_t i = 1; i + 2 < g->s->token_count; i++) {
        enum sql_token_kind before = at(g, i - 1);

        if ((before == SQL_W_WITH || before == SQL_W_RECURSIVE || before == SQL_T_COMMA) &&
            is_name(g, i) && at(g, i + 1) == SQL_W_AS && at(g, i + 2) == SQL_T_LEFT_PAREN)
            bind_name(g, NS_CTE, token_name(g, i), NO_TABLE);
    }
}

/* The names as tables; `openers`: what stood before each open bracket. */
static void guess_names(struct gather *g)
{
    uint16_t *openers = arena_alloc(g->arena, g->s->token_count * sizeof(*openers));
    uint32_t depth = 0, seen = 0;

    for (uint32_t i = 0; i < g->s->token_count;) {
        for (; seen <= i; seen++) {
            if (at(g, seen) == SQL_T_LEFT_PAREN)
                openers[depth++] = (uint16_t)(seen > 0 ? at(g, seen - 1) : SQL_T_NONE);
            else if (at(g, seen) == SQL_T_RIGHT_PAREN && depth > 0)
                depth--;
        }
        i = guess_step(g, i, depth > 0 ? (enum sql_token_kind)openers[depth - 1] : SQL_T_NONE);
    }
}

void guess_statement(struct gather *g)
{
    struct sql_facts *f = g->out;
    enum sql_token_kind first = at(g, 0), second = at(g, 1);

    if (g->s->token_count == 0)
        return;
    if (second == SQL_W_OR) /* CREATE OR REPLACE */
        second = at(g, 3);
    for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
        const struct opening *o = &openings[i];

        if (o->first != first || (o->second != SQL_T_NONE && o->second != second))
            continue;
        f->kind = o->kind;
        f->type = o->type;
        f->reads = o->reads;
        f->writes = o->writes;
        f->changes_session = o->session;
        break;
    }
    bind_ctes(g);
    guess_names(g);
    for (uint32_t i = 0; i < g->tables.count; i++)
        f->reads |= first != SQL_W_CREATE && (f->tables[i].roles & SQL_ROLE_READ) != 0;
}
