/* SPDX-License-Identifier: Apache-2.0 */
/* parse_show.c - looking around: SHOW, DESCRIBE, EXPLAIN. */
#include "sql/statement.h"

/* -- SHOW something [FROM name] [LIKE pattern [ESCAPE character]] */

enum from { NO_FROM, FROM_IDENTIFIER, FROM_NAME, NEEDS_FROM_NAME };

static const struct listing {
    uint16_t word;
    uint16_t dialects;
    uint8_t from_trino, from_presto; /* enum from */
    uint8_t like;                    /* the dialects that have LIKE */
} listings[] = {
    {SQL_W_CATALOGS, IN_BOTH, NO_FROM, NO_FROM, IN_BOTH},
    {SQL_W_COLUMNS, IN_BOTH, NEEDS_FROM_NAME, NEEDS_FROM_NAME, IN_TRINO},
    {SQL_W_FUNCTIONS, IN_BOTH, FROM_NAME, NO_FROM, IN_BOTH},
    {SQL_W_ROLES, IN_BOTH, FROM_IDENTIFIER, FROM_IDENTIFIER, 0},
    {SQL_W_SCHEMAS, IN_BOTH, FROM_IDENTIFIER, FROM_IDENTIFIER, IN_BOTH},
    {SQL_W_SESSION, IN_BOTH, NO_FROM, NO_FROM, IN_BOTH},
    {SQL_W_TABLES, IN_BOTH, FROM_NAME, FROM_NAME, IN_BOTH},
};

static struct sql_node *open_show(struct parser *p, const struct opening *o,
                                  enum sql_token_kind what)
{
    struct sql_node *n = open_statement(p, o, SQL_SHOW);

    n->op = what;
    return n;
}

static struct sql_node *accept_from(struct parser *p, enum from from)
{

    if (from == NO_FROM)
        return NULL;
    if (from == NEEDS_FROM_NAME)
        expect_any(p, KINDS(SQL_W_FROM, SQL_W_IN));
    else if (accept_any(p, KINDS(SQL_W_FROM, SQL_W_IN)) == SQL_T_NONE)
        return NULL;
    return from == FROM_IDENTIFIER ? parse_identifier(p) : parse_qualified_name(p);
}

static struct sql_node *parse_listing(struct parser *p, const struct opening *o,
                                      const struct listing *row)
{
    struct sql_node *n = open_show(p, o, row->word);
    uint16_t dialect = p->trino ? IN_TRINO : IN_PRESTO;

    n->kid[SQL_SHOW_NAME] = accept_from(p, p->trino ? row->from_trino : row->from_presto);
    if ((row->like & dialect) && accept(p, SQL_W_LIKE)) {
        n->kid[SQL_SHOW_LIKE] = parse_string(p);
        if (accept(p, SQL_W_ESCAPE))
            n->kid[SQL_SHOW_ESCAPE] = parse_string(p);
    }
    return close_node(p, n);
}

/* -- SHOW with a shape of its own */

static struct sql_node *parse_show_create(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_SHOW_CREATE);

    n->op = expect_any(
        p, KINDS(SQL_W_FUNCTION, SQL_W_MATERIALIZED, SQL_W_SCHEMA, SQL_W_TABLE, SQL_W_VIEW));
    if (n->op == SQL_W_MATERIALIZED)
        expect(p, SQL_W_VIEW);
    n->kid[SQL_SHOW_CREATE_NAME] = parse_qualified_name(p);
    if (!p->trino && n->op == SQL_W_FUNCTION && at(p, SQL_T_LEFT_PAREN))
        n->kid[SQL_SHOW_CREATE_TYPES] = parse_type_list(p);
    return close_node(p, n);
}

static struct sql_node *parse_show_current(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_show(p, o, SQL_W_ROLES);

    expect(p, SQL_W_ROLES);
    n->flags |= SQL_F_CURRENT;
    n->kid[SQL_SHOW_NAME] = accept_from(p, FROM_IDENTIFIER);
    return close_node(p, n);
}

static struct sql_node *parse_show_grants(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_show(p, o, SQL_W_GRANTS);

    if (accept(p, SQL_W_ON))
        n->kid[SQL_SHOW_NAME] = parse_grant_object(p);
    return close_node(p, n);
}

static struct sql_node *parse_show_role(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_show(p, o, SQL_W_ROLE);

    expect(p, SQL_W_GRANTS);
    n->kid[SQL_SHOW_NAME] = accept_from(p, FROM_IDENTIFIER);
    return close_node(p, n);
}

/* Presto has statistics of a SELECT, not of other queries. */
static struct sql_node *parse_stats_query(struct parser *p)
{
    struct sql_node *n;

    if (p->trino)
        return parse_root_query(p);
    n = open_node(p, SQL_QUERY);
    n->kid[SQL_QUERY_BODY] = parse_query_specification(p);
    return close_node(p, n);
}

