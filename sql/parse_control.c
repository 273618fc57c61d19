/* SPDX-License-Identifier: Apache-2.0 */
/* parse_control.c - the statements in a function's body (SQL/PSM), of Trino alone. */
#include "sql/statement.h"

typedef struct sql_node *control_parser(struct parser *p);

static struct sql_node *parse_statement_list(struct parser *p);

/* -- simple ones */

static struct sql_node *parse_return(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_RETURN);

    expect(p, SQL_W_RETURN);
    n->kid[SQL_RETURN_VALUE] = parse_value(p);
    return n;
}

static struct sql_node *parse_set_variable(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n;

    expect(p, SQL_W_SET);
    n = parse_assignment(p);
    n->start = start;
    return n;
}

static struct sql_node *parse_iterate(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_ITERATE);

    expect(p, SQL_W_ITERATE);
    n->kid[SQL_ITERATE_LABEL] = parse_identifier(p);
    return n;
}

static struct sql_node *parse_leave(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LEAVE);

    expect(p, SQL_W_LEAVE);
    n->kid[SQL_LEAVE_LABEL] = parse_identifier(p);
    return n;
}

/* -- CASE and IF */

/* word condition THEN statements */
static struct sql_node *parse_when(struct parser *p, enum sql_token_kind word)
{
    struct sql_node *n = open_node(p, SQL_WHEN_STATEMENT);

    expect(p, word);
    n->kid[SQL_WHEN_STATEMENT_CONDITION] = parse_expression(p);
    expect(p, SQL_W_THEN);
    n->kid[SQL_WHEN_STATEMENT_STATEMENTS] = parse_statement_list(p);
    return close_node(p, n);
}

static struct sql_node *accept_else(struct parser *p)
{
    return accept(p, SQL_W_ELSE) ? parse_statement_list(p) : NULL;
}

static struct sql_node *parse_case(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_CASE_STATEMENT);
    uint32_t mark;

    expect(p, SQL_W_CASE);
    if (!at(p, SQL_W_WHEN))
        n->kid[SQL_CASE_STATEMENT_OPERAND] = parse_expression(p);
    ask_anew(p);
    mark = list_begin(p);
    do
        list_add(p, parse_when(p, SQL_W_WHEN));
    while (at(p, SQL_W_WHEN));
    n->kid[SQL_CASE_STATEMENT_WHENS] = list_end(p, mark);
    n->kid[SQL_CASE_STATEMENT_ELSE] = accept_else(p);
    expect(p, SQL_W_END);
    expect(p, SQL_W_CASE);
    return n;
}

static struct sql_node *parse_if(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_IF_STATEMENT);
    uint32_t mark = list_begin(p);

    list_add(p, parse_when(p, SQL_W_IF));
    while (at(p, SQL_W_ELSEIF))
        list_add(p, parse_when(p, SQL_W_ELSEIF));
    n->kid[SQL_IF_STATEMENT_WHENS] = list_end(p, mark);
    n->kid[SQL_IF_STATEMENT_ELSE] = accept_else(p);
    expect(p, SQL_W_END);
    expect(p, SQL_W_IF);
    return n;
}

/* -- blocks */

static struct sql_node *parse_declare(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_DECLARE);

    expect(p, SQL_W_DECLARE);
    n->kid[SQL_DECLARE_NAMES] = comma_list(p, parse_identifier);
    n->kid[SQL_DECLARE_TYPE] = parse_type(p);
    if (accept(p, SQL_W_DEFAULT))
        n->kid[SQL_DECLARE_DEFAULT] = parse_value(p);
    close_node(p, n);
    expect(p, SQL_T_SEMICOLON);
    return n;
}

static struct sql_node *parse_block(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_BLOCK);
    uint32_t mark;

    expect(p, SQL_W_BEGIN);
    mark = list_begin(p);
    while (at(p, SQL_W_DECLARE) && peek(p, 1) != SQL_T_COLON)
        list_add(p, parse_declare(p));
    n->kid[SQL_BLOCK_DECLARATIONS] = list_end(p, mark);
    n->kid[SQL_BLOCK_STATEMENTS] = at(p, SQL_W_END) ? empty_list(p) : parse_statement_list(p);
    expect(p, SQL_W_END);
    return n;
}

