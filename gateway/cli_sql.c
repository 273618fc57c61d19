/* SPDX-License-Identifier: Apache-2.0 */
/* cli_sql.c - see cli_sql.h. Reads all of standard input, cuts it at ';', and works on one
 * statement after the other, each in an arena of its own. */
#include "gateway/cli_sql.h"

#include "sql/facts.h"
#include "sql/fingerprint.h"
#include "sql/print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX_BYTES ((size_t)1 << 30)
#define OUTPUT_MAX_BYTES ((size_t)256 << 20) /* of one statement */
#define FINGERPRINT_MAX_BYTES ((size_t)64 << 10)
#define PREPARED_MAX 64

struct options {
    bool format; /* else facts */
    enum dialect dialect;
    struct sql_context context;
    struct sql_prepared prepared[PREPARED_MAX];
};

bool cli_sql_knows(const char *word)
{
    return strcmp(word, "facts") == 0 || strcmp(word, "format") == 0;
}

/* ---- options ---- */

static bool parse_dialect(struct options *o, const char *value)
{
    if (strcmp(value, "trino") == 0)
        o->dialect = DIALECT_TRINO;
    else if (strcmp(value, "presto") == 0)
        o->dialect = DIALECT_PRESTO;
    else
        return false;
    return true;
}

static bool parse_prepared(struct options *o, const char *value)
{
    struct str rest = str_c(value), name = str_split(&rest, '=');

    if (rest.p == NULL || name.n == 0 || o->context.prepared_count == PREPARED_MAX)
        return false;
    o->prepared[o->context.prepared_count++] = (struct sql_prepared){name, rest};
    return true;
}

static bool parse_option(struct options *o, const char *name, const char *value)
{
    if (strcmp(name, "--dialect") == 0)
        return parse_dialect(o, value);
    if (o->format)
        return false;
    if (strcmp(name, "--prepared") == 0)
        return parse_prepared(o, value);
    if (strcmp(name, "--catalog") == 0)
        o->context.catalog = str_c(value);
    else if (strcmp(name, "--schema") == 0)
        o->context.schema = str_c(value);
    else
        return false;
    return true;
}

static int parse_options(struct options *o, int argc, char **argv)
{
    o->format = strcmp(argv[1], "format") == 0;
    for (int i = 2; i < argc; i += 2) {
        if (i + 1 == argc || !parse_option(o, argv[i], argv[i + 1])) {
            fprintf(stderr, "sleipnir: bad argument '%s' of %s, see sleipnir --help\n", argv[i],
                    argv[1]);
            return ERR_INVALID;
        }
    }
    o->context.prepared = o->prepared;
    return OK;
}

/* ---- facts as JSON ---- */

static void put_key(struct buf *out, const char *name)
{
    if (out->p[out->n - 1] != '{')
        buf_put_c(out, ',');
    buf_printf(out, "\"%s\":", name);
}

static void put_text(struct buf *out, const char *name, struct str value)
{
    put_key(out, name);
    buf_put_json(out, value);
}

static void put_bool(struct buf *out, const char *name, bool value)
{
    put_key(out, name);
    buf_printf(out, value ? "true" : "false");
}

static void put_texts(struct buf *out, const char *name, const struct str *list, uint32_t count)
{
    put_key(out, name);
    buf_put_c(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buf_put_c(out, ',');
        buf_put_json(out, list[i]);
    }
    buf_put_c(out, ']');
}

/* What is not known is left out. */
static void put_known(struct buf *out, const char *name, struct str value)
{
    if (value.n > 0)
        put_text(out, name, value);
}

static void put_roles(struct buf *out, uint32_t roles)
{
    static const char *const names[] = {"read", "written", "created", "dropped"};
    bool first = true;

    put_key(out, "roles");
    buf_put_c(out, '[');
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!(roles >> i & 1))
            continue;
        buf_printf(out, "%s\"%s\"", first ? "" : ",", names[i]);
        first = false;
    }
    buf_put_c(out, ']');
}

static void put_name(struct buf *out, const struct sql_table_ref *t)
{
    put_known(out, "catalog", t->catalog);
    put_known(out, "schema", t->schema);
    put_text(out, "table", t->table);
}

static void put_tables(struct buf *out, const struct sql_facts *f)
{
    put_key(out, "tables");
    buf_put_c(out, '[');
    for (uint32_t i = 0; i < f->table_count; i++) {
        buf_printf(out, i > 0 ? ",{" : "{");
        put_name(out, &f->tables[i]);
        put_roles(out, f->tables[i].roles);
        buf_put_c(out, '}');
    }
    buf_put_c(out, ']');
}

static void put_columns(struct buf *out, const struct sql_facts *f)
{
    put_key(out, "columns");
    buf_put_c(out, '[');
    for (uint32_t i = 0; i < f->column_count; i++) {
        buf_printf(out, i > 0 ? ",{" : "{");
        if (f->columns[i].table != UINT32_MAX)
            put_name(out, &f->tables[f->columns[i].table]);
        put_text(out, "column", f->columns[i].column);
        buf_put_c(out, '}');
    }
    buf_put_c(out, ']');
}

static void put_error(struct buf *out, const struct sql_error *e)
{
    put_key(out, "parse_error");
    if (e->line == 0) {
        buf_printf(out, "null");
        return;
    }
    buf_printf(out, "{\"line\":%u,\"column\":%u", e->line, e->column);
    put_text(out, "message", e->message);
    buf_put_c(out, '}');
}

