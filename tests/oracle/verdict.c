/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.c - our parser as the same filter as tests/oracle/oracle: one JSON string a line in, one
 * verdict a line out.
 *
 *     verdict trino|presto < LINES > LINES
 *
 * An accepted statement is printed, on one line and prettily, and must parse to an equal tree; if
 * it does not, the verdict has "print" with what was printed.
 *
 * `sleipnir facts` would split at ';'; here a statement is what the line says, to the byte. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "sql/print.h"
#include "sql/sql.h"
#include "sql/tree.h"

/* Whether what is printed of the tree parses to an equal tree; if not, *text is what was printed.
 */
static bool prints_well(struct arena *a, const struct sql_statement *s, bool pretty,
                        struct buf *text)
{
    struct sql_print_options options = {.dialect = s->dialect, .pretty = pretty};
    struct sql_statement again;
    struct error err;

    if (sql_print(text, s->root, &options, &err) != OK) {
        buf_printf(text, " -- %s", err.text);
        return false;
    }
    return sql_parse(&again, a, buf_str(text), s->dialect, NULL) == OK &&
           sql_equal(s->root, again.root, a);
}

static void say_ok(struct arena *a, const struct sql_statement *s)
{
    struct buf text = buf_make(SIZE_MAX);
    bool good = prints_well(a, s, false, &text);

    if (good) {
        buf_reset(&text);
        good = prints_well(a, s, true, &text);
    }
    if (good) {
        puts("{\"ok\":true}");
    } else {
        json_t *o = json_pack("{s:b, s:s%}", "ok", 1, "print", text.p, text.n);

        json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
        putchar('\n');
        json_decref(o);
    }
    buf_reset(&text);
}

static void say_error(const struct sql_error *e)
{
    json_t *o = json_pack("{s:I, s:I, s:s%}", "line", (json_int_t)e->line, "column",
                          (json_int_t)e->column, "message", e->message.p, e->message.n);
    if (o == NULL) { /* the message is no UTF-8: let the comparison say so */
        puts("{\"crash\":\"message is not UTF-8\"}");
        return;
    }
    json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(o);
}

static void judge(struct arena *a, struct str sql, enum dialect dialect)
{
    struct sql_statement s;
    if (sql_parse(&s, a, sql, dialect, NULL) == OK)
        say_ok(a, &s);
    else
        say_error(&s.error);
}

static int judge_line(struct arena *a, const char *line, size_t n, enum dialect dialect)
{
    json_error_t why;
    json_t *s = json_loadb(line, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (!json_is_string(s)) {
        fprintf(stderr, "verdict: not a JSON string: %.*s\n", (int)n, line);
        json_decref(s);
        return 1;
    }
    judge(a, (struct str){json_string_value(s), json_string_length(s)}, dialect);
    json_decref(s);
    arena_clear(a);
    return 0;
}

int main(int argc, char **argv)
{
    struct arena a = {0};
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int rc = 0;
    if (argc != 2 || (strcmp(argv[1], "trino") != 0 && strcmp(argv[1], "presto") != 0)) {
        fprintf(stderr, "usage: verdict trino|presto < LINES\n");
        return 2;
    }
    while (rc == 0 && (n = getline(&line, &cap, stdin)) > 0)
        rc = judge_line(&a, line, (size_t)n, argv[1][0] == 't' ? DIALECT_TRINO : DIALECT_PRESTO);
    free(line);
    arena_reset(&a);
    return rc;
}
