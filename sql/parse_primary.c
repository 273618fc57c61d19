/* SPDX-License-Identifier: Apache-2.0 */
/* parse_primary.c - primary expressions: a table of readers by first token, names, and the postfix
 * operators. Words that are not reserved have a reader, too; it looks ahead and leaves to
 * parse_name_primary() what is a mere name. */
#include "sql/parse_expression.h"

struct sql_node *parse_bare(struct parser *p, enum sql_kind kind)
{
    struct sql_node *n = open_node(p, kind);

    p->token++;
    return close_node(p, n);
}

/* -- literals */

static struct sql_node *read_number(struct parser *p)
{
    return parse_number(p, false);
}

/* parse_value() leaves a '-' for us only if it is a number's. */
static struct sql_node *read_minus(struct parser *p)
{
    if (p->trino && is_number(peek(p, 1)))
        return parse_number(p, true);
    fail_here(p);
    return NULL;
}

static struct sql_node *read_null(struct parser *p)
{
    return parse_bare(p, SQL_NULL_LITERAL);
}

static struct sql_node *read_boolean(struct parser *p)
{
    uint16_t op = (uint16_t)peek(p, 0);
    struct sql_node *n = parse_bare(p, SQL_BOOLEAN);

    n->op = op;
    return n;
}

static struct sql_node *read_parameter(struct parser *p)
{
    struct sql_node *n = parse_bare(p, SQL_PARAMETER);

    n->number = p->parameter_count++;
    return n;
}

static struct sql_node *read_interval(struct parser *p)
{
    return is_interval(p) ? parse_interval(p) : parse_name_primary(p);
}

/* DOUBLE PRECISION '1' */
static struct sql_node *read_double(struct parser *p)
{
    bool joined = peek(p, 0) == SQL_T_DOUBLE_PRECISION;
    struct sql_node *n, *type;

    if (!joined && (peek(p, 1) != SQL_W_PRECISION || (!is_string(peek(p, 2)) && p->wide == NULL)))
        return parse_name_primary(p);
    n = open_node(p, SQL_TYPED);
    type = open_node(p, SQL_DOUBLE_TYPE);
    p->token += joined ? 1 : 2;
    n->kid[SQL_TYPED_TYPE] = close_node(p, type);
    n->kid[SQL_TYPED_VALUE] = parse_string(p);
    return close_node(p, n);
}

/* -- arrays and rows */

static struct sql_node *parse_items(struct parser *p, enum sql_token_kind end)
{
    struct sql_node *list;

    if (at(p, end))
        list = list_end(p, list_begin(p));
    else
        list = comma_list(p, parse_expression);
    expect(p, end);
    return list;
}

static struct sql_node *read_array(struct parser *p)
{
    bool word = peek(p, 0) == SQL_W_ARRAY;
    struct sql_node *n;

    if (word && peek(p, 1) != SQL_T_LEFT_BRACKET)
        return parse_name_primary(p);
    if (!word && !p->trino) {
        fail_here(p);
        return NULL;
    }
    n = open_node(p, SQL_ARRAY);
    p->token += word ? 2 : 1;
    n->flags = word ? SQL_F_WORD : 0;
    n->kid[SQL_ARRAY_ITEMS] = parse_items(p, SQL_T_RIGHT_BRACKET);
    return close_node(p, n);
}

/* ROW(a, b): a call that has nothing but arguments is a row. */
static struct sql_node *read_row(struct parser *p)
{
    bool row = peek(p, 1) == SQL_T_LEFT_PAREN;
    struct sql_node *call = parse_name_primary(p), *n;

    if (!row || p->failed || call->kind != SQL_FUNCTION || call->op != 0 || call->op2 != 0 ||
        call->flags != 0 || call->kid[SQL_FUNCTION_ORDER] != NULL ||
        call->kid[SQL_FUNCTION_FILTER] != NULL || call->kid[SQL_FUNCTION_OVER] != NULL ||
        call->kid[SQL_FUNCTION_ARGUMENTS]->count == 0)
        return call;
    n = open_node_at(p, SQL_ROW, call);
    n->flags = SQL_F_WORD;
    n->kid[SQL_ROW_ITEMS] = call->kid[SQL_FUNCTION_ARGUMENTS];
    return close_node(p, n);
}

