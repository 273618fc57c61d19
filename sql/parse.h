/* SPDX-License-Identifier: Apache-2.0 */
/* parse.h - what the files of the parser share; included by sql/parse*.c alone.
 *
 * DESIGN. Recursive descent over the token array, with precedence climbing for expressions. One
 * function a production, named after it: parse_<production>(p) reads it and returns its node.
 *
 * Errors are sticky: the first failed expect() makes the parser stand before an end of text for
 * good, so that every loop ends and no caller has to check anything; nodes built after that may
 * have holes and are thrown away. No setjmp, no return codes, no cleanup.
 *
 * Messages: the coordinators name what they would have accepted at the furthest token reached. A
 * statement that failed is therefore parsed a second time with `expected` switched on: then every
 * at(), accept() and expect() at the furthest token so far notes what it asked for. Productions
 * that the coordinators name as a whole (<expression>, <identifier>, <query>, <string>, <type>,
 * <predicate>, <integer>) open with name_open() and close with name_close(): in between, the name
 * alone is noted for the token where the production began. */
#ifndef SQL_PARSE_H
#define SQL_PARSE_H

#include "sql/sql.h"
#include "sql/tree.h"

struct expected; /* sql/parse_error.c: the furthest token and what was asked for there */

struct parser {
    const struct sql_token *token; /* the one to be read next */
    const struct sql_token *tokens;
    struct str text;
    struct arena *arena;
    enum dialect dialect;
    bool trino; /* dialect, for short */
    bool failed;
    uint32_t depth, depth_max;
    uint32_t parameter_count;
    struct expected *expected; /* NULL in the first pass */
    struct sql_error *error;
    const struct sql_token *refused; /* see refuse_at(); NULL: nothing refused */
    struct str refusal;
    /* list under construction: a stack of nodes, see list_begin() */
    struct sql_node **pending;
    uint32_t pending_count, pending_cap;
};

/* -- tokens */

/* Whether the next token is `kind`. */
bool at(struct parser *p, enum sql_token_kind kind);
/* Whether the next tokens are these; notes nothing for messages. Looks up to 3 ahead. */
enum sql_token_kind peek(const struct parser *p, uint32_t ahead);
/* Reads the token if it is `kind`. */
bool accept(struct parser *p, enum sql_token_kind kind);
/* Reads `first second` if both are there, else nothing. */
bool accept_two(struct parser *p, enum sql_token_kind first, enum sql_token_kind second);
/* Reads one of these, ended by SQL_T_NONE, and returns it; SQL_T_NONE if none is there. */
enum sql_token_kind accept_any(struct parser *p, const enum sql_token_kind *kinds);
/* Reads `kind` or fails. */
void expect(struct parser *p, enum sql_token_kind kind);
enum sql_token_kind expect_any(struct parser *p, const enum sql_token_kind *kinds);
/* Fails at the next token in the usual words: mismatched input 'x'. Expecting: ... */
void fail_here(struct parser *p);
/* Fails with a message of its own, at a token. */
void fail_at(struct parser *p, const struct sql_token *t, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Refuses what the grammar allows and the coordinators' tree builders do not. They complain after
 * the whole text was parsed: the first refusal fails the statement if no syntax error does. */
void refuse_at(struct parser *p, const struct sql_token *t, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* See above; `name` is one of enum expected_name. */
enum expected_name {
    EXPECT_EXPRESSION,
    EXPECT_IDENTIFIER,
    EXPECT_INTEGER,
    EXPECT_PREDICATE,
    EXPECT_QUERY,
    EXPECT_STRING,
    EXPECT_TYPE,
    EXPECT_NAME_COUNT
};
void name_open(struct parser *p, enum expected_name name);
void name_close(struct parser *p);

/* One more level of nesting; false (and failed) beyond the limit. leave() undoes it always. */
bool enter(struct parser *p);
void leave(struct parser *p);

/* -- nodes */

/* A node with all its slots NULL, that starts at the next token. */
struct sql_node *open_node(struct parser *p, enum sql_kind kind);
/* ... that starts where `first` does: for postfix and infix operators. */
struct sql_node *open_node_at(struct parser *p, enum sql_kind kind, const struct sql_node *first);
/* Sets the end to that of the last token read, and returns the node. */
struct sql_node *close_node(struct parser *p, struct sql_node *n);

/* Lists: `uint32_t mark = list_begin(p); list_add(p, x); ... list_end(p, mark)`. */
uint32_t list_begin(struct parser *p);
void list_add(struct parser *p, struct sql_node *n);
struct sql_node *list_end(struct parser *p, uint32_t mark);
/* item (',' item)* */
struct sql_node *comma_list(struct parser *p, struct sql_node *(*item)(struct parser *p));
/* '(' item (',' item)* ')' */
struct sql_node *paren_list(struct parser *p, struct sql_node *(*item)(struct parser *p));

/* -- productions that more than one file needs */

struct sql_node *parse_statement(struct parser *p);           /* parse_statement.c */
struct sql_node *parse_root_query(struct parser *p);          /* parse_query.c: with functions */
struct sql_node *parse_query(struct parser *p);               /* parse_query.c */
struct sql_node *parse_query_specification(struct parser *p); /* parse_query.c: SELECT ... */
struct sql_node *parse_order_by(struct parser *p);       /* parse_query.c: ORDER BY list or NULL */
struct sql_node *parse_sort_item(struct parser *p);      /* parse_query.c */
struct sql_node *parse_relation(struct parser *p);       /* parse_relation.c */
struct sql_node *parse_table_name(struct parser *p);     /* parse_relation.c: TABLE */
struct sql_node *parse_column_aliases(struct parser *p); /* parse_name.c: '(' a, b ')' */
struct sql_node *parse_expression(struct parser *p);     /* parse_expression.c */
struct sql_node *parse_value(struct parser *p);          /* parse_expression.c: valueExpression */
struct sql_node *parse_type(struct parser *p);           /* parse_type.c */
struct sql_node *parse_identifier(struct parser *p);     /* parse_name.c */
struct sql_node *parse_qualified_name(struct parser *p); /* parse_name.c */
struct sql_node *parse_string(struct parser *p);         /* parse_literal.c */
struct sql_node *parse_integer(struct parser *p);        /* parse_literal.c */
struct sql_node *parse_interval(struct parser *p);       /* parse_literal.c */
struct sql_node *parse_function_spec(struct parser *p);  /* parse_routine.c: FUNCTION f(...) ... */
struct sql_node *parse_properties(struct parser *p);     /* parse_property.c: '(' a = x, ... ')' */
struct sql_node *parse_property_list(struct parser *p);  /* parse_property.c: a = x, ... */
bool at_identifier(struct parser *p);                    /* parse_name.c */

#endif
