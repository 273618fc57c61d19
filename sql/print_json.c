/* SPDX-License-Identifier: Apache-2.0 */
/* print_json.c - the JSON functions and JSON_TABLE. */
#include "sql/printer.h"

/* Words that stand for flags, in the order of the grammar. */
struct flag_words {
    uint32_t flag;
    struct str words;
};

static void put_flags(struct printer *p, uint32_t flags, const struct flag_words *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (flags & rows[i].flag)
            put(p, rows[i].words);
}

static void print_wrapper(struct printer *p, uint32_t flags)
{
    static const struct flag_words rows[] = {
        {SQL_F_WITHOUT_WRAPPER, {"WITHOUT", 7}},
        {SQL_F_WRAPPER, {"WITH", 4}},
        {SQL_F_CONDITIONAL, {"CONDITIONAL", 11}},
        {SQL_F_UNCONDITIONAL, {"UNCONDITIONAL", 13}},
        {SQL_F_WRAPPER_ARRAY, {"ARRAY", 5}},
        {SQL_F_WRAPPER | SQL_F_WITHOUT_WRAPPER, {"WRAPPER", 7}},
        {SQL_F_KEEP_QUOTES, {"KEEP QUOTES", 11}},
        {SQL_F_OMIT_QUOTES, {"OMIT QUOTES", 11}},
        {SQL_F_ON_SCALAR, {"ON SCALAR STRING", 16}},
    };

    put_flags(p, flags, rows, ARRAY_LEN(rows));
}

static void print_behaviors(struct printer *p, const struct sql_node *empty,
                            const struct sql_node *error)
{
    if (empty != NULL) {
        print_any(p, empty);
        SAY(p, "ON EMPTY");
    }
    if (error != NULL) {
        print_any(p, error);
        SAY(p, "ON ERROR");
    }
}

void print_json_query(struct printer *p, const struct sql_node *n)
{
    SAY(p, "JSON_QUERY(");
    put_open(p);
    print_any(p, n->kid[SQL_JSON_QUERY_PATH]);
    if (n->kid[SQL_JSON_QUERY_RETURNING] != NULL)
        print_any(p, n->kid[SQL_JSON_QUERY_RETURNING]);
    print_wrapper(p, n->flags);
    print_behaviors(p, n->kid[SQL_JSON_QUERY_EMPTY], n->kid[SQL_JSON_QUERY_ERROR]);
    GLUE(p, ")");
}

void print_json_query_column(struct printer *p, const struct sql_node *n)
{
    print_any(p, n->kid[SQL_JSON_QUERY_COLUMN_NAME]);
    print_any(p, n->kid[SQL_JSON_QUERY_COLUMN_TYPE]);
    SAY(p, "FORMAT JSON");
    if (n->op2 != 0) {
        SAY(p, "ENCODING");
        put_op(p, n->op2);
    }
    if (n->kid[SQL_JSON_QUERY_COLUMN_PATH] != NULL) {
        SAY(p, "PATH");
        print_any(p, n->kid[SQL_JSON_QUERY_COLUMN_PATH]);
    }
    print_wrapper(p, n->flags);
    print_behaviors(p, n->kid[SQL_JSON_QUERY_COLUMN_EMPTY], n->kid[SQL_JSON_QUERY_COLUMN_ERROR]);
}

/* -- JSON_OBJECT and JSON_ARRAY */

static void print_constructor(struct printer *p, struct str word, const struct sql_node *n,
                              uint32_t guard)
{
    static const struct flag_words rows[] = {
        {SQL_F_UNIQUE, {"WITH UNIQUE", 11}},
        {SQL_F_WITHOUT_UNIQUE, {"WITHOUT UNIQUE", 14}},
        {SQL_F_KEYS, {"KEYS", 4}},
    };

    put(p, word);
    put_open(p);
    p->guard = guard;
    print_list(p, n->kid[0]);
    p->guard = 0;
    if (n->op != 0) {
        put_op(p, n->op);
        SAY(p, "ON NULL");
    }
    put_flags(p, n->flags, rows, ARRAY_LEN(rows));
    if (n->kid[1] != NULL)
        print_any(p, n->kid[1]);
    GLUE(p, ")");
}

void print_json_object(struct printer *p, const struct sql_node *n)
{
    print_constructor(p, STR("JSON_OBJECT("), n, GUARD_RETURNING);
}

void print_json_array(struct printer *p, const struct sql_node *n)
{
    print_constructor(p, STR("JSON_ARRAY("), n, GUARD_RETURNING);
}

void print_json_member(struct printer *p, const struct sql_node *n)
{
    if (n->flags & SQL_F_KEY)
        SAY(p, "KEY");
    else
        p->guard |= GUARD_KEY;
    print_any(p, n->kid[SQL_JSON_MEMBER_KEY]);
    if (n->flags & SQL_F_COLON)
        GLUE(p, ":");
    else
        SAY(p, "VALUE");
    print_any(p, n->kid[SQL_JSON_MEMBER_VALUE]);
}

/* -- JSON_TABLE */

void print_json_table(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *plan = n->kid[SQL_JSON_TABLE_PLAN];

    SAY(p, "JSON_TABLE(");
    put_open(p);
    print_any(p, n->kid[SQL_JSON_TABLE_PATH]);
    SAY(p, "COLUMNS");
    print_bracketed(p, n->kid[SQL_JSON_TABLE_COLUMNS], false, false);
    if (plan != NULL) {
        put(p, plan->flags & SQL_F_DEFAULT ? STR("PLAN DEFAULT (") : STR("PLAN ("));
        put_open(p);
        print_any(p, plan);
        GLUE(p, ")");
    }
    if (n->op != 0) {
        put_op(p, n->op);
        SAY(p, "ON ERROR");
    }
    GLUE(p, ")");
}

/* A path's name; the two words of a default plan; or what follows the left side of a plan. */
void print_json_plan(struct printer *p, const struct sql_node *n)
{
    if (n->flags & SQL_F_DEFAULT) {
        put_op(p, n->op);
        if (n->op2 != 0) {
            GLUE(p, ",");
            put_op(p, n->op2);
        }
    } else if (n->op == 0) {
        print_any(p, n->kid[SQL_JSON_PLAN_LEFT]);
    } else {
        put_op(p, n->op);
        print_node(p, n->kid[SQL_JSON_PLAN_RIGHT], BIND_LEAF);
    }
}
