/* SPDX-License-Identifier: Apache-2.0 */
/* parse_routine.c - functions and types: CREATE, ALTER and DROP FUNCTION, CREATE TYPE, and the
 * functions that a query of Trino may begin with. Their bodies are in parse_control.c. */
#include "sql/statement.h"

/* -- parameters and types */

static bool kind_is_interval_field(enum sql_token_kind kind)
{
    switch (kind) {
    case SQL_W_YEAR:
    case SQL_W_MONTH:
    case SQL_W_DAY:
    case SQL_W_HOUR:
    case SQL_W_MINUTE:
    case SQL_W_SECOND:
        return true;
    default:
        return false;
    }
}

/* Trino's parameters may be without a name. Of two identifiers the first one is the name, even in
 * `double precision`; but not in `interval year to month` and `integer array[3]`. */
static bool at_parameter_name(const struct parser *p)
{
    enum sql_token_kind type = peek(p, 1), next = peek(p, 2);

    if (!p->trino)
        return true;
    if (!is_identifier(p, 0) || !is_identifier(p, 1))
        return false;
    if (peek(p, 0) == SQL_W_INTERVAL && kind_is_interval_field(type) && next == SQL_W_TO)
        return false;
    if (type == SQL_W_WITHOUT && next == SQL_W_TIME) /* TIMESTAMP WITHOUT TIME ZONE */
        return false;
    return type != SQL_W_ARRAY || next != SQL_T_LEFT_BRACKET;
}

struct sql_node *parse_parameter_spec(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_PARAMETER_SPEC);

    if (at_parameter_name(p))
        n->kid[SQL_PARAMETER_SPEC_NAME] = parse_identifier(p);
    n->kid[SQL_PARAMETER_SPEC_TYPE] = parse_type(p);
    ask_anew(p);
    return close_node(p, n);
}

struct sql_node *parse_type_list(struct parser *p)
{
    return paren_list_or_none(p, parse_type);
}

/* -- characteristics */

static struct sql_node *open_characteristic(struct parser *p, enum sql_token_kind op)
{
    struct sql_node *n = open_node(p, SQL_CHARACTERISTIC);

    n->op = op;
    expect(p, op);
    return n;
}

static struct sql_node *parse_language(struct parser *p)
{
    struct sql_node *n = open_characteristic(p, SQL_W_LANGUAGE);

    if (!p->trino)
        wish(p, SQL_W_SQL);
    n->kid[SQL_CHARACTERISTIC_VALUE] = parse_identifier(p);
    return n;
}

static struct sql_node *parse_deterministic(struct parser *p)
{
    return open_characteristic(p, SQL_W_DETERMINISTIC);
}

static struct sql_node *parse_not_deterministic(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_CHARACTERISTIC);

    n->op = SQL_W_DETERMINISTIC;
    n->flags |= SQL_F_NOT;
    expect(p, SQL_W_NOT);
    expect(p, SQL_W_DETERMINISTIC);
    return n;
}

static void expect_on_null_input(struct parser *p)
{
    expect(p, SQL_W_ON);
    expect(p, SQL_W_NULL);
    expect(p, SQL_W_INPUT);
}

static struct sql_node *parse_returns_null(struct parser *p)
{
    struct sql_node *n = open_characteristic(p, SQL_W_RETURNS);

    expect(p, SQL_W_NULL);
    expect_on_null_input(p);
    return n;
}

static struct sql_node *parse_called(struct parser *p)
{
    struct sql_node *n = open_characteristic(p, SQL_W_CALLED);

    expect_on_null_input(p);
    return n;
}

static struct sql_node *parse_security(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_CHARACTERISTIC);

    n->op = SQL_W_SECURITY;
    n->op2 = accept_security(p);
    return n;
}

static struct sql_node *parse_function_comment(struct parser *p)
{
    struct sql_node *n = open_characteristic(p, SQL_W_COMMENT);

    n->kid[SQL_CHARACTERISTIC_VALUE] = parse_string(p);
    return n;
}

static struct sql_node *parse_function_properties(struct parser *p)
{
    struct sql_node *n = open_characteristic(p, SQL_W_WITH);

    n->kid[SQL_CHARACTERISTIC_VALUE] = parse_properties(p);
    return n;
}

/* `alter`: what ALTER FUNCTION of Presto may change. `clause` names what a function of Presto has
 * only once, `once` tells the clauses apart. */
