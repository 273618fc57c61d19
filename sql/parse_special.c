/* SPDX-License-Identifier: Apache-2.0 */
/* parse_special.c - functions and expressions with words of their own: CASE, CAST, POSITION, TRIM
 * and so on. Those whose name is not reserved may turn out to be calls of plain functions. */
#include "sql/parse_expression.h"

/* -- CASE */

static struct sql_node *parse_when(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_WHEN);

    p->token++;
    n->kid[SQL_WHEN_CONDITION] = parse_expression(p);
    expect(p, SQL_W_THEN);
    n->kid[SQL_WHEN_RESULT] = parse_expression(p);
    return close_node(p, n);
}

struct sql_node *parse_case(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_CASE);
    uint32_t mark;

    p->token++;
    if (!at(p, SQL_W_WHEN))
        n->kid[SQL_CASE_OPERAND] = p->trino ? parse_expression(p) : parse_value(p);
    mark = list_begin(p);
    if (!at(p, SQL_W_WHEN))
        fail_here(p);
    while (at(p, SQL_W_WHEN))
        list_add(p, parse_when(p));
    n->kid[SQL_CASE_WHENS] = list_end(p, mark);
    if (accept(p, SQL_W_ELSE))
        n->kid[SQL_CASE_ELSE] = parse_expression(p);
    expect(p, SQL_W_END);
    return close_node(p, n);
}

/* -- CAST */

static struct sql_node *finish_cast(struct parser *p, struct sql_node *n, struct sql_node *value)
{
    n->kid[SQL_CAST_VALUE] = value;
    expect(p, SQL_W_AS);
    n->kid[SQL_CAST_TYPE] = parse_type(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

struct sql_node *parse_cast(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_CAST);

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    return finish_cast(p, n, parse_expression(p));
}

/* A special form whose name is a plain function's, too: whether one of its shapes comes. */
static bool may_be_special(const struct parser *p)
{
    return peek(p, 1) == SQL_T_LEFT_PAREN && starts_expression(p, 2);
}

struct sql_node *parse_try_cast(struct parser *p)
{
    struct sql_node *n, *value;
    struct attempt t;

    if (may_be_special(p) && try_open(p, &t)) {
        n = open_node(p, SQL_CAST);
        n->flags = SQL_F_TRY;
        p->token += 2;
        value = parse_expression(p);
        if (try_close(p, &t, at(p, SQL_W_AS) || p->failed))
            return finish_cast(p, n, value);
    }
    return parse_name_primary(p);
}

/* -- the rest */

/* The name, the '(' and the value after which shows what it is. */
static struct sql_node *parse_undecided(struct parser *p)
{
    const struct sql_token *outer = wide_open(p);
    struct sql_node *n;

    p->token += 2;
    n = parse_value(p);
    wide_close(p, outer);
    return n;
}

/* POSITION(x IN y) */
struct sql_node *parse_position(struct parser *p)
{
    struct sql_node *n;
    struct attempt t;

    if (may_be_special(p) && try_open(p, &t)) {
        n = open_node(p, SQL_POSITION);
        n->kid[SQL_POSITION_NEEDLE] = parse_undecided(p);
        if (accept(p, SQL_W_IN)) {
            n->kid[SQL_POSITION_VALUE] = parse_value(p);
            if ((p->failed && p->expected != NULL) ||
                try_close(p, &t, accept(p, SQL_T_RIGHT_PAREN)))
                return close_node(p, n);
        } else {
            (void)try_close(p, &t, false);
        }
    }
    return parse_name_primary(p);
}

/* SUBSTRING(x FROM 1 FOR 2) */
struct sql_node *parse_substring(struct parser *p)
{
    struct sql_node *n;
    struct attempt t;

