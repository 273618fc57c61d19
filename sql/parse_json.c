/* SPDX-License-Identifier: Apache-2.0 */
/* parse_json.c - Trino's JSON functions; JSON_TABLE uses their clauses, see parse_json_table.c. */
#include "sql/parse_json.h"

/* -- clauses */

/* FORMAT JSON (ENCODING x)?; sets F_FORMAT and op2 */
void parse_json_format(struct parser *p, struct sql_node *n)
{
    if (!accept(p, SQL_W_FORMAT))
        return;
    n->flags |= SQL_F_FORMAT;
    expect(p, SQL_W_JSON);
    if (accept(p, SQL_W_ENCODING))
        n->op2 = (uint16_t)expect_any(p, KINDS(SQL_W_UTF8, SQL_W_UTF16, SQL_W_UTF32));
}

static struct sql_node *parse_json_value(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_JSON_INPUT);

    n->kid[SQL_JSON_INPUT_VALUE] = parse_expression(p);
    parse_json_format(p, n);
    return close_node(p, n);
}

static struct sql_node *parse_json_argument(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_JSON_ARGUMENT);

    n->kid[SQL_JSON_ARGUMENT_VALUE] = parse_json_value(p);
    expect(p, SQL_W_AS);
    n->kid[SQL_JSON_ARGUMENT_NAME] = parse_identifier(p);
    return close_node(p, n);
}

struct sql_node *parse_json_path(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_JSON_PATH);

    n->kid[SQL_JSON_PATH_INPUT] = parse_json_value(p);
    expect(p, SQL_T_COMMA);
    n->kid[SQL_JSON_PATH_PATH] = parse_string(p);
    if (accept(p, SQL_W_AS))
        n->kid[SQL_JSON_PATH_NAME] = parse_identifier(p);
    if (accept(p, SQL_W_PASSING))
        n->kid[SQL_JSON_PATH_PASSING] = comma_list(p, parse_json_argument);
    return close_node(p, n);
}

static struct sql_node *parse_returning(struct parser *p, bool format)
{
    struct sql_node *n;

    if (!at(p, SQL_W_RETURNING))
        return NULL;
    n = open_node(p, SQL_JSON_RETURNING);
    p->token++;
    n->kid[SQL_JSON_RETURNING_TYPE] = parse_type(p);
    if (format)
        parse_json_format(p, n);
    return close_node(p, n);
}

/* ERROR | NULL | DEFAULT x, or EMPTY ARRAY | EMPTY OBJECT in queries; NULL when none comes */
static struct sql_node *parse_behavior(struct parser *p, bool query)
{
    struct sql_node *n = open_node(p, SQL_JSON_BEHAVIOR);

    n->op = (uint16_t)accept_any(p, query ? KINDS(SQL_W_ERROR, SQL_W_NULL, SQL_W_EMPTY)
                                          : KINDS(SQL_W_ERROR, SQL_W_NULL, SQL_W_DEFAULT));
    if (n->op == 0)
        return NULL;
    if (n->op == SQL_W_DEFAULT)
        n->kid[SQL_JSON_BEHAVIOR_VALUE] = parse_expression(p);
    if (n->op == SQL_W_EMPTY)
        n->op2 = (uint16_t)expect_any(p, KINDS(SQL_W_ARRAY, SQL_W_OBJECT));
    return close_node(p, n);
}

void parse_json_behaviors(struct parser *p, bool query, struct sql_node **empty,
                          struct sql_node **error)
{
    struct sql_node *n = parse_behavior(p, query);

    if (n == NULL)
        return;
    expect(p, SQL_W_ON);
    if (accept(p, SQL_W_EMPTY)) {
        *empty = n;
        if ((n = parse_behavior(p, query)) == NULL)
            return;
        expect(p, SQL_W_ON);
    }
    expect(p, SQL_W_ERROR);
    *error = n;
}

void parse_json_wrapper(struct parser *p, struct sql_node *n)
{
    enum sql_token_kind word = accept_any(p, KINDS(SQL_W_WITHOUT, SQL_W_WITH));

    if (word != SQL_T_NONE) {
        n->flags |= word == SQL_W_WITH ? SQL_F_WRAPPER : SQL_F_WITHOUT_WRAPPER;
        if (word == SQL_W_WITH && accept(p, SQL_W_CONDITIONAL))
            n->flags |= SQL_F_CONDITIONAL;
        else if (word == SQL_W_WITH && accept(p, SQL_W_UNCONDITIONAL))
            n->flags |= SQL_F_UNCONDITIONAL;
        n->flags |= accept(p, SQL_W_ARRAY) ? SQL_F_WRAPPER_ARRAY : 0;
        expect(p, SQL_W_WRAPPER);
    }
    word = accept_any(p, KINDS(SQL_W_KEEP, SQL_W_OMIT));
    if (word == SQL_T_NONE)
        return;
    n->flags |= word == SQL_W_KEEP ? SQL_F_KEEP_QUOTES : SQL_F_OMIT_QUOTES;
    expect(p, SQL_W_QUOTES);
    if (accept(p, SQL_W_ON)) {
        expect_all(p, KINDS(SQL_W_SCALAR, SQL_W_STRING));
        n->flags |= SQL_F_ON_SCALAR;
    }
}

/* -- the functions; each has its name and '(' read, and leaves the ')' */

static struct sql_node *parse_exists(struct parser *p, struct sql_node *n)
{
    n->kid[SQL_JSON_EXISTS_PATH] = parse_json_path(p);
    n->op = (uint16_t)accept_any(p, KINDS(SQL_W_TRUE, SQL_W_FALSE, SQL_W_UNKNOWN, SQL_W_ERROR));
    if (n->op != 0)
        expect_all(p, KINDS(SQL_W_ON, SQL_W_ERROR));
    return n;
}