static const struct characteristic {
    uint16_t word;
    uint16_t dialects;
    bool alter;
    const char *clause;
    uint32_t once;
    struct sql_node *(*parse)(struct parser *p);
} characteristics[] = {
    {SQL_W_CALLED, IN_BOTH, true, "null-call clause", 1, parse_called},
    {SQL_W_COMMENT, IN_TRINO, false, NULL, 0, parse_function_comment},
    {SQL_W_DETERMINISTIC, IN_BOTH, false, "determinism characteristics", 2, parse_deterministic},
    {SQL_W_LANGUAGE, IN_BOTH, false, "language clause", 4, parse_language},
    {SQL_W_NOT, IN_BOTH, false, "determinism characteristics", 2, parse_not_deterministic},
    {SQL_W_RETURNS, IN_BOTH, true, "null-call clause", 1, parse_returns_null},
    {SQL_W_SECURITY, IN_TRINO, false, NULL, 0, parse_security},
    {SQL_W_WITH, IN_TRINO, false, NULL, 0, parse_function_properties},
};

/* The next characteristic; a label of the body may be called like one. */
static const struct characteristic *find_characteristic(struct parser *p, bool alter)
{
    uint16_t dialect = p->trino ? IN_TRINO : IN_PRESTO;

    for (size_t i = 0; i < COUNT_OF(characteristics); i++) {
        const struct characteristic *c = &characteristics[i];

        if ((c->dialects & dialect) && (!alter || c->alter) && at(p, c->word) &&
            peek(p, 1) != SQL_T_COLON)
            return c;
    }
    return NULL;
}

/* The text of tokens without what is between them. */
static struct str join_tokens(struct parser *p, const struct sql_token *from,
                              const struct sql_token *to)
{
    struct str text = STR("");

    for (; from < to; from++)
        text = arena_printf(p->arena, "%.*s%.*s", STR_ARG(text), (int)(from->end - from->start),
                            p->text.p + from->start);
    return text;
}

/* Presto has each clause once; determinism and null call have two forms each. */
static void refuse_duplicate(struct parser *p, const struct characteristic *c,
                             const struct sql_token *from)
{
    struct str text;

    from += c->word == SQL_W_LANGUAGE;
    text = join_tokens(p, from, p->token);
    refuse_at(p, from, "Duplicate %s: %.*s", c->clause, STR_ARG(text));
}

static struct sql_node *parse_characteristics(struct parser *p, bool alter)
{
    const struct characteristic *c;
    const struct sql_token *from;
    uint32_t mark = list_begin(p), seen = 0;
    struct sql_node *n;

    while ((c = find_characteristic(p, alter)) != NULL) {
        from = p->token;
        n = c->parse(p);
        list_add(p, close_node(p, n));
        if (!p->trino && (seen & c->once) && !p->failed)
            refuse_duplicate(p, c, from);
        seen |= c->once;
    }
    return list_end(p, mark);
}

/* -- functions */

/* name '(' parameters ')' into two slots */
static void parse_declaration(struct parser *p, struct sql_node **name,
                              struct sql_node **parameters)
{
    *name = parse_qualified_name(p);
    *parameters = paren_list_or_none(p, parse_parameter_spec);
}

/* AS $$ ... $$, for languages other than SQL: a newline comes first. */
static struct sql_node *parse_definition(struct parser *p)
{
    const struct sql_token *t = p->token;
    struct sql_node *n = open_node(p, SQL_DOLLAR_STRING);

    expect(p, SQL_T_DOLLAR_STRING);
    if (t->kind != SQL_T_DOLLAR_STRING)
        return n;
    n->text = (struct str){p->text.p + t->start + 2, t->end - t->start - 4};
    if (n->text.n == 0 || (n->text.p[0] != '\n' && n->text.p[0] != '\r'))
        refuse_at(p, t, "Function definition must start with a newline after opening quotes");
    return close_node(p, n);
}

static struct sql_node *parse_trino_body(struct parser *p)
{
    const struct sql_token *t = p->token;
    struct sql_node *n;

    if (accept(p, SQL_W_AS))
        return parse_definition(p);
    n = parse_control(p);
    if (n != NULL && n->kind != SQL_RETURN && n->kind != SQL_BLOCK)
        refuse_at(p, t, "Function body must start with RETURN or BEGIN");
    return n;
}

