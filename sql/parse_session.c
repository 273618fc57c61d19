/* SPDX-License-Identifier: Apache-2.0 */
/* parse_session.c - what changes the session: USE, SET, RESET, transactions, prepared
 * statements. */
#include "sql/statement.h"

struct sql_node *parse_use(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_USE);

    n->kid[SQL_USE_SCHEMA] = parse_identifier(p);
    if (peek(p, 0) == SQL_T_DOT && accept(p, SQL_T_DOT)) {
        n->kid[SQL_USE_CATALOG] = n->kid[SQL_USE_SCHEMA];
        n->kid[SQL_USE_SCHEMA] = parse_identifier(p);
    }
    return close_node(p, n);
}

/* -- SET and RESET. AUTHORIZATION may be the name, or the catalog, of a session property. */

static struct sql_node *parse_set_user(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_SET_SESSION_AUTHORIZATION);

    n->kid[SQL_SET_SESSION_AUTHORIZATION_USER] =
        at_identifier(p) ? parse_identifier(p) : parse_string(p);
    return close_node(p, n);
}

static struct sql_node *parse_set_session(struct parser *p, const struct opening *o)
{
    enum sql_token_kind next = peek(p, 1);
    struct sql_node *n;

    if (p->trino && next != SQL_T_DOT && next != SQL_T_EQ && accept(p, SQL_W_AUTHORIZATION))
        return parse_set_user(p, o);
    n = open_statement(p, o, SQL_SET_SESSION);
    n->kid[SQL_SET_SESSION_NAME] = parse_qualified_name(p);
    expect(p, SQL_T_EQ);
    n->kid[SQL_SET_SESSION_VALUE] = parse_expression(p);
    return close_node(p, n);
}

static struct sql_node *parse_path_element(struct parser *p)
{
    uint32_t mark = list_begin(p);

    list_add(p, parse_identifier(p));
    if (accept(p, SQL_T_DOT))
        list_add(p, parse_identifier(p));
    return list_end_as(p, mark, SQL_NAME);
}

static struct sql_node *parse_set_path(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_SET_PATH);

    n->kid[SQL_SET_PATH_ELEMENTS] = comma_list(p, parse_path_element);
    return close_node(p, n);
}

/* LOCAL may also begin an expression. */
static struct sql_node *parse_set_time(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_SET_TIME_ZONE);

    expect(p, SQL_W_ZONE);
    if (peek(p, 1) != SQL_T_EOF || !accept(p, SQL_W_LOCAL))
        n->kid[SQL_SET_TIME_ZONE_ZONE] = parse_expression(p);
    return close_node(p, n);
}

struct sql_node *parse_set(struct parser *p, const struct opening *o)
{
    static const struct branch branches[] = {
        {SQL_W_PATH, IN_TRINO, parse_set_path},
        {SQL_W_ROLE, IN_BOTH, parse_set_role},
        {SQL_W_SESSION, IN_BOTH, parse_set_session},
        {SQL_W_TIME, IN_TRINO, parse_set_time},
    };

    return PARSE_BRANCH(p, o, branches);
}

struct sql_node *parse_reset(struct parser *p, const struct opening *o)
{
    struct sql_node *n;

    expect(p, SQL_W_SESSION);
    if (p->trino && peek(p, 1) != SQL_T_DOT && accept(p, SQL_W_AUTHORIZATION))
        return close_node(p, open_statement(p, o, SQL_RESET_SESSION_AUTHORIZATION));
    n = open_statement(p, o, SQL_RESET_SESSION);
    n->kid[SQL_RESET_SESSION_NAME] = parse_qualified_name(p);
    return close_node(p, n);
}

/* -- transactions */

static enum sql_token_kind parse_isolation_level(struct parser *p)
{
    enum sql_token_kind level;

    expect(p, SQL_W_LEVEL);
    level = expect_any(p, KINDS(SQL_W_READ, SQL_W_REPEATABLE, SQL_W_SERIALIZABLE));
    if (level == SQL_W_REPEATABLE)
        expect(p, SQL_W_READ);
    return level == SQL_W_READ ? expect_any(p, KINDS(SQL_W_COMMITTED, SQL_W_UNCOMMITTED)) : level;
}

static struct sql_node *parse_transaction_mode(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TRANSACTION_MODE);

    n->op = expect_any(p, KINDS(SQL_W_ISOLATION, SQL_W_READ));
    n->op2 = n->op == SQL_W_ISOLATION ? parse_isolation_level(p)
                                      : expect_any(p, KINDS(SQL_W_ONLY, SQL_W_WRITE));
    return close_node(p, n);
}

struct sql_node *parse_start(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_START_TRANSACTION);

    expect(p, SQL_W_TRANSACTION);
    if (at(p, SQL_W_ISOLATION) || at(p, SQL_W_READ))
        n->kid[SQL_START_TRANSACTION_MODES] = comma_list(p, parse_transaction_mode);
    else
        n->kid[SQL_START_TRANSACTION_MODES] = empty_list(p);
    return close_node(p, n);
}

static struct sql_node *parse_end(struct parser *p, const struct opening *o, enum sql_kind kind)
{
    struct sql_node *n = open_statement(p, o, kind);

    accept(p, SQL_W_WORK);
    return close_node(p, n);
}

struct sql_node *parse_commit(struct parser *p, const struct opening *o)
{
    return parse_end(p, o, SQL_COMMIT);
}

struct sql_node *parse_rollback(struct parser *p, const struct opening *o)
{
    return parse_end(p, o, SQL_ROLLBACK);
}

/* -- prepared statements */

struct sql_node *parse_prepare(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_PREPARE);

    n->kid[SQL_PREPARE_NAME] = parse_identifier(p);
    expect(p, SQL_W_FROM);
    n->kid[SQL_PREPARE_STATEMENT] = parse_statement(p);
    return close_node(p, n);
}

struct sql_node *parse_deallocate(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_DEALLOCATE);

    expect(p, SQL_W_PREPARE);
    n->kid[SQL_DEALLOCATE_NAME] = parse_identifier(p);
    return close_node(p, n);
}

static struct sql_node *accept_using(struct parser *p)
{
    return accept(p, SQL_W_USING) ? comma_list(p, parse_expression) : NULL;
}

static bool kind_is_string(enum sql_token_kind kind)
{
    return kind == SQL_T_STRING || kind == SQL_T_UNICODE_STRING;
}

/* IMMEDIATE may be the name of a prepared statement. */
struct sql_node *parse_execute(struct parser *p, const struct opening *o)
{
    struct sql_node *n;

    if (p->trino)
        wish(p, SQL_W_IMMEDIATE);
    if (p->trino && kind_is_string(peek(p, 1)) && accept(p, SQL_W_IMMEDIATE)) {
        n = open_statement(p, o, SQL_EXECUTE_IMMEDIATE);
        n->kid[SQL_EXECUTE_IMMEDIATE_STATEMENT] = parse_string(p);
        n->kid[SQL_EXECUTE_IMMEDIATE_PARAMETERS] = accept_using(p);
    } else {
        n = open_statement(p, o, SQL_EXECUTE);
        n->kid[SQL_EXECUTE_NAME] = parse_identifier(p);
        n->kid[SQL_EXECUTE_PARAMETERS] = accept_using(p);
    }
    return close_node(p, n);
}
