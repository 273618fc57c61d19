/* SPDX-License-Identifier: Apache-2.0 */
/* sql.c - what the SQL front end costs: lexer, parser, facts, fingerprint, each and together.
 *
 *     sql ROUNDS < LINES       JSON strings, one statement (of Trino) a line
 *
 * One JSON object a line: the median time of each step over the rounds, in nanoseconds, the bytes
 * of arena used, and how often malloc was called meanwhile. The arena is one block that was there
 * before, so whatever calls malloc allocates outside of it. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "sql/facts.h"
#include "sql/fingerprint.h"

#define ARENA_BYTES ((size_t)1 << 30)
#define ROUNDS_MAX 1000

enum step { LEX, PARSE, FACTS, FINGERPRINT, ALL, STEP_COUNT };
static const char *const step_names[STEP_COUNT] = {"lex", "parse", "facts", "fingerprint", "all"};

/* -- counting allocations */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
static unsigned long allocations;

void *malloc(size_t n)
{
    allocations++;
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    allocations++;
    return __libc_realloc(p, n);
}

/* -- measuring */

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof(*values), compare);
    return values[n / 2];
}

/* One round: the time of each step; the lexer's is taken apart, since the parser runs it too. */
static bool run_once(struct arena *a, struct str sql, double ns[STEP_COUNT])
{
    static const struct sql_context context = {.catalog = {"c", 1}, .schema = {"s", 1}};
    const struct sql_token *tokens;
    struct sql_statement s;
    struct sql_facts facts;
    struct sql_fingerprint print;
    double t0 = now_ns(), t1, t2, t3, t4;
    bool ok;

    sql_lex(&tokens, a, sql, DIALECT_TRINO, sql_limits_default.tokens);
    t1 = now_ns();
    ok = sql_parse(&s, a, sql, DIALECT_TRINO, NULL) == OK;
    t2 = now_ns();
    sql_facts(&facts, &s, &context);
    t3 = now_ns();
    sql_fingerprint(&print, &s, sql.n);
    t4 = now_ns();
    ns[LEX] = t1 - t0;
    ns[PARSE] = t2 - t1;
    ns[FACTS] = t3 - t2;
    ns[FINGERPRINT] = t4 - t3;
    ns[ALL] = t4 - t1;
    return ok;
}

static void measure(struct arena *a, struct str sql, size_t rounds)
{
    static double times[STEP_COUNT][ROUNDS_MAX];
    unsigned long before = 0;
    size_t used = 0;
    bool ok = true;

    for (size_t i = 0; i < rounds; i++) {
        double ns[STEP_COUNT];

        arena_clear(a);
        before = allocations;
        ok = run_once(a, sql, ns);
        before = allocations - before;
        used = a->used_bytes;
        for (int step = 0; step < STEP_COUNT; step++)
            times[step][i] = ns[step];
    }
    printf("{\"ok\":%s,\"bytes\":%zu,\"arena\":%zu,\"allocations\":%lu", ok ? "true" : "false",
           sql.n, used, before);
    for (int step = 0; step < STEP_COUNT; step++)
        printf(",\"%s\":%.0f", step_names[step], median(times[step], rounds));
    puts("}");
}

int main(int argc, char **argv)
{
    struct arena a = {0};
    size_t rounds = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (rounds == 0 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: sql ROUNDS < LINES\n");
        return 2;
    }
    arena_alloc(&a, ARENA_BYTES);
    while ((n = getline(&line, &cap, stdin)) > 0) {
        json_t *s = json_loadb(line, (size_t)n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

        if (!json_is_string(s)) {
            fprintf(stderr, "sql: not a JSON string: %.80s\n", line);
            return 2;
        }
        measure(&a, str_of(json_string_value(s), json_string_length(s)), rounds);
        json_decref(s);
    }
    free(line);
    arena_reset(&a);
    return 0;
}
