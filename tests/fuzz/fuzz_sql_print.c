/* SPDX-License-Identifier: Apache-2.0 */
/* The printer: whatever parses must print, and its print must parse to the same tree and print as
 * itself, in both forms. What was printed for the other dialect need not parse there. The first
 * byte picks the dialect. */
#include "sql/print.h"
#include "sql/sql.h"
#include "sql/tree.h"

#include <stdio.h>
#include <stdlib.h>

#define OUT_MAX (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void give_up(const char *what, struct str before, struct str after)
{
    fprintf(stderr, "%s\n%.*s\n%.*s\n", what, STR_ARG(before), STR_ARG(after));
    abort();
}

static void print(struct buf *out, const struct sql_node *root, enum dialect dialect, bool pretty)
{
    struct sql_print_options options = {dialect, pretty};
    struct error err;

    if (sql_print(out, root, &options, &err) != OK)
        give_up(err.text, STR(""), STR(""));
}

static void check_round_trip(const struct sql_statement *s, bool pretty)
{
    struct arena a = {0};
    struct buf out = buf_make(OUT_MAX), again = buf_make(OUT_MAX);
    struct sql_statement t;

    print(&out, s->root, s->dialect, pretty);
    if (!out.overflow) {
        if (sql_parse(&t, &a, buf_str(&out), s->dialect, NULL) != OK)
            give_up("does not parse", s->text, buf_str(&out));
        if (!sql_equal(s->root, t.root, &a))
            give_up("parses differently", s->text, buf_str(&out));
        print(&again, t.root, s->dialect, pretty);
        if (!str_eq(buf_str(&out), buf_str(&again)))
            give_up("does not print as itself", buf_str(&out), buf_str(&again));
    }
    buf_reset(&out);
    buf_reset(&again);
    arena_reset(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct sql_statement s;
    struct buf out = buf_make(OUT_MAX);
    bool presto = size > 0 && data[0] == 'P';
    struct str text = size > 0 ? str_of((const char *)data + 1, size - 1) : STR("");

    if (sql_parse(&s, &a, text, presto ? DIALECT_PRESTO : DIALECT_TRINO, NULL) == OK) {
        check_round_trip(&s, false);
        check_round_trip(&s, true);
        print(&out, s.root, presto ? DIALECT_TRINO : DIALECT_PRESTO, true);
    }
    buf_reset(&out);
    arena_reset(&a);
    return 0;
}