/* -- loops, which may have a label */

static struct sql_node *parse_loop(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LOOP);

    expect(p, SQL_W_LOOP);
    n->kid[SQL_LOOP_STATEMENTS] = parse_statement_list(p);
    expect(p, SQL_W_END);
    expect(p, SQL_W_LOOP);
    return n;
}

static struct sql_node *parse_while(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_WHILE);

    expect(p, SQL_W_WHILE);
    n->kid[SQL_WHILE_CONDITION] = parse_expression(p);
    expect(p, SQL_W_DO);
    n->kid[SQL_WHILE_STATEMENTS] = parse_statement_list(p);
    expect(p, SQL_W_END);
    expect(p, SQL_W_WHILE);
    return n;
}

static struct sql_node *parse_repeat(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_REPEAT);

    expect(p, SQL_W_REPEAT);
    n->kid[SQL_REPEAT_STATEMENTS] = parse_statement_list(p);
    expect(p, SQL_W_UNTIL);
    n->kid[SQL_REPEAT_UNTIL] = parse_expression(p);
    expect(p, SQL_W_END);
    expect(p, SQL_W_REPEAT);
    return n;
}

/* -- any of them */

static const struct control {
    uint16_t word;
    bool labelled; /* whether it may have a label; the slot is the first one of all */
    control_parser *parse;
} controls[] = {
    {SQL_W_BEGIN, false, parse_block},
    {SQL_W_CASE, false, parse_case},
    {SQL_W_IF, false, parse_if},
    {SQL_W_ITERATE, false, parse_iterate},
    {SQL_W_LEAVE, false, parse_leave},
    {SQL_W_LOOP, true, parse_loop},
    {SQL_W_REPEAT, true, parse_repeat},
    {SQL_W_RETURN, false, parse_return},
    {SQL_W_SET, false, parse_set_variable},
    {SQL_W_WHILE, true, parse_while},
};
_Static_assert(SQL_LOOP_LABEL == 0 && SQL_WHILE_LABEL == 0 && SQL_REPEAT_LABEL == 0,
               "labels come first");

static const struct control *find_control(struct parser *p, bool labelled)
{
    for (size_t i = 0; i < COUNT_OF(controls); i++) {
        if ((!labelled || controls[i].labelled) && at(p, controls[i].word))
            return &controls[i];
    }
    return NULL;
}

/* All words that begin a statement but CASE may be a label: then a colon follows. */
static bool at_label(const struct parser *p)
{
    return is_identifier(p, 0) && peek(p, 1) == SQL_T_COLON;
}

static struct sql_node *parse_one(struct parser *p)
{
    uint32_t start = p->token->start;
    const struct control *c;
    struct sql_node *n, *label = NULL;

    c = at_label(p) ? NULL : find_control(p, false);
    if (c == NULL) {
        label = parse_identifier(p);
        expect(p, SQL_T_COLON);
        c = find_control(p, true);
    }
    if (c == NULL) {
        fail_here(p);
        return NULL;
    }
    n = c->parse(p);
    if (label != NULL)
        n->kid[0] = label;
    n->start = start;
    return close_node(p, n);
}

struct sql_node *parse_control(struct parser *p)
{
    struct sql_node *n = enter(p) ? parse_one(p) : NULL;

    leave(p);
    return n;
}

/* Whether a list goes on. ELSEIF and UNTIL end it but may be labels, too. */
static bool at_more(struct parser *p)
{
    if (at_label(p) || find_control(p, false) != NULL)
        return true;
    return peek(p, 0) != SQL_W_ELSEIF && peek(p, 0) != SQL_W_UNTIL && at_identifier(p);
}

/* (statement ';')+ */
static struct sql_node *parse_statement_list(struct parser *p)
{
    uint32_t mark = list_begin(p);

    do {
        list_add(p, parse_control(p));
        expect(p, SQL_T_SEMICOLON);
    } while (at_more(p));
    return list_end(p, mark);
}
