/* SPDX-License-Identifier: Apache-2.0 */
/* parse_table.c - CREATE TABLE, with and without AS, and what stands between its brackets. */
#include "sql/statement.h"

/* -- columns */

/* Presto's columns are plain identifiers; in the tree they are names as well. */
struct sql_node *parse_column_name(struct parser *p)
{
    uint32_t mark;

    if (p->trino)
        return parse_qualified_name(p);
    mark = list_begin(p);
    list_add(p, parse_identifier(p));
    return list_end_as(p, mark, SQL_NAME);
}

struct sql_node *parse_column_definition(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_COLUMN);

    n->kid[SQL_COLUMN_NAME] = parse_column_name(p);
    n->kid[SQL_COLUMN_TYPE] = parse_type(p);
    if (accept(p, SQL_W_NOT)) {
        expect(p, SQL_W_NULL);
        n->flags |= SQL_F_NOT_NULL;
    }
    n->kid[SQL_COLUMN_COMMENT] = accept_comment(p);
    n->kid[SQL_COLUMN_PROPERTIES] = accept_properties(p);
    return close_node(p, n);
}

static struct sql_node *parse_like_table(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LIKE_TABLE);

    expect(p, SQL_W_LIKE);
    n->kid[SQL_LIKE_TABLE_TABLE] = parse_target(p);
    n->op = accept_any(p, KINDS(SQL_W_EXCLUDING, SQL_W_INCLUDING));
    if (n->op != SQL_T_NONE)
        expect(p, SQL_W_PROPERTIES);
    return close_node(p, n);
}

/* -- constraints (Presto) */

/* UNIQUE and PRIMARY are identifiers, too, and may name a column. */
bool at_constraint(struct parser *p)
{
    if (p->trino)
        return false;
    return at(p, SQL_W_CONSTRAINT) ||
           (at(p, SQL_W_PRIMARY) && peek(p, 1) == SQL_W_KEY && peek(p, 2) == SQL_T_LEFT_PAREN &&
            is_identifier(p, 3)) ||
           (at(p, SQL_W_UNIQUE) && peek(p, 1) == SQL_T_LEFT_PAREN);
}

static uint32_t accept_qualifier(struct parser *p)
{
    static const struct {
        uint16_t word;
        bool negated;
        uint32_t flag;
    } rows[] = {
        {SQL_W_DISABLED, false, SQL_F_DISABLED},    {SQL_W_ENABLED, false, SQL_F_ENABLED},
        {SQL_W_ENFORCED, false, SQL_F_ENFORCED},    {SQL_W_RELY, false, SQL_F_RELY},
        {SQL_W_ENFORCED, true, SQL_F_NOT_ENFORCED}, {SQL_W_RELY, true, SQL_F_NOT_RELY},
    };
    bool negated = accept(p, SQL_W_NOT);

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].negated == negated && accept(p, rows[i].word))
            return rows[i].flag;
    }
    if (negated)
        fail_here(p);
    return 0;
}

/* Each sort may be given once, in either form. */
static void refuse_twice(struct parser *p, const struct sql_token *t, enum sql_token_kind type,
                         uint32_t twice)
{
    static const struct {
        uint32_t flags;
        const char *name;
    } sorts[] = {
        {SQL_F_ENABLED | SQL_F_DISABLED, "ENABLED"},
        {SQL_F_RELY | SQL_F_NOT_RELY, "RELY"},
        {SQL_F_ENFORCED | SQL_F_NOT_ENFORCED, "ENFORCED"},
    };

    for (size_t i = 0; i < COUNT_OF(sorts); i++) {
        if (twice & sorts[i].flags)
            refuse_at(p, t, "Invalid %s constraint specification %s",
                      type == SQL_W_PRIMARY ? "PRIMARY KEY" : "UNIQUE", sorts[i].name);
    }
}

/* The flag of a qualifier's sort: the same for both forms of it. */
static uint32_t sort_of(uint32_t flag)
{
    static const uint32_t pairs[] = {SQL_F_ENABLED | SQL_F_DISABLED, SQL_F_RELY | SQL_F_NOT_RELY,
                                     SQL_F_ENFORCED | SQL_F_NOT_ENFORCED};

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (flag & pairs[i])
            return pairs[i];
    }
    return 0;
}

