/* SPDX-License-Identifier: Apache-2.0 */
/* gather.h - what the files that gather facts share; included by sql/facts*.c alone.
 *
 * DESIGN. One walk over the tree with a stack of tasks of its own: trees may be as deep as the
 * statement is long. A task is a function, a node and a number; later() puts it on top, so what has
 * to be done first is put there last. Scopes open and close by tasks, too.
 *
 * Every name is interned once; from there on names are small numbers and all look-ups are array
 * accesses: what a name is bound to (common table expression, relation, variable ...) hangs off it,
 * the innermost binding first, and closing a scope takes its bindings off again. */
#ifndef SQL_GATHER_H
#define SQL_GATHER_H

#include "sql/facts.h"

#define NO_NAME UINT32_MAX
#define NO_TABLE UINT32_MAX /* payload of a relation that is no table: its columns are its own */
#define RENAMED (1u << 31)  /* with an alias: its columns are renamed, too */
#define INNER_DEPTH_MAX 8   /* EXECUTE of EXECUTE ... */
#define NAME_PARTS_MAX 4    /* of a name that are looked at */

enum name_space { NS_CTE, NS_RELATION, NS_VARIABLE, NS_ALIAS, NS_FUNCTION, NS_COUNT };

/* What is known of a built-in function. */
enum { FUNCTION_AGGREGATE = 1 << 0, FUNCTION_VOLATILE = 1 << 1, FUNCTION_LISTED = 1 << 2 };

struct name {
    struct str text; /* folded */
    uint64_t hash;
    uint32_t heads[NS_COUNT]; /* innermost binding + 1, or 0 */
    uint32_t function;        /* flags above; 0 until it was called */
};

struct binding {
    uint32_t name, older, payload;
    enum name_space space;
};

struct names {
    struct name *list;
    uint32_t *slots; /* place in `list` + 1, or 0 */
    uint32_t count, cap, mask;
    struct binding *bindings;
    uint32_t binding_count, binding_cap;
};

/* A set of triples of numbers, in order of insertion. */
struct triples {
    uint32_t (*list)[3];
    uint32_t *slots;
    uint32_t count, cap, mask;
};

/* The relations that a name without a qualifier may belong to. */
struct seen {
    uint32_t sources, tables, only; /* `only`: the last table */
};

struct scope {
    struct seen outer, own;
    uint32_t bindings; /* how many there were when it opened */
};

struct gather;
typedef void task_fn(struct gather *g, struct sql_node *n, uint32_t arg);

struct task {
    task_fn *run;
    struct sql_node *node;
    uint32_t arg;
};

struct gather {
    const struct sql_statement *s;
    const struct sql_context *context;
    struct arena *arena;
    struct sql_facts *out;
    uint64_t seed[2];
    unsigned depth; /* of inner statements */
    bool taken;     /* the facts are an inner statement's */
    struct names names;
    struct triples tables, columns, places; /* places: catalogs and schemas */
    uint32_t *column_starts;
    uint32_t table_cap, column_cap, function_cap;
    uint32_t catalog, schema; /* the defaults, or NO_NAME */
    struct task *tasks;
    uint32_t task_count, task_cap;
    struct scope *scopes;
    uint32_t scope_count, scope_cap;
};

/* -- facts_names.c */

/* A bigger copy of an array in the arena. */
void *gather_grow(struct arena *a, void *list, size_t size, uint32_t count, uint32_t *cap);
struct str fold(struct arena *a, struct str s);
void names_init(struct gather *g);
uint32_t name_of(struct gather *g, struct str s);
static inline struct str name_text(const struct gather *g, uint32_t name)
{
    return name == NO_NAME ? STR_NONE : g->names.list[name].text;
}
void bind_name(struct gather *g, enum name_space space, uint32_t name, uint32_t payload);
void unbind_to(struct gather *g, uint32_t count);
/* The innermost binding, or NULL. */
const struct binding *bound(const struct gather *g, enum name_space space, uint32_t name);
/* The place of a triple; `*added` when it is new. */
uint32_t triple_add(struct gather *g, struct triples *t, uint32_t a, uint32_t b, uint32_t c,
                    bool *added);

/* -- facts_walk.c */

void later(struct gather *g, task_fn *run, struct sql_node *n, uint32_t arg);
/* Visits a node if there is one: expressions and queries, relations with an alias. */
void visit_later(struct gather *g, struct sql_node *n);
task_fn visit, visit_kids;
void run_tasks(struct gather *g);
/* `hidden`: what is inside does not see its siblings in FROM. */
void open_scope(struct gather *g, bool hidden);
task_fn close_scope;
struct seen seen_here(const struct gather *g);

/* -- facts_query.c */

task_fn visit_query, visit_select, visit_function_spec;

/* -- facts_relation.c */

task_fn visit_table, visit_aliased, visit_derived, visit_lateral, visit_unnest,
    visit_table_function, visit_table_input, visit_json_table, visit_match_recognize, visit_join,
    visit_sampled, visit_pattern_clauses, visit_pattern_variable, visit_subset;
/* A relation that columns may belong to; `name` may be NO_NAME, `table` NO_TABLE. */
void add_source(struct gather *g, uint32_t name, uint32_t table);

/* -- facts_expression.c */

task_fn visit_ident, visit_deref, visit_grouping, visit_function, visit_special, visit_syntax,
    visit_lambda, visit_declare;
void add_column(struct gather *g, uint32_t table, uint32_t name, uint32_t start);
/* Lists a function and says what is known of it; `built_in`: what to look it up by, or empty. */
uint32_t add_function(struct gather *g, struct str folded, struct str built_in);

/* -- facts_functions.c */

uint32_t function_flags(struct str name); /* of a folded, built-in one */

/* -- facts_tables.c: names of things in catalogs */

/* The first identifiers of a NAME or IDENT, at most NAME_PARTS_MAX; returns how many there are. */
uint32_t name_parts(struct gather *g, const struct sql_node *n, uint32_t parts[NAME_PARTS_MAX]);
struct place {
    uint32_t catalog, schema, table; /* NO_NAME: none */
};
struct place table_place(struct gather *g, const struct sql_node *name, uint32_t drop);
uint32_t add_table(struct gather *g, struct place p, uint32_t roles, uint32_t start, uint32_t end);
/* `node` is a TABLE or a NAME. */
uint32_t refer(struct gather *g, const struct sql_node *node, uint32_t roles);
void add_schema(struct gather *g, uint32_t catalog, uint32_t schema);
/* A schema's name, NULL: the default one. */
void refer_schema(struct gather *g, const struct sql_node *name);
void refer_catalog(struct gather *g, const struct sql_node *name);

/* -- facts_statement.c */

void gather_statement(struct gather *g, struct sql_node *root);

/* -- facts_guess.c */

void guess_statement(struct gather *g);

/* -- facts.c */

/* Makes the facts of `inner` those of the statement; `same_text`: positions stay. */
void take_inner(struct gather *g, struct sql_statement *inner, bool same_text);

#endif