static struct sql_node *read_exists(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_EXISTS);

    p->token++;
    n->kid[SQL_EXISTS_QUERY] = parse_paren_query(p);
    return close_node(p, n);
}

/* -- names */

/* FINAL f(x) and RUNNING f(x) */
static struct sql_node *read_processing_mode(struct parser *p)
{
    uint32_t flag = peek(p, 0) == SQL_W_FINAL ? SQL_F_FINAL : SQL_F_RUNNING;
    const struct sql_token *start = p->token;
    struct sql_node *n;

    if (!is_identifier(p, 1) || (peek(p, 2) != SQL_T_LEFT_PAREN && peek(p, 2) != SQL_T_DOT))
        return parse_name_primary(p);
    n = open_node(p, SQL_FUNCTION);
    p->token++;
    n->flags = flag;
    n->kid[SQL_FUNCTION_NAME] = parse_qualified_name(p);
    n->start = start->start;
    return parse_function_call(p, n);
}

static struct sql_node *parse_lambda(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LAMBDA);
    uint32_t mark = list_begin(p);

    list_add(p, parse_identifier(p));
    n->kid[SQL_LAMBDA_PARAMETERS] = list_end(p, mark);
    expect(p, SQL_T_ARROW);
    n->kid[SQL_LAMBDA_BODY] = parse_lambda_body(p);
    return close_node(p, n);
}

/* X '00' is meant for a binary literal. */
static void check_prefix(struct parser *p)
{
    const struct sql_token *t = p->token;

    if (t->end - t->start == 1 && (p->text.p[t->start] | 0x20) == 'x')
        refuse_at(p, t,
                  "Spaces are not allowed between 'X' and the starting quote of a binary literal");
}

static struct sql_node *parse_typed(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TYPED), *type = open_node(p, SQL_TYPE);
    uint32_t mark = list_begin(p);

    list_add(p, parse_identifier(p));
    type->kid[SQL_TYPE_NAME] = list_end_as(p, mark, SQL_NAME);
    n->kid[SQL_TYPED_TYPE] = close_node(p, type);
    n->kid[SQL_TYPED_VALUE] = parse_string(p);
    return close_node(p, n);
}

static struct sql_node *parse_measure(struct parser *p, struct sql_node *name)
{
    struct sql_node *n = open_node_at(p, SQL_MEASURE, name);

    n->kid[SQL_MEASURE_NAME] = name;
    n->kid[SQL_MEASURE_OVER] = parse_over(p);
    return close_node(p, n);
}

static struct sql_node *start_call(struct parser *p, struct sql_node *name)
{
    struct sql_node *n = open_node_at(p, SQL_FUNCTION, name);

    n->kid[SQL_FUNCTION_NAME] = name;
    return parse_function_call(p, n);
}

/* Whether what begins like a call or a field is read as one whatever follows: Trino's parser only
 * does within a first primary, elsewhere it takes the '(' or '.' for the error. */
static bool is_eager(const struct parser *p)
{
    return !p->trino || p->wide != NULL;
}

/* Whether a '.' opens a field and not .*; the coordinators look ahead, see `wide`. */
static bool at_field(const struct parser *p)
{
    return is_identifier(p, 1) || (is_eager(p) && peek(p, 1) != SQL_T_ASTERISK);
}

/* Whether a call's '(' may have the token behind it; the coordinators look ahead, see `wide`. */
static bool may_be_call(const struct parser *p, uint32_t ahead)
{
    enum sql_token_kind kind = peek(p, ahead);

    return is_eager(p) || kind == SQL_T_RIGHT_PAREN || kind == SQL_T_ASTERISK ||
           kind == SQL_W_DISTINCT || kind == SQL_W_ORDER || starts_expression(p, ahead);
}

/* a.b.c or a.b.c(...): which of them shows at the end */
static struct sql_node *parse_dotted(struct parser *p, struct sql_node *first)
{
    uint32_t mark = list_begin(p);
    struct sql_node *base, *field, *n;