static struct sql_node *parse_show_stats(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_show(p, o, SQL_W_STATS);

    expect(p, SQL_W_FOR);
    if (accept(p, SQL_T_LEFT_PAREN)) {
        n->kid[SQL_SHOW_QUERY] = parse_stats_query(p);
        expect(p, SQL_T_RIGHT_PAREN);
    } else {
        n->kid[SQL_SHOW_NAME] = parse_qualified_name(p);
    }
    return close_node(p, n);
}

struct sql_node *parse_show(struct parser *p, const struct opening *o)
{
    static const struct branch branches[] = {
        {SQL_W_CREATE, IN_BOTH, parse_show_create}, {SQL_W_CURRENT, IN_BOTH, parse_show_current},
        {SQL_W_GRANTS, IN_BOTH, parse_show_grants}, {SQL_W_ROLE, IN_BOTH, parse_show_role},
        {SQL_W_STATS, IN_BOTH, parse_show_stats},
    };

    for (size_t i = 0; i < COUNT_OF(listings); i++) {
        if (accept(p, listings[i].word))
            return parse_listing(p, o, &listings[i]);
    }
    return PARSE_BRANCH(p, o, branches);
}

/* -- DESCRIBE */

struct sql_node *parse_desc(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_show(p, o, SQL_W_COLUMNS);

    n->flags |= SQL_F_WORD;
    n->kid[SQL_SHOW_NAME] = parse_qualified_name(p);
    return close_node(p, n);
}

/* INPUT and OUTPUT may be the names of tables. */
struct sql_node *parse_describe(struct parser *p, const struct opening *o)
{
    struct sql_node *n;
    enum sql_token_kind op;

    wish(p, SQL_W_INPUT);
    wish(p, SQL_W_OUTPUT);
    if (!is_identifier(p, 1) ||
        (op = accept_any(p, KINDS(SQL_W_INPUT, SQL_W_OUTPUT))) == SQL_T_NONE)
        return parse_desc(p, o);
    n = open_statement(p, o, SQL_DESCRIBE);
    n->op = op;
    n->kid[SQL_DESCRIBE_NAME] = parse_identifier(p);
    return close_node(p, n);
}

/* -- EXPLAIN */

static struct sql_node *parse_explain_option(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_EXPLAIN_OPTION);

    n->op = expect_any(p, KINDS(SQL_W_FORMAT, SQL_W_TYPE));
    n->op2 = expect_any(p, n->op == SQL_W_FORMAT
                               ? KINDS(SQL_W_GRAPHVIZ, SQL_W_JSON, SQL_W_TEXT)
                               : KINDS(SQL_W_DISTRIBUTED, SQL_W_IO, SQL_W_LOGICAL, SQL_W_VALIDATE));
    return close_node(p, n);
}

/* ANALYZE after EXPLAIN may be a statement that is explained: EXPLAIN (ANALYZE t). It is one if an
 * identifier follows that begins no statement itself, or that is followed by what may follow the
 * name of a table there. */
static bool at_explained_analyze(const struct parser *p)
{
    enum sql_token_kind name = peek(p, 1), next = peek(p, 2);

    if (peek(p, 0) != SQL_W_ANALYZE || !is_identifier(p, 1))
        return false;
    if (next == SQL_T_EOF)
        return p->trino || (name != SQL_W_COMMIT && name != SQL_W_ROLLBACK);
    return (!begins_statement(p, name) && name != SQL_W_VERBOSE) || next == SQL_T_DOT ||
           (next == SQL_W_WITH && peek(p, 3) == SQL_T_LEFT_PAREN);
}

/* Whether a bracket opens options. What opens neither these nor a query is told of both. */
static bool at_explain_options(struct parser *p)
{
    enum sql_token_kind next = peek(p, 1);

    if (next == SQL_W_FORMAT || next == SQL_W_TYPE)
        return at(p, SQL_T_LEFT_PAREN);
    (void)accept_two(p, SQL_T_LEFT_PAREN, SQL_W_FORMAT);
    (void)accept_two(p, SQL_T_LEFT_PAREN, SQL_W_TYPE);
    return false;
}

struct sql_node *parse_explain(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_EXPLAIN);

    if (!at_explained_analyze(p) && accept(p, SQL_W_ANALYZE))
        n->flags |= SQL_F_ANALYZE;
    if ((!p->trino || (n->flags & SQL_F_ANALYZE)) && accept(p, SQL_W_VERBOSE))
        n->flags |= SQL_F_VERBOSE;
    if ((!p->trino || n->flags == 0) && at_explain_options(p))
        n->kid[SQL_EXPLAIN_OPTIONS] = paren_list(p, parse_explain_option);
    n->kid[SQL_EXPLAIN_STATEMENT] = parse_statement(p);
    return close_node(p, n);
}