static void put_flags(struct buf *out, const struct sql_facts *f)
{
    put_bool(out, "reads", f->reads);
    put_bool(out, "writes", f->writes);
    put_bool(out, "changes_session", f->changes_session);
    put_bool(out, "deterministic", f->deterministic);
    put_bool(out, "incomplete", f->incomplete);
    put_bool(out, "has_join", f->has_join);
    put_bool(out, "has_aggregate", f->has_aggregate);
    put_bool(out, "has_window", f->has_window);
    put_bool(out, "has_order_by", f->has_order_by);
    put_bool(out, "has_limit", f->has_limit);
    put_bool(out, "has_parameters", f->has_parameters);
}

static void put_facts(struct buf *out, const struct sql_statement *s, const struct sql_facts *f)
{
    struct sql_fingerprint print;
    char hex[33];

    sql_fingerprint(&print, s, FINGERPRINT_MAX_BYTES);
    sql_fingerprint_hex(hex, &print);
    buf_put_c(out, '{');
    put_text(out, "kind", str_c(f->kind));
    put_text(out, "resource_group_type", str_c(sql_type_name(f->type)));
    put_flags(out, f);
    put_texts(out, "catalogs", f->catalogs, f->catalog_count);
    put_texts(out, "schemas", f->schemas, f->schema_count);
    put_tables(out, f);
    put_columns(out, f);
    put_texts(out, "functions", f->functions, f->function_count);
    put_known(out, "kill_query_id", f->kill_query_id);
    put_known(out, "procedure", f->procedure);
    put_known(out, "prepared_name", f->prepared_name);
    put_error(out, &s->error);
    put_text(out, "fingerprint", print.text);
    put_text(out, "hash", str_c(hex));
    buf_printf(out, "}\n");
}

/* ---- one statement ---- */

static int show_facts(const struct options *o, struct arena *a, struct str text, struct buf *out)
{
    struct sql_statement s;
    struct sql_facts f;

    if (sql_parse(&s, a, text, o->dialect, NULL) != OK)
        s.root = NULL; /* the facts say so */
    sql_facts(&f, &s, &o->context);
    put_facts(out, &s, &f);
    return OK;
}

/* Where a statement begins in the input: the line from 1, and code points before it in its line. */
struct place {
    const char *at;
    uint32_t line, column;
};

static void move_to(struct place *p, const char *to)
{
    for (; p->at < to; p->at++) {
        if (*p->at == '\n') {
            p->line++;
            p->column = 0;
        } else if ((*p->at & 0xc0) != 0x80) {
            p->column++;
        }
    }
}

static void say_error(const struct place *p, const struct sql_error *e)
{
    fprintf(stderr, "line %u:%u: %.*s\n", p->line + e->line - 1,
            e->column + (e->line == 1 ? p->column : 0), STR_ARG(e->message));
}

/* What cannot be parsed is written as it was. */
static int show_formatted(const struct options *o, struct arena *a, struct str text,
                          const struct place *place, struct buf *out)
{
    struct sql_print_options options = {.dialect = o->dialect, .pretty = true};
    struct sql_statement s;
    struct error err;
    int rc = sql_parse(&s, a, text, o->dialect, NULL);

    if (rc != OK)
        say_error(place, &s.error);
    else if ((rc = sql_print(out, s.root, &options, &err)) != OK)
        fprintf(stderr, "line %u: %s\n", place->line, err.text);
    if (rc != OK) {
        buf_clear(out);
        buf_put_str(out, text);
    }
    buf_printf(out, ";\n");
    return rc;
}

/* ---- input ---- */

static int read_input(struct buf *in)
{
    for (;;) {
        char *room = buf_reserve(in, 65536);
        size_t n = room != NULL ? fread(room, 1, 65536, stdin) : 0;

        in->n += n;
        if (room == NULL || ferror(stdin)) {
            fprintf(stderr, "sleipnir: cannot read standard input: %s\n",
                    room == NULL ? "too long" : strerror(errno));
            return ERR_LIMIT;
        }
        if (n == 0)
            return OK;
    }
}

static int run(const struct options *o, struct str rest)
{
    struct place place = {.at = rest.p, .line = 1};
    struct str text;
    int rc = OK;

    while (sql_split(&rest, &text, o->dialect)) {
        struct buf out = buf_make(OUTPUT_MAX_BYTES);
        struct arena a = {0};

        move_to(&place, text.p);
        if ((o->format ? show_formatted(o, &a, text, &place, &out)
                       : show_facts(o, &a, text, &out)) != OK)
            rc = ERR_INVALID;
        if (out.overflow) {
            fprintf(stderr, "line %u: more than %zu bytes of output for one statement\n",
                    place.line, out.max);
            rc = ERR_LIMIT;
        }
        fwrite(out.p, 1, out.n, stdout);
        buf_reset(&out);
        arena_reset(&a);
    }
    return rc;
}

int cli_sql_run(int argc, char **argv)
{
    struct options o = {.dialect = DIALECT_TRINO};
    struct buf in = buf_make(INPUT_MAX_BYTES);
    int rc;

    if (parse_options(&o, argc, argv) != OK)
        return 2;
    rc = read_input(&in);
    if (rc == OK)
        rc = run(&o, buf_str(&in));
    buf_reset(&in);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "sleipnir: cannot write: %s\n", strerror(errno));
        return 1;
    }
    return rc == OK ? 0 : 1;
}