    list_add(p, first);
    while (peek(p, 0) == SQL_T_DOT && at_field(p)) {
        p->token++;
        list_add(p, parse_identifier(p));
    }
    if (peek(p, 0) == SQL_T_LEFT_PAREN && p->pending_count > mark + 1 && may_be_call(p, 1))
        return start_call(p, list_end_as(p, mark, SQL_NAME));
    base = first;
    for (uint32_t i = mark + 1; i < p->pending_count; i++) {
        field = p->pending[i];
        n = open_node_at(p, SQL_DEREF, base);
        n->kid[SQL_DEREF_BASE] = base;
        n->kid[SQL_DEREF_FIELD] = field;
        n->end = field->end;
        base = n;
    }
    p->pending_count = mark;
    return base;
}

/* Inside of the first primary of a select item the coordinators have not decided yet on what an
 * identifier is; see `wide`. */
static void wish_after_name(struct parser *p)
{
    wish(p, SQL_T_LEFT_PAREN);
    wish(p, SQL_T_ARROW);
    wish(p, SQL_W_OVER);
    (void)at_string(p);
}

struct sql_node *parse_name_primary(struct parser *p)
{
    struct sql_node *name;
    uint32_t mark;

    switch (peek(p, 1)) {
    case SQL_T_STRING:
    case SQL_T_UNICODE_STRING:
        check_prefix(p);
        return parse_typed(p);
    case SQL_T_ARROW:
        return parse_lambda(p);
    case SQL_T_LEFT_PAREN:
        if (!may_be_call(p, 2))
            break;
        mark = list_begin(p);
        list_add(p, parse_identifier(p));
        return start_call(p, list_end_as(p, mark, SQL_NAME));
    default:
        break;
    }
    name = parse_identifier(p);
    if (UNLIKELY(p->wide != NULL) && p->token - 1 != p->wide)
        wish_after_name(p);
    if (peek(p, 0) == SQL_T_DOT)
        return parse_dotted(p, name);
    if (peek(p, 0) == SQL_W_OVER && p->trino && at_over(p))
        return parse_measure(p, name);
    return name;
}

/* -- the table */

typedef struct sql_node *reader(struct parser *p);

static reader *const readers[SQL_TOKEN_COUNT] = {
    [SQL_T_LEFT_PAREN] = parse_bracket,
    [SQL_T_LEFT_BRACKET] = read_array,
    [SQL_T_MINUS] = read_minus,
    [SQL_T_QUESTION_MARK] = read_parameter,
    [SQL_T_STRING] = parse_string,
    [SQL_T_UNICODE_STRING] = parse_string,
    [SQL_T_BINARY] = parse_binary,
    [SQL_T_INTEGER] = read_number,
    [SQL_T_DECIMAL] = read_number,
    [SQL_T_DOUBLE] = read_number,
    [SQL_T_IDENTIFIER] = parse_name_primary,
    [SQL_T_DIGIT_IDENTIFIER] = parse_name_primary,
    [SQL_T_QUOTED_IDENTIFIER] = parse_name_primary,
    [SQL_T_BACKQUOTED_IDENTIFIER] = parse_name_primary,
    [SQL_T_DOUBLE_PRECISION] = read_double,
    [SQL_W_ARRAY] = read_array,
    [SQL_W_CASE] = parse_case,
    [SQL_W_CAST] = parse_cast,
    [SQL_W_CURRENT_CATALOG] = parse_special,
    [SQL_W_CURRENT_DATE] = parse_special,
    [SQL_W_CURRENT_PATH] = parse_special,
    [SQL_W_CURRENT_SCHEMA] = parse_special,
    [SQL_W_CURRENT_TIME] = parse_special,
    [SQL_W_CURRENT_TIMESTAMP] = parse_special,
    [SQL_W_CURRENT_USER] = parse_special,
    [SQL_W_DOUBLE] = read_double,
    [SQL_W_EXISTS] = read_exists,
    [SQL_W_EXTRACT] = parse_extract,
    [SQL_W_FALSE] = read_boolean,
    [SQL_W_FINAL] = read_processing_mode,
    [SQL_W_GROUPING] = parse_grouping,
    [SQL_W_INTERVAL] = read_interval,
    [SQL_W_JSON_ARRAY] = parse_json_function,
    [SQL_W_JSON_EXISTS] = parse_json_function,
    [SQL_W_JSON_OBJECT] = parse_json_function,
    [SQL_W_JSON_QUERY] = parse_json_function,
    [SQL_W_JSON_VALUE] = parse_json_function,
    [SQL_W_LISTAGG] = parse_listagg,
    [SQL_W_LOCALTIME] = parse_special,
    [SQL_W_LOCALTIMESTAMP] = parse_special,
    [SQL_W_NORMALIZE] = parse_normalize,
    [SQL_W_NULL] = read_null,
    [SQL_W_POSITION] = parse_position,
    [SQL_W_ROW] = read_row,
    [SQL_W_RUNNING] = read_processing_mode,
    [SQL_W_SUBSTRING] = parse_substring,
    [SQL_W_TRIM] = parse_trim,
    [SQL_W_TRUE] = read_boolean,
    [SQL_W_TRY_CAST] = parse_try_cast,
};

