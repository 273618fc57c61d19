/* SPDX-License-Identifier: Apache-2.0 */
/* statement.h - what the parsers of statements share; included by sql/parse_*.c alone.
 *
 * DESIGN. Statements are told apart word by word. A table of branches holds the words that may
 * follow, the dialects that know them, and the function that reads on: no chain of ifs, and every
 * word of the table is asked for, so that messages name them all. */
#ifndef SQL_STATEMENT_H
#define SQL_STATEMENT_H

#include "sql/parse.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { IN_TRINO = 1, IN_PRESTO = 2, IN_BOTH = IN_TRINO | IN_PRESTO };

/* What was read of a statement before its branch: where it began, and OR REPLACE and the like. */
struct opening {
    const struct sql_token *first;
    uint32_t flags;
};

typedef struct sql_node *branch_parser(struct parser *p, const struct opening *o);

struct branch {
    uint16_t word;
    uint16_t dialects;
    branch_parser *parse;
};

/* Reads the word of a branch and what follows it; fails when no branch's word is next. */
struct sql_node *parse_branch(struct parser *p, const struct opening *o,
                              const struct branch *branches, size_t count);
#define PARSE_BRANCH(p, o, table) parse_branch(p, o, table, COUNT_OF(table))

/* Whether a word begins a statement other than a query. */
bool begins_statement(const struct parser *p, enum sql_token_kind word);

/* A node that starts where the statement does and has the flags of its opening. */
struct sql_node *open_statement(struct parser *p, const struct opening *o, enum sql_kind kind);

/* -- small things that many statements have */

/* IF EXISTS, IF NOT EXISTS: the flag, or 0. */
uint32_t accept_if_exists(struct parser *p, uint32_t flag);
uint32_t accept_if_not_exists(struct parser *p, uint32_t flag);
/* COMMENT 'x', WITH (a = b), WHERE x: NULL without. */
struct sql_node *accept_comment(struct parser *p);
struct sql_node *accept_properties(struct parser *p);
struct sql_node *accept_where(struct parser *p);
/* SECURITY DEFINER|INVOKER: the second word, or SQL_T_NONE. */
enum sql_token_kind accept_security(struct parser *p);
/* A qualifiedName behind which the coordinators still decide which statement it is: all its dots
 * are read, also those that no identifier follows. */
struct sql_node *parse_undecided_name(struct parser *p);
/* A qualifiedName as a TABLE. */
struct sql_node *parse_target(struct parser *p);
/* The next word, whatever it is, as an IDENT that is marked as a word of the grammar. */
struct sql_node *parse_grammar_word(struct parser *p);
/* name = value, as an ASSIGNMENT. */
struct sql_node *parse_assignment(struct parser *p);
/* [name =>] value */
struct sql_node *parse_argument(struct parser *p);
/* A list without items, behind the last token. */
struct sql_node *empty_list(struct parser *p);
/* '(' item (',' item)* ')' that may also be empty. */
struct sql_node *paren_list_or_none(struct parser *p, struct sql_node *(*item)(struct parser *p));

struct sql_node *parse_column_definition(struct parser *p); /* parse_table.c */
struct sql_node *parse_constraint(struct parser *p);        /* parse_table.c */
struct sql_node *parse_column_name(struct parser *p);       /* parse_table.c: as a NAME */
/* parse_table.c: AS query; sets F_PAREN of `n`. */
struct sql_node *parse_as_query(struct parser *p, struct sql_node *n);
bool at_constraint(struct parser *p);                    /* parse_table.c */
struct sql_node *parse_principal(struct parser *p);      /* parse_rights.c */
struct sql_node *parse_grant_object(struct parser *p);   /* parse_rights.c */
struct sql_node *parse_parameter_spec(struct parser *p); /* parse_routine.c */
struct sql_node *parse_type_list(struct parser *p);      /* parse_routine.c: '(' types ')' */
struct sql_node *parse_control(struct parser *p);        /* parse_control.c */

/* -- statements by their first words; each reads what follows them */
branch_parser parse_alter, parse_analyze, parse_call_procedure, parse_comment, parse_commit,
    parse_create_catalog, parse_create_function, parse_create_materialized, parse_create_role,
    parse_create_schema, parse_create_table, parse_create_temporary, parse_create_type,
    parse_create_view, parse_deallocate, parse_delete, parse_deny, parse_desc, parse_describe,
    parse_drop, parse_drop_function, parse_alter_function, parse_drop_temporary, parse_execute,
    parse_explain, parse_grant, parse_insert, parse_merge, parse_prepare, parse_refresh,
    parse_reset, parse_revoke, parse_rollback, parse_set, parse_set_role, parse_show, parse_start,
    parse_truncate, parse_update, parse_use;

#endif