static struct sql_node *parse_presto_body(struct parser *p)
{
    struct sql_node *n;

    if (at(p, SQL_W_EXTERNAL)) {
        n = open_node(p, SQL_EXTERNAL);
        expect(p, SQL_W_EXTERNAL);
        if (accept(p, SQL_W_NAME))
            n->kid[SQL_EXTERNAL_NAME] = parse_identifier(p);
        return close_node(p, n);
    }
    n = open_node(p, SQL_RETURN);
    expect(p, SQL_W_RETURN);
    n->kid[SQL_RETURN_VALUE] = parse_expression(p);
    return close_node(p, n);
}

/* After FUNCTION. */
static struct sql_node *parse_function(struct parser *p, struct sql_node *n)
{
    const struct sql_token *start;

    parse_declaration(p, &n->kid[SQL_FUNCTION_SPEC_NAME], &n->kid[SQL_FUNCTION_SPEC_PARAMETERS]);
    expect(p, SQL_W_RETURNS);
    n->kid[SQL_FUNCTION_SPEC_RETURNS] = parse_type(p);
    ask_anew(p);
    if (!p->trino)
        n->kid[SQL_FUNCTION_SPEC_COMMENT] = accept_comment(p);
    start = p->token;
    n->kid[SQL_FUNCTION_SPEC_CHARACTERISTICS] = parse_characteristics(p, false);
    if (!p->trino && (p->token != start || n->kid[SQL_FUNCTION_SPEC_COMMENT] != NULL))
        ask_anew(p);
    n->kid[SQL_FUNCTION_SPEC_BODY] = p->trino ? parse_trino_body(p) : parse_presto_body(p);
    return close_node(p, n);
}

struct sql_node *parse_function_spec(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_FUNCTION_SPEC);

    expect(p, SQL_W_FUNCTION);
    return parse_function(p, n);
}

struct sql_node *parse_create_function(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_FUNCTION);
    struct sql_node *spec = open_node(p, SQL_FUNCTION_SPEC);

    n->kid[SQL_CREATE_FUNCTION_FUNCTION] = parse_function(p, spec);
    return close_node(p, n);
}

struct sql_node *parse_create_temporary(struct parser *p, const struct opening *o)
{
    struct opening here = {o->first, o->flags | SQL_F_TEMPORARY};

    expect(p, SQL_W_FUNCTION);
    return parse_create_function(p, &here);
}

struct sql_node *parse_alter_function(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_ALTER_FUNCTION);

    n->kid[SQL_ALTER_FUNCTION_NAME] = parse_qualified_name(p);
    if (at(p, SQL_T_LEFT_PAREN))
        n->kid[SQL_ALTER_FUNCTION_TYPES] = parse_type_list(p);
    n->kid[SQL_ALTER_FUNCTION_CHARACTERISTICS] = parse_characteristics(p, true);
    if (n->kid[SQL_ALTER_FUNCTION_CHARACTERISTICS]->count == 0)
        refuse_at(p, o->first, "No alter routine characteristics specified");
    return close_node(p, n);
}

struct sql_node *parse_drop_function(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_DROP);

    n->op = SQL_W_FUNCTION;
    n->flags |= accept_if_exists(p, SQL_F_IF_EXISTS);
    if (p->trino) {
        parse_declaration(p, &n->kid[SQL_DROP_NAME], &n->kid[SQL_DROP_TYPES]);
    } else {
        n->kid[SQL_DROP_NAME] = parse_qualified_name(p);
        if (at(p, SQL_T_LEFT_PAREN))
            n->kid[SQL_DROP_TYPES] = parse_type_list(p);
    }
    return close_node(p, n);
}

struct sql_node *parse_drop_temporary(struct parser *p, const struct opening *o)
{
    struct opening here = {o->first, o->flags | SQL_F_TEMPORARY};

    expect(p, SQL_W_FUNCTION);
    return parse_drop_function(p, &here);
}

/* -- types */

struct sql_node *parse_create_type(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_TYPE);

    n->kid[SQL_CREATE_TYPE_NAME] = parse_qualified_name(p);
    expect(p, SQL_W_AS);
    if (at(p, SQL_T_LEFT_PAREN))
        n->kid[SQL_CREATE_TYPE_FIELDS] = paren_list(p, parse_parameter_spec);
    else
        n->kid[SQL_CREATE_TYPE_TYPE] = parse_type(p);
    return close_node(p, n);
}
