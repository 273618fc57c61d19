/* SPDX-License-Identifier: Apache-2.0 */
/* printer.h - what the files of the printer share; included by sql/print*.c alone.
 *
 * DESIGN. One table, print_rules, has a row for each kind of node: how tightly it binds, and either
 * a template (print_template.c says what may stand in one) or a function for what no template can
 * say. Kinds whose first child stands before their first word lean left (`rule.left`): their whole
 * left spine is printed in a loop, brackets first, so that no chain of operators recurses.
 *
 * Texts are put word by word; `gap` says whether a blank is due before the next one. In the pretty
 * form the printer also notes breaks and groups of them, and print_layout.c turns those into lines:
 * a group that fits into a line stays on it, else all its breaks become line ends.
 *
 * A word that could be read as something else where an expression begins (f(all + 1), SELECT all)
 * is guarded: whoever prints the expression sets `guard`, the first leaf printed looks at it and
 * puts itself in brackets, which leave no node. */
#ifndef SQL_PRINTER_H
#define SQL_PRINTER_H

#include "sql/print.h"
#include "sql/token.h"
#include "sql/tree.h"

#define PRINT_DEPTH_MAX 5000

/* How tightly a node binds. A child that binds less than its place needs gets brackets. Kinds that
 * never meet share numbers. */
enum print_level {
    BIND_ANY, /* needed by whole expressions */
    BIND_LAMBDA,
    BIND_OR,
    BIND_AND,
    BIND_NOT,
    BIND_PREDICATE,
    BIND_CONCAT, /* valueExpression */
    BIND_ADD,
    BIND_MULTIPLY,
    BIND_UNARY,
    BIND_ZONE,
    BIND_PRIMARY,
    BIND_LEAF,   /* everything else: never in brackets */
    BIND_ALWAYS, /* nothing */
    /* relations */
    BIND_JOIN = 1,
    BIND_SAMPLED,
    BIND_MATCHED,
    BIND_ALIASED,
    BIND_TABLE,
    /* bodies of queries */
    BIND_UNION = 1,
    BIND_INTERSECT,
    /* row patterns */
    BIND_ALTERNATION = 1,
    BIND_CONCATENATION,
    BIND_QUANTIFIED,
    /* types, plans of JSON_TABLE */
    BIND_TYPE = 1,
    BIND_PLAN = 1
};

/* Sets of words that `guard` is made of. */
enum {
    GUARD_ALL = 1 << 0,        /* before it: a set quantifier */
    GUARD_TRIM = 1 << 1,       /* LEADING, TRAILING, BOTH */
    GUARD_KEY = 1 << 2,        /* KEY of a JSON member */
    GUARD_RETURNING = 1 << 3,  /* of a JSON function without members */
    GUARD_BOUND = 1 << 4,      /* UNBOUNDED, CURRENT */
    GUARD_DEFAULT = 1 << 5,    /* of a property */
    GUARD_LOCAL = 1 << 6,      /* of SET TIME ZONE */
    GUARD_ARGUMENT = 1 << 7,   /* DESCRIPTOR: of a table function */
    GUARD_NUMBER = 1 << 8,     /* a number after a minus that is not its own */
    GUARD_NUMBER_DOT = 1 << 9, /* a number before a '.' */
    GUARD_ARRAY = 1 << 10,     /* ARRAY before a '[' */
    GUARD_ANALYZE = 1 << 11    /* EXPLAIN ANALYZE COMMIT would analyze a table */
};

struct print_break;

struct printer {
    struct buf *out; /* flat: the caller's; pretty: a text still without line ends */
    enum dialect dialect;
    bool trino, pretty;
    bool gap;     /* a blank is due */
    bool invalid; /* a node that cannot stand where it stands */
    bool too_deep;
    uint32_t depth;
    uint32_t queries; /* open around this place, brackets around them */
    uint32_t guard;
    const struct sql_node *bracketed; /* gets brackets wherever it stands; NULL: none does */
    struct arena arena;
    struct print_break *breaks; /* pretty */
    size_t break_count, break_cap;
};

typedef void print_function(struct printer *p, const struct sql_node *n);

struct print_rule {
    uint8_t level;        /* enum print_level; 0: BIND_LEAF */
    bool left;            /* kid[0] is printed first, then this rule */
    uint8_t left_needs;   /* the level that kid[0] needs */
    const char *template; /* or */
    print_function *print;
    uint32_t flags[5]; /* that the template asks for, as a to e */
};
extern const struct print_rule print_rules[SQL_KIND_COUNT];

/* -- print.c: texts and nodes */

/* A text, with a blank before it when one is due. */
void put(struct printer *p, struct str text);
/* The same without the blank: for ',', ')', '.', and '(' of calls. */
void put_glued(struct printer *p, struct str text);
/* After an opening bracket: no blank is due. */
void put_open(struct printer *p);
void put_op(struct printer *p, uint16_t op);

#define SAY(p, literal) put(p, STR(literal))
#define GLUE(p, literal) put_glued(p, STR(literal))

/* Prints `n`, in brackets if it binds less than `needs`. */
void print_node(struct printer *p, const struct sql_node *n, enum print_level needs);
void print_any(struct printer *p, const struct sql_node *n); /* no brackets needed */

/* item, item, item */
void print_list(struct printer *p, const struct sql_node *list);
void print_list_of(struct printer *p, const struct sql_node *list, enum print_level needs);
/* (item, item, item), on one line or one item a line; `force`: the latter if there is more than one
 */
void print_bracketed(struct printer *p, const struct sql_node *list, bool glued, bool force);
/* (child), a query usually */
void print_block(struct printer *p, const struct sql_node *n, bool glued);

enum print_level print_level_of(const struct printer *p, const struct sql_node *n);

/* -- print_template.c */
void print_template(struct printer *p, const struct sql_node *n, const struct print_rule *rule);

/* -- print_layout.c */

/* A place where a line may end, `indent` steps in from the line on which its group began; else a
 * blank (line) or nothing (soft). */
void line(struct printer *p, unsigned indent);
void soft(struct printer *p, unsigned indent);
/* Like line(), but a line ends there only when what follows, up to the next break, does not fit. */
void fill(struct printer *p, unsigned indent);
void open_group(struct printer *p, bool force);
void close_group(struct printer *p);
/* Writes `text` with its breaks. */
void print_layout(struct buf *out, const struct printer *p, struct str text);

/* -- functions of the rules, by file */

/* print_literal.c */
print_function print_identifier, print_name, print_number, print_string, print_dollar_string,
    print_binary;
/* print_expression.c */
print_function print_infix_tail, print_unary, print_conjunction, print_row, print_array,
    print_lambda, print_call, print_listagg, print_case, print_trim;
/* print_json.c */
print_function print_json_query, print_json_query_column, print_json_object, print_json_array,
    print_json_member, print_json_table, print_json_plan;
/* print_query.c; print_order: ORDER BY and a list */
print_function print_query, print_order, print_with, print_values, print_select, print_star,
    print_set_tail, print_group_by, print_grouping_set;
/* print_window.c */
print_function print_match_tail, print_pattern_clauses, print_rows_per_match, print_skip_to,
    print_quantifier_tail, print_bound, print_frame, print_window;
/* print_relation.c */
print_function print_join_tail, print_period, print_table_function, print_table_argument,
    print_table_input;
/* print_statement.c */
print_function print_show, print_characteristic, print_constraint, print_transaction_mode,
    print_commit;
/* print_routine.c; print_statements: of a list */
print_function print_statements, print_case_statement, print_if;

#endif