static uint32_t parse_qualifiers(struct parser *p, enum sql_token_kind type)
{
    const struct sql_token *first = p->token;
    uint32_t flags = 0, twice = 0, flag;

    while ((flag = accept_qualifier(p)) != 0) {
        twice |= flags & sort_of(flag);
        flags |= flag;
    }
    refuse_twice(p, first, type, twice);
    return flags;
}

struct sql_node *parse_constraint(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_CONSTRAINT);

    if (accept(p, SQL_W_CONSTRAINT))
        n->kid[SQL_CONSTRAINT_NAME] = parse_identifier(p);
    n->op = expect_any(p, KINDS(SQL_W_PRIMARY, SQL_W_UNIQUE));
    if (n->op == SQL_W_PRIMARY)
        expect(p, SQL_W_KEY);
    n->kid[SQL_CONSTRAINT_COLUMNS] = parse_column_aliases(p);
    n->flags |= parse_qualifiers(p, n->op);
    return close_node(p, n);
}

/* -- CREATE TABLE */

static struct sql_node *parse_table_element(struct parser *p)
{
    struct sql_node *n;

    if (at_constraint(p))
        n = parse_constraint(p);
    else
        n = at(p, SQL_W_LIKE) ? parse_like_table(p) : parse_column_definition(p);
    ask_anew(p);
    return n;
}

/* The query after AS. Brackets around a query are part of it where a query may have them, which is
 * everywhere but before WITH. */
struct sql_node *parse_as_query(struct parser *p, struct sql_node *n)
{
    struct sql_node *query;

    expect(p, SQL_W_AS);
    wish(p, SQL_T_LEFT_PAREN);
    if (peek(p, 0) != SQL_T_LEFT_PAREN || peek(p, 1) != SQL_W_WITH)
        return parse_root_query(p);
    expect(p, SQL_T_LEFT_PAREN);
    n->flags |= SQL_F_PAREN;
    query = parse_root_query(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return query;
}

static struct sql_node *parse_elements(struct parser *p, const struct opening *o,
                                       struct sql_node *name)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_TABLE);

    n->kid[SQL_CREATE_TABLE_NAME] = name;
    n->kid[SQL_CREATE_TABLE_ELEMENTS] = paren_list(p, parse_table_element);
    n->kid[SQL_CREATE_TABLE_COMMENT] = accept_comment(p);
    n->kid[SQL_CREATE_TABLE_PROPERTIES] = accept_properties(p);
    return close_node(p, n);
}

static uint32_t accept_with_data(struct parser *p)
{
    bool no;

    if (!accept(p, SQL_W_WITH))
        return 0;
    no = accept(p, SQL_W_NO);
    expect(p, SQL_W_DATA);
    return no ? SQL_F_NO_DATA : SQL_F_WITH_DATA;
}

static struct sql_node *parse_table_as(struct parser *p, const struct opening *o,
                                       struct sql_node *name)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_TABLE_AS);

    n->kid[SQL_CREATE_TABLE_AS_NAME] = name;
    if (at(p, SQL_T_LEFT_PAREN))
        n->kid[SQL_CREATE_TABLE_AS_COLUMNS] = parse_column_aliases(p);
    n->kid[SQL_CREATE_TABLE_AS_COMMENT] = accept_comment(p);
    n->kid[SQL_CREATE_TABLE_AS_PROPERTIES] = accept_properties(p);
    n->kid[SQL_CREATE_TABLE_AS_QUERY] = parse_as_query(p, n);
    n->flags |= accept_with_data(p);
    return close_node(p, n);
}

/* '(' a ',' and '(' a ')' begin the names of CREATE TABLE AS. */
static bool at_elements(struct parser *p)
{
    if (!at(p, SQL_T_LEFT_PAREN))
        return false;
    return !is_identifier(p, 1) || (peek(p, 2) != SQL_T_COMMA && peek(p, 2) != SQL_T_RIGHT_PAREN);
}

struct sql_node *parse_create_table(struct parser *p, const struct opening *o)
{
    struct opening here = *o;
    struct sql_node *name;

    here.flags |= accept_if_not_exists(p, SQL_F_IF_NOT_EXISTS);
    if ((here.flags & SQL_F_REPLACE) && (here.flags & SQL_F_IF_NOT_EXISTS))
        refuse_at(p, o->first, "'OR REPLACE' and 'IF NOT EXISTS' clauses can not be used together");
    name = parse_undecided_name(p);
    return at_elements(p) ? parse_elements(p, &here, name) : parse_table_as(p, &here, name);
}
