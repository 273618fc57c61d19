/* SPDX-License-Identifier: Apache-2.0 */
/* parse_expression.h - what the files that read expressions and queries share among themselves. */
#ifndef SQL_PARSE_EXPRESSION_H
#define SQL_PARSE_EXPRESSION_H

#include "sql/parse_literal.h"

/* -- parse_expression.c */

/* Goes on with an expression of which a primary was read, that began at byte `start`. */
struct sql_node *parse_expression_from(struct parser *p, uint32_t start, struct sql_node *primary);
/* Goes on with an expression of which a whole valueExpression was read. */
struct sql_node *parse_expression_after_value(struct parser *p, uint32_t start,
                                              struct sql_node *value);
struct sql_node *parse_lambda_body(struct parser *p);
/* '(' query ')' */
struct sql_node *parse_paren_query(struct parser *p);

/* -- parse_primary.c */

struct sql_node *parse_primary(struct parser *p);
/* Postfix operators of a primary that began at `start`: .field and [index]; `star`: but not .* */
struct sql_node *parse_postfix(struct parser *p, uint32_t start, bool star,
                               struct sql_node *primary);
/* An identifier, column, function call, lambda or typed literal. */
struct sql_node *parse_name_primary(struct parser *p);
/* Whether an expression may start with the token. */
bool starts_expression(const struct parser *p, uint32_t ahead);
/* A node of one word with no slots. */
struct sql_node *parse_bare(struct parser *p, enum sql_kind kind);

/* -- parse_function_call.c */

/* The rest of a function call, from its '(' on; `n` is a FUNCTION with its name. */
struct sql_node *parse_function_call(struct parser *p, struct sql_node *n);
/* Whether OVER comes and opens a window, not an alias. */
bool at_over(struct parser *p);
struct sql_node *parse_over(struct parser *p);   /* OVER comes; returns WINDOW or WINDOW_NAME */
struct sql_node *parse_filter(struct parser *p); /* FILTER (WHERE ...) or NULL */
/* DISTINCT, ALL or 0; ALL is a column's name now and then. */
uint16_t parse_quantifier(struct parser *p);

/* -- parse_special.c, parse_json.c: functions with a syntax of their own */

struct sql_node *parse_case(struct parser *p);
struct sql_node *parse_cast(struct parser *p);
struct sql_node *parse_try_cast(struct parser *p);
struct sql_node *parse_position(struct parser *p);
struct sql_node *parse_substring(struct parser *p);
struct sql_node *parse_trim(struct parser *p);
struct sql_node *parse_normalize(struct parser *p);
struct sql_node *parse_extract(struct parser *p);
struct sql_node *parse_grouping(struct parser *p);
struct sql_node *parse_listagg(struct parser *p);
struct sql_node *parse_special(struct parser *p);
struct sql_node *parse_json_function(struct parser *p);

/* -- parse_bracket.c: what may hide behind '(' */

struct sql_node *parse_bracket(struct parser *p);
/* Whether ( a, b ) -> comes. */
bool is_bracket_lambda(const struct parser *p);
/* The inside of IN ( ... ): makes `n` an IN_LIST or IN_QUERY. */
struct sql_node *parse_in(struct parser *p, uint32_t start, struct sql_node *value, bool negated);
/* '(' relation ')' or '(' query ')' */
struct sql_node *parse_relation_bracket(struct parser *p);

/* -- parse_query.c, parse_relation.c, parse_window.c, parse_pattern.c, parse_json.c */

/* Goes on with a query whose body began with `primary`, that began at `start`. */
struct sql_node *parse_query_from(struct parser *p, uint32_t start, struct sql_node *primary);
/* Whether a set operation, ORDER BY, OFFSET, LIMIT or FETCH comes. */
bool at_query_tail(const struct parser *p);
/* Whether an unreserved word comes that opens a clause, and thus is no alias. */
bool is_clause_start(const struct parser *p, uint32_t ahead);
/* Whether a token may stand behind an alias, so that an unreserved word before it is one. */
bool follows_alias(const struct parser *p, uint32_t ahead);
/* Goes on with a relation of which a primary was read. */
struct sql_node *parse_relation_from(struct parser *p, uint32_t start, struct sql_node *primary);
/* `primary` with its alias, if one comes. */
struct sql_node *parse_alias(struct parser *p, uint32_t start, struct sql_node *primary);
struct sql_node *parse_table_function(struct parser *p); /* TABLE ( f(...) ) */
struct sql_node *parse_window(struct parser *p);         /* what stands between OVER's brackets */
/* `input` with MATCH_RECOGNIZE, which comes. */
struct sql_node *parse_match_recognize(struct parser *p, uint32_t start, struct sql_node *input);
/* The clauses around PATTERN; `frame` NULL: of MATCH_RECOGNIZE, else of a window frame, which is
 * read in between. */
struct sql_node *parse_measures(struct parser *p);                            /* list or NULL */
bool parse_pattern_clauses(struct parser *p, struct sql_node *n, bool frame); /* whether any */
struct sql_node *parse_json_table(struct parser *p);

#endif