bool starts_expression(const struct parser *p, uint32_t ahead)
{
    enum sql_token_kind kind = peek(p, ahead);

    return readers[kind] != NULL || kind == SQL_T_PLUS || kind == SQL_W_NOT ||
           is_identifier(p, ahead);
}

/* -- postfix operators */

static struct sql_node *parse_subscript(struct parser *p, uint32_t start, struct sql_node *base)
{
    struct sql_node *n = open_node(p, SQL_SUBSCRIPT);

    p->token++;
    n->start = start;
    n->kid[SQL_SUBSCRIPT_BASE] = base;
    if (enter(p))
        n->kid[SQL_SUBSCRIPT_INDEX] = parse_value(p);
    leave(p);
    expect(p, SQL_T_RIGHT_BRACKET);
    return close_node(p, n);
}

static struct sql_node *parse_field(struct parser *p, uint32_t start, struct sql_node *base)
{
    struct sql_node *n = open_node(p, SQL_DEREF);

    p->token++;
    n->start = start;
    n->kid[SQL_DEREF_BASE] = base;
    n->kid[SQL_DEREF_FIELD] = parse_identifier(p);
    return close_node(p, n);
}

struct sql_node *parse_postfix(struct parser *p, uint32_t start, bool star,
                               struct sql_node *primary)
{
    for (;;) {
        wish(p, SQL_T_LEFT_BRACKET);
        wish(p, SQL_T_DOT);
        if (peek(p, 0) == SQL_T_LEFT_BRACKET)
            primary = parse_subscript(p, start, primary);
        else if (peek(p, 0) == SQL_T_DOT &&
                 (is_identifier(p, 1) || (star && peek(p, 1) != SQL_T_ASTERISK) ||
                  (!star && is_eager(p))))
            primary = parse_field(p, start, primary);
        else
            return primary;
    }
}

/* A primary that a select item starts with */
static struct sql_node *parse_first_primary(struct parser *p, reader *read)
{
    const struct sql_token *start = p->token, *outer = p->trino ? wide_open(p) : p->wide;
    struct sql_node *n = read(p);

    wide_close(p, outer);
    n = parse_postfix(p, start->start, true, n);
    p->star_end = p->token;
    return n;
}

static bool is_lambda(const struct parser *p)
{
    return peek(p, 1) == SQL_T_ARROW || (peek(p, 0) == SQL_T_LEFT_PAREN && is_bracket_lambda(p));
}

struct sql_node *parse_primary(struct parser *p)
{
    const struct sql_token *start = p->token;
    bool star = start == p->star || p->star_body, outer = p->star_body;
    reader *read = readers[start->kind];
    struct sql_node *n = NULL;

    name_open(p, EXPECT_EXPRESSION);
    if (read == NULL && is_identifier(p, 0))
        read = parse_name_primary;
    p->star_body = star && is_lambda(p);
    if (read == NULL)
        fail_here(p);
    else if (start == p->star)
        n = parse_first_primary(p, read);
    else
        n = parse_postfix(p, start->start, outer, read(p));
    p->star_body = outer;
    name_close(p);
    return n;
}
