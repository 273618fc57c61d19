/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.c - our parser as the same filter as tests/oracle/oracle: one JSON string a line in, one
 * verdict a line out.
 *
 *     verdict trino|presto < LINES > LINES
 *
 * `sleipnir facts` would split at ';'; here a statement is what the line says, to the byte. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "sql/sql.h"

static void say_ok(void)
{
    puts("{\"ok\":true}");
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
        say_ok();
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
