/* SPDX-License-Identifier: Apache-2.0 */
/* parse_statement.c - which statement it is, by its first words, and what many of them share. */
#include "sql/statement.h"

/* -- branches */

/* Reads the word of a branch, if one is next; NULL if none is. */
static const struct branch *accept_branch(struct parser *p, const struct branch *branches,
                                          size_t count)
{
    uint16_t dialect = p->trino ? IN_TRINO : IN_PRESTO;

    for (size_t i = 0; i < count; i++) {
        if ((branches[i].dialects & dialect) && accept(p, branches[i].word))
            return &branches[i];
    }
    return NULL;
}

struct sql_node *parse_branch(struct parser *p, const struct opening *o,
                              const struct branch *branches, size_t count)
{
    const struct branch *branch = accept_branch(p, branches, count);

    if (branch != NULL)
        return branch->parse(p, o);
    fail_here(p);
    return NULL;
}

struct sql_node *open_statement(struct parser *p, const struct opening *o, enum sql_kind kind)
{
    struct sql_node *n = open_node(p, kind);

    n->start = o->first->start;
    n->flags = o->flags;
    return n;
}

/* -- what many statements have */

uint32_t accept_if_exists(struct parser *p, uint32_t flag)
{
    return accept_two(p, SQL_W_IF, SQL_W_EXISTS) ? flag : 0;
}

uint32_t accept_if_not_exists(struct parser *p, uint32_t flag)
{
    if (!accept_two(p, SQL_W_IF, SQL_W_NOT))
        return 0;
    expect(p, SQL_W_EXISTS);
    return flag;
}

struct sql_node *accept_comment(struct parser *p)
{
    return accept(p, SQL_W_COMMENT) ? parse_string(p) : NULL;
}

struct sql_node *accept_properties(struct parser *p)
{
    return accept(p, SQL_W_WITH) ? parse_properties(p) : NULL;
}

struct sql_node *accept_where(struct parser *p)
{
    return accept(p, SQL_W_WHERE) ? parse_expression(p) : NULL;
}

enum sql_token_kind accept_security(struct parser *p)
{

    return accept(p, SQL_W_SECURITY) ? expect_any(p, KINDS(SQL_W_DEFINER, SQL_W_INVOKER))
                                     : SQL_T_NONE;
}

struct sql_node *parse_undecided_name(struct parser *p)
{
    uint32_t mark = list_begin(p);

    do {
        list_add(p, parse_identifier(p));
    } while (accept(p, SQL_T_DOT));
    return list_end_as(p, mark, SQL_NAME);
}

struct sql_node *parse_target(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TABLE);

    n->kid[SQL_TABLE_NAME] = parse_qualified_name(p);
    return close_node(p, n);
}

struct sql_node *parse_grammar_word(struct parser *p)
{
    const struct sql_token *t = p->token;
    struct sql_node *n = open_node(p, SQL_IDENT);

    n->op = t->kind;
    n->text = (struct str){p->text.p + t->start, t->end - t->start};
    expect(p, t->kind);
    return close_node(p, n);
}

struct sql_node *parse_assignment(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_ASSIGNMENT);

    n->kid[SQL_ASSIGNMENT_NAME] = parse_identifier(p);
    expect(p, SQL_T_EQ);
    n->kid[SQL_ASSIGNMENT_VALUE] = parse_expression(p);
    return close_node(p, n);
}

struct sql_node *parse_argument(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_ARGUMENT);

    if (is_identifier(p, 0) && peek(p, 1) == SQL_T_DOUBLE_ARROW) {
        n->kid[SQL_ARGUMENT_NAME] = parse_identifier(p);
        expect(p, SQL_T_DOUBLE_ARROW);
    }
    n->kid[SQL_ARGUMENT_VALUE] = parse_expression(p);
    ask_anew(p);
    return close_node(p, n);
}

struct sql_node *empty_list(struct parser *p)
{
    struct sql_node *n = list_end(p, list_begin(p));

    n->start = n->end = p->token > p->tokens ? p->token[-1].end : 0;
    return n;
}

struct sql_node *paren_list_or_none(struct parser *p, struct sql_node *(*item)(struct parser *p))
{
    struct sql_node *list;

    if (peek(p, 1) != SQL_T_RIGHT_PAREN)
        return paren_list(p, item);
    expect(p, SQL_T_LEFT_PAREN);
    list = empty_list(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return list;
}

/* -- CREATE */

static struct sql_node *parse_create_replacing(struct parser *p, const struct opening *o)
{
    static const struct branch branches[] = {
        {SQL_W_FUNCTION, IN_BOTH, parse_create_function},
        {SQL_W_MATERIALIZED, IN_TRINO, parse_create_materialized},
        {SQL_W_TABLE, IN_TRINO, parse_create_table},
        {SQL_W_TEMPORARY, IN_PRESTO, parse_create_temporary},
        {SQL_W_VIEW, IN_BOTH, parse_create_view},
    };
    struct opening replacing = {o->first, o->flags | SQL_F_REPLACE};