    if (may_be_special(p) && try_open(p, &t)) {
        n = open_node(p, SQL_SUBSTRING);
        n->kid[SQL_SUBSTRING_VALUE] = parse_undecided(p);
        if (try_close(p, &t, accept(p, SQL_W_FROM))) {
            n->kid[SQL_SUBSTRING_FROM] = parse_value(p);
            if (accept(p, SQL_W_FOR))
                n->kid[SQL_SUBSTRING_FOR] = parse_value(p);
            expect(p, SQL_T_RIGHT_PAREN);
            return close_node(p, n);
        }
    }
    return parse_name_primary(p);
}

static bool is_trim_side(enum sql_token_kind kind)
{
    return kind == SQL_W_BOTH || kind == SQL_W_LEADING || kind == SQL_W_TRAILING;
}

/* The inside of TRIM ( ... FROM x ) whose first word is LEADING, TRAILING or BOTH. */
static bool parse_trim_side(struct parser *p, struct sql_node *n)
{
    struct attempt t;

    if (!is_trim_side(peek(p, 0)) || (peek(p, 1) != SQL_W_FROM && !starts_expression(p, 1)) ||
        !try_open(p, &t))
        return false;
    n->op = (uint16_t)peek(p, 0);
    p->token++;
    n->kid[SQL_TRIM_CHARACTER] = NULL;
    if (peek(p, 0) != SQL_W_FROM)
        n->kid[SQL_TRIM_CHARACTER] = parse_value(p);
    if (try_close(p, &t, accept(p, SQL_W_FROM))) {
        n->kid[SQL_TRIM_SOURCE] = parse_value(p);
        return true;
    }
    n->op = 0;
    n->kid[SQL_TRIM_CHARACTER] = NULL;
    return false;
}

struct sql_node *parse_trim(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TRIM), *first = NULL;
    const struct sql_token *trim = p->token, *outer = wide_open(p);

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    wish(p, SQL_W_BOTH);
    wish(p, SQL_W_LEADING);
    wish(p, SQL_W_TRAILING);
    if (!parse_trim_side(p, n)) {
        if (!at(p, SQL_W_FROM))
            first = parse_value(p);
        else
            refuse_at(p, trim,
                      "The 'trim' function must have specification, char or both arguments when "
                      "it takes FROM");
        n->kid[SQL_TRIM_SOURCE] = first;
        if (accept(p, SQL_W_FROM)) {
            n->kid[SQL_TRIM_CHARACTER] = first;
            n->kid[SQL_TRIM_SOURCE] = parse_value(p);
        } else if (accept(p, SQL_T_COMMA)) {
            n->flags = SQL_F_COMMA;
            n->kid[SQL_TRIM_CHARACTER] = parse_value(p);
        }
    }
    wide_close(p, outer);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

struct sql_node *parse_normalize(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_NORMALIZE);

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    n->kid[SQL_NORMALIZE_VALUE] = parse_value(p);
    if (accept(p, SQL_T_COMMA))
        n->op = (uint16_t)expect_any(p, KINDS(SQL_W_NFD, SQL_W_NFC, SQL_W_NFKD, SQL_W_NFKC));
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

/* Checked when the coordinators build their trees. */
static const char *const extract_fields[] = {
    "YEAR",          "QUARTER",      "MONTH",        "WEEK",
    "DAY",           "DAY_OF_MONTH", "DAY_OF_WEEK",  "DOW",
    "DAY_OF_YEAR",   "DOY",          "YEAR_OF_WEEK", "YOW",
    "HOUR",          "MINUTE",       "SECOND",       "TIMEZONE_MINUTE",
    "TIMEZONE_HOUR",
};

static void check_field(struct parser *p, const struct sql_node *field, const struct sql_token *t)
{
    if (p->failed)
        return;
    for (size_t i = 0; i < ARRAY_LEN(extract_fields); i++)
        if (str_eq_nocase(field->text, str_c(extract_fields[i])))
            return;
    refuse_at(p, t, "Invalid EXTRACT field%s %.*s%s", p->trino ? "" : ":", STR_ARG(field->text),
              p->trino ? ", valid fields are: YEAR, QUARTER, MONTH, WEEK, DAY, DAY_OF_MONTH, "
                         "DAY_OF_WEEK, DOW, DAY_OF_YEAR, DOY, YEAR_OF_WEEK, YOW, HOUR, MINUTE, "
                         "SECOND, TIMEZONE_MINUTE, TIMEZONE_HOUR"
                       : "");
}

struct sql_node *parse_extract(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_EXTRACT);
    const struct sql_token *t = p->token;

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    n->kid[SQL_EXTRACT_FIELD] = parse_identifier(p);
    check_field(p, n->kid[SQL_EXTRACT_FIELD], t);
    expect(p, SQL_W_FROM);
    n->kid[SQL_EXTRACT_VALUE] = parse_value(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

struct sql_node *parse_grouping(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_GROUPING);

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    if (at(p, SQL_T_RIGHT_PAREN))
        n->kid[SQL_GROUPING_NAMES] = list_end(p, list_begin(p));
    else
        n->kid[SQL_GROUPING_NAMES] = comma_list(p, parse_qualified_name);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

/* CURRENT_DATE, CURRENT_TIMESTAMP(3), CURRENT_USER ... */
struct sql_node *parse_special(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_SPECIAL);
    enum sql_token_kind kind = peek(p, 0);
    bool precise = kind == SQL_W_CURRENT_TIME || kind == SQL_W_CURRENT_TIMESTAMP ||
                   kind == SQL_W_LOCALTIME || kind == SQL_W_LOCALTIMESTAMP;

    p->token++;
    n->op = (uint16_t)kind;
    if (precise && at(p, SQL_T_LEFT_PAREN) &&
        (!p->trino || p->wide != NULL || peek(p, 1) == SQL_T_INTEGER)) {
        p->token++;
        n->kid[SQL_SPECIAL_PRECISION] = parse_integer(p);
        expect(p, SQL_T_RIGHT_PAREN);
    }
    return close_node(p, n);
}

/* -- LISTAGG */

/* ERROR | TRUNCATE 'filler'? (WITH | WITHOUT) COUNT */
static struct sql_node *parse_overflow(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LISTAGG_OVERFLOW);