static struct sql_node *parse_value_function(struct parser *p, struct sql_node *n)
{
    n->kid[SQL_JSON_VALUE_PATH] = parse_json_path(p);
    n->kid[SQL_JSON_VALUE_RETURNING] = parse_returning(p, false);
    parse_json_behaviors(p, false, &n->kid[SQL_JSON_VALUE_EMPTY], &n->kid[SQL_JSON_VALUE_ERROR]);
    return n;
}

static struct sql_node *parse_query_function(struct parser *p, struct sql_node *n)
{
    n->kid[SQL_JSON_QUERY_PATH] = parse_json_path(p);
    n->kid[SQL_JSON_QUERY_RETURNING] = parse_returning(p, true);
    parse_json_wrapper(p, n);
    parse_json_behaviors(p, true, &n->kid[SQL_JSON_QUERY_EMPTY], &n->kid[SQL_JSON_QUERY_ERROR]);
    return n;
}

/* NULL ON NULL | ABSENT ON NULL, unless a member or item begins with the word */
static void parse_null_clause(struct parser *p, struct sql_node *n)
{
    n->op = (uint16_t)accept_any(p, KINDS(SQL_W_NULL, SQL_W_ABSENT));
    if (n->op != 0)
        expect_all(p, KINDS(SQL_W_ON, SQL_W_NULL));
}

/* KEY is not reserved: KEY k VALUE v, or a column of that name. */
static struct sql_node *parse_member_key(struct parser *p, struct sql_node *n)
{
    struct sql_node *key;
    struct attempt t;

    wish(p, SQL_W_KEY);
    if (peek(p, 0) == SQL_W_KEY && starts_expression(p, 1) && try_open(p, &t)) {
        p->token++;
        key = parse_expression(p);
        if (try_close(p, &t, at(p, SQL_W_VALUE) && starts_expression(p, 1))) {
            n->flags = SQL_F_KEY;
            return key;
        }
    }
    return parse_expression(p);
}

static struct sql_node *parse_member(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_JSON_MEMBER);
    const struct sql_token *outer = wide_open(p);

    n->kid[SQL_JSON_MEMBER_KEY] = parse_member_key(p, n);
    wide_close(p, outer);
    if ((n->flags & SQL_F_KEY) == 0 && accept(p, SQL_T_COLON))
        n->flags = SQL_F_COLON;
    else
        expect(p, SQL_W_VALUE);
    n->kid[SQL_JSON_MEMBER_VALUE] = parse_json_value(p);
    return close_node(p, n);
}

/* RETURNING is not reserved: it ends the members only before a type. */
static bool at_returning(const struct parser *p)
{
    return peek(p, 0) == SQL_W_RETURNING && is_identifier(p, 1) && peek(p, 1) != SQL_W_VALUE;
}

static struct sql_node *parse_object(struct parser *p, struct sql_node *n)
{
    enum sql_token_kind with;

    wish(p, SQL_W_RETURNING);
    if (at(p, SQL_T_RIGHT_PAREN) || at_returning(p)) {
        n->kid[SQL_JSON_OBJECT_MEMBERS] = list_end(p, list_begin(p));
    } else {
        n->kid[SQL_JSON_OBJECT_MEMBERS] = comma_list(p, parse_member);
        parse_null_clause(p, n);
        with = accept_any(p, KINDS(SQL_W_WITH, SQL_W_WITHOUT));
        if (with != SQL_T_NONE) {
            expect(p, SQL_W_UNIQUE);
            n->flags |= with == SQL_W_WITH ? SQL_F_UNIQUE : SQL_F_WITHOUT_UNIQUE;
            n->flags |= accept(p, SQL_W_KEYS) ? SQL_F_KEYS : 0;
        }
    }
    n->kid[SQL_JSON_OBJECT_RETURNING] = parse_returning(p, true);
    return n;
}

static struct sql_node *parse_array(struct parser *p, struct sql_node *n)
{
    wish(p, SQL_W_RETURNING);
    if (at(p, SQL_T_RIGHT_PAREN) || at_returning(p)) {
        n->kid[SQL_JSON_ARRAY_ITEMS] = list_end(p, list_begin(p));
    } else {
        n->kid[SQL_JSON_ARRAY_ITEMS] = comma_list(p, parse_json_value);
        parse_null_clause(p, n);
    }
    n->kid[SQL_JSON_ARRAY_RETURNING] = parse_returning(p, true);
    return n;
}

struct sql_node *parse_json_function(struct parser *p)
{
    static const struct {
        enum sql_token_kind word;
        enum sql_kind kind;
        struct sql_node *(*parse)(struct parser *p, struct sql_node *n);
    } functions[] = {
        {SQL_W_JSON_ARRAY, SQL_JSON_ARRAY, parse_array},
        {SQL_W_JSON_EXISTS, SQL_JSON_EXISTS, parse_exists},
        {SQL_W_JSON_OBJECT, SQL_JSON_OBJECT, parse_object},
        {SQL_W_JSON_QUERY, SQL_JSON_QUERY, parse_query_function},
        {SQL_W_JSON_VALUE, SQL_JSON_VALUE, parse_value_function},
    };
    struct sql_node *n;
    size_t i = 0;

    while (functions[i].word != peek(p, 0))
        i++;
    n = open_node(p, functions[i].kind);
    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    n = functions[i].parse(p, n);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}