    expect(p, SQL_W_REPLACE);
    return PARSE_BRANCH(p, &replacing, branches);
}

static struct sql_node *parse_create(struct parser *p, const struct opening *o)
{
    static const struct branch branches[] = {
        {SQL_W_CATALOG, IN_TRINO, parse_create_catalog},
        {SQL_W_FUNCTION, IN_BOTH, parse_create_function},
        {SQL_W_MATERIALIZED, IN_BOTH, parse_create_materialized},
        {SQL_W_OR, IN_BOTH, parse_create_replacing},
        {SQL_W_ROLE, IN_BOTH, parse_create_role},
        {SQL_W_SCHEMA, IN_BOTH, parse_create_schema},
        {SQL_W_TABLE, IN_BOTH, parse_create_table},
        {SQL_W_TEMPORARY, IN_PRESTO, parse_create_temporary},
        {SQL_W_TYPE, IN_PRESTO, parse_create_type},
        {SQL_W_VIEW, IN_BOTH, parse_create_view},
    };

    return PARSE_BRANCH(p, o, branches);
}

/* -- the first word */

static struct sql_node *parse_session_property(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_PROPERTY);

    n->kid[SQL_PROPERTY_NAME] = parse_qualified_name(p);
    expect(p, SQL_T_EQ);
    n->kid[SQL_PROPERTY_VALUE] = parse_expression(p);
    ask_anew(p);
    return close_node(p, n);
}

/* A query that may have WITH SESSION a = b before all else. */
static struct sql_node *parse_session_query(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *session = NULL, *query;

    if (p->trino && peek(p, 0) == SQL_W_WITH && peek(p, 1) == SQL_W_SESSION &&
        is_identifier(p, 2)) {
        accept_two(p, SQL_W_WITH, SQL_W_SESSION);
        session = comma_list(p, parse_session_property);
    }
    query = parse_root_query(p);
    if (query != NULL && session != NULL) {
        query->start = start;
        query->kid[SQL_QUERY_SESSION] = session;
    }
    return query;
}

static const struct branch statements[] = {
    {SQL_W_ALTER, IN_BOTH, parse_alter},
    {SQL_W_ANALYZE, IN_BOTH, parse_analyze},
    {SQL_W_CALL, IN_BOTH, parse_call_procedure},
    {SQL_W_COMMENT, IN_TRINO, parse_comment},
    {SQL_W_COMMIT, IN_BOTH, parse_commit},
    {SQL_W_CREATE, IN_BOTH, parse_create},
    {SQL_W_DEALLOCATE, IN_BOTH, parse_deallocate},
    {SQL_W_DELETE, IN_BOTH, parse_delete},
    {SQL_W_DENY, IN_TRINO, parse_deny},
    {SQL_W_DESC, IN_BOTH, parse_desc},
    {SQL_W_DESCRIBE, IN_BOTH, parse_describe},
    {SQL_W_DROP, IN_BOTH, parse_drop},
    {SQL_W_EXECUTE, IN_BOTH, parse_execute},
    {SQL_W_EXPLAIN, IN_BOTH, parse_explain},
    {SQL_W_GRANT, IN_BOTH, parse_grant},
    {SQL_W_INSERT, IN_BOTH, parse_insert},
    {SQL_W_MERGE, IN_BOTH, parse_merge},
    {SQL_W_PREPARE, IN_BOTH, parse_prepare},
    {SQL_W_REFRESH, IN_BOTH, parse_refresh},
    {SQL_W_RESET, IN_BOTH, parse_reset},
    {SQL_W_REVOKE, IN_BOTH, parse_revoke},
    {SQL_W_ROLLBACK, IN_BOTH, parse_rollback},
    {SQL_W_SET, IN_BOTH, parse_set},
    {SQL_W_SHOW, IN_BOTH, parse_show},
    {SQL_W_START, IN_BOTH, parse_start},
    {SQL_W_TRUNCATE, IN_BOTH, parse_truncate},
    {SQL_W_UPDATE, IN_BOTH, parse_update},
    {SQL_W_USE, IN_BOTH, parse_use},
};

bool begins_statement(const struct parser *p, enum sql_token_kind word)
{
    uint16_t dialect = p->trino ? IN_TRINO : IN_PRESTO;

    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        if (statements[i].word == word)
            return (statements[i].dialects & dialect) != 0;
    }
    return false;
}

struct sql_node *parse_statement(struct parser *p)
{
    struct opening o = {p->token, 0};
    const struct branch *branch;
    struct sql_node *n = NULL;

    if (enter(p)) {
        branch = accept_branch(p, statements, COUNT_OF(statements));
        n = branch != NULL ? branch->parse(p, &o) : parse_session_query(p);
    }
    leave(p);
    return n;
}