    n->op = (uint16_t)expect_any(p, KINDS(SQL_W_ERROR, SQL_W_TRUNCATE));
    if (n->op == SQL_W_TRUNCATE) {
        if (at_string(p))
            n->kid[SQL_LISTAGG_OVERFLOW_FILLER] = parse_string(p);
        n->op2 = (uint16_t)expect_any(p, KINDS(SQL_W_WITH, SQL_W_WITHOUT));
        expect(p, SQL_W_COUNT);
    }
    return close_node(p, n);
}

struct sql_node *parse_listagg(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LISTAGG);

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    n->op = parse_quantifier(p);
    n->kid[SQL_LISTAGG_VALUE] = parse_expression(p);
    if (accept(p, SQL_T_COMMA))
        n->kid[SQL_LISTAGG_SEPARATOR] = parse_string(p);
    if (accept(p, SQL_W_ON)) {
        expect(p, SQL_W_OVERFLOW);
        n->kid[SQL_LISTAGG_ON_OVERFLOW] = parse_overflow(p);
    }
    expect_all(p, KINDS(SQL_T_RIGHT_PAREN, SQL_W_WITHIN, SQL_W_GROUP, SQL_T_LEFT_PAREN));
    if (!at(p, SQL_W_ORDER))
        fail_here(p);
    n->kid[SQL_LISTAGG_ORDER] = parse_order_by(p);
    expect(p, SQL_T_RIGHT_PAREN);
    n->kid[SQL_LISTAGG_FILTER] = parse_filter(p);
    if (at_over(p))
        n->kid[SQL_LISTAGG_OVER] = parse_over(p);
    return close_node(p, n);
}
