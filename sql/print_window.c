/* SPDX-License-Identifier: Apache-2.0 */
/* print_window.c - windows, frames and row patterns. */
#include "sql/printer.h"

/* -- parts of a bracketed specification, each on a line when they do not fit into one */

static void open_specification(struct printer *p)
{
    open_group(p, false);
    SAY(p, "(");
    soft(p, 1);
}

static void close_specification(struct printer *p)
{
    soft(p, 0);
    GLUE(p, ")");
    close_group(p);
}

/* `*first` is whether nothing was printed yet. */
static void begin_part(struct printer *p, bool *first)
{
    if (!*first)
        line(p, 1);
    *first = false;
}

static void print_list_part(struct printer *p, bool *first, struct str words,
                            const struct sql_node *list)
{
    if (list == NULL)
        return;
    begin_part(p, first);
    put(p, words);
    print_list(p, list);
}

/* -- MATCH_RECOGNIZE, and windows with patterns */

static void print_measures(struct printer *p, bool *first, const struct sql_node *list)
{
    if (list == NULL)
        return;
    begin_part(p, first);
    SAY(p, "MEASURES");
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0)
            GLUE(p, ",");
        print_any(p, list->kid[i]->kid[SQL_NAMED_VALUE_VALUE]);
        SAY(p, "AS");
        print_any(p, list->kid[i]->kid[SQL_NAMED_VALUE_NAME]);
    }
}

static void print_pattern(struct printer *p, bool *first, const struct sql_node *pattern)
{
    if (pattern == NULL)
        return;
    begin_part(p, first);
    SAY(p, "PATTERN (");
    put_open(p);
    print_any(p, pattern);
    GLUE(p, ")");
}

/* What follows ROWS PER MATCH, or a frame's extent. */
static void print_rest(struct printer *p, bool *first, const struct sql_node *clauses)
{
    if (clauses->kid[SQL_PATTERN_CLAUSES_SKIP] != NULL) {
        begin_part(p, first);
        SAY(p, "AFTER MATCH");
        print_any(p, clauses->kid[SQL_PATTERN_CLAUSES_SKIP]);
    }
    if (clauses->op != 0) {
        begin_part(p, first);
        put_op(p, clauses->op);
    }
    print_pattern(p, first, clauses->kid[SQL_PATTERN_CLAUSES_PATTERN]);
    print_list_part(p, first, STR("SUBSET"), clauses->kid[SQL_PATTERN_CLAUSES_SUBSETS]);
    print_list_part(p, first, STR("DEFINE"), clauses->kid[SQL_PATTERN_CLAUSES_DEFINE]);
}

static void print_clauses(struct printer *p, bool *first, const struct sql_node *n)
{
    print_measures(p, first, n->kid[SQL_PATTERN_CLAUSES_MEASURES]);
    if (n->kid[SQL_PATTERN_CLAUSES_ROWS] != NULL) {
        begin_part(p, first);
        print_any(p, n->kid[SQL_PATTERN_CLAUSES_ROWS]);
    }
    print_rest(p, first, n);
}

void print_match_tail(struct printer *p, const struct sql_node *n)
{
    bool first = true;

    SAY(p, "MATCH_RECOGNIZE");
    open_specification(p);
    print_list_part(p, &first, STR("PARTITION BY"), n->kid[SQL_MATCH_RECOGNIZE_PARTITION]);
    print_list_part(p, &first, STR("ORDER BY"), n->kid[SQL_MATCH_RECOGNIZE_ORDER]);
    print_clauses(p, &first, n->kid[SQL_MATCH_RECOGNIZE_CLAUSES]);
    close_specification(p);
}

void print_pattern_clauses(struct printer *p, const struct sql_node *n)
{
    bool first = true;

    print_clauses(p, &first, n);
}

void print_rows_per_match(struct printer *p, const struct sql_node *n)
{
    put(p, n->op == SQL_W_ONE ? STR("ONE ROW PER MATCH") : STR("ALL ROWS PER MATCH"));
    if (n->op2 == 0)
        return;
    put_op(p, n->op2);
    put(p, n->op2 == SQL_W_WITH ? STR("UNMATCHED ROWS") : STR("EMPTY MATCHES"));
}

void print_skip_to(struct printer *p, const struct sql_node *n)
{
    if (n->op == SQL_W_PAST || n->op == SQL_W_NEXT) {
        put(p, n->op == SQL_W_PAST ? STR("SKIP PAST LAST ROW") : STR("SKIP TO NEXT ROW"));
        return;
    }
    SAY(p, "SKIP TO");
    if (n->op != 0)
        put_op(p, n->op);
    print_any(p, n->kid[SQL_SKIP_TO_VARIABLE]);
}

void print_quantifier_tail(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *low = n->kid[SQL_PATTERN_QUANTIFIED_LOW];
    const struct sql_node *high = n->kid[SQL_PATTERN_QUANTIFIED_HIGH];

    put_glued(p, sql_token_text(n->op));
    if (n->op == SQL_T_LEFT_BRACE) {
        put_open(p);
        if (low != NULL)
            print_any(p, low);
        if ((n->flags & SQL_F_EXACT) == 0)
            GLUE(p, ",");
        if (high != NULL)
            print_any(p, high);
        GLUE(p, "}");
    }
    if (n->flags & SQL_F_RELUCTANT)
        GLUE(p, "?");
}

/* -- windows */

/* A bound that is no value alone would run into the AND behind it. */
void print_bound(struct printer *p, const struct sql_node *n)
{
    if (n->op == SQL_W_CURRENT) {
        SAY(p, "CURRENT ROW");
        return;
    }
    if (n->kid[SQL_BOUND_VALUE] == NULL) {
        SAY(p, "UNBOUNDED");
    } else {
        p->guard = GUARD_BOUND;
        print_node(p, n->kid[SQL_BOUND_VALUE], BIND_CONCAT);
    }
    put_op(p, n->op);
}

static void print_extent(struct printer *p, bool *first, const struct sql_node *n)
{
    begin_part(p, first);
    put_op(p, n->op);
    if (n->kid[SQL_FRAME_END] != NULL)
        SAY(p, "BETWEEN");
    print_any(p, n->kid[SQL_FRAME_START]);
    if (n->kid[SQL_FRAME_END] != NULL) {
        SAY(p, "AND");
        print_any(p, n->kid[SQL_FRAME_END]);
    }
}

static void print_frame_parts(struct printer *p, bool *first, const struct sql_node *n)
{
    const struct sql_node *clauses = n->kid[SQL_FRAME_PATTERN];

    if (clauses != NULL)
        print_measures(p, first, clauses->kid[SQL_PATTERN_CLAUSES_MEASURES]);
    print_extent(p, first, n);
    if (clauses != NULL)
        print_rest(p, first, clauses);
}

void print_frame(struct printer *p, const struct sql_node *n)
{
    bool first = true;

    print_frame_parts(p, &first, n);
}

void print_window(struct printer *p, const struct sql_node *n)
{
    bool first = true;

    open_specification(p);
    if (n->kid[SQL_WINDOW_EXISTING] != NULL) {
        begin_part(p, &first);
        print_any(p, n->kid[SQL_WINDOW_EXISTING]);
    }
    print_list_part(p, &first, STR("PARTITION BY"), n->kid[SQL_WINDOW_PARTITION]);
    print_list_part(p, &first, STR("ORDER BY"), n->kid[SQL_WINDOW_ORDER]);
    if (n->kid[SQL_WINDOW_FRAME] != NULL)
        print_frame_parts(p, &first, n->kid[SQL_WINDOW_FRAME]);
    close_specification(p);
}
