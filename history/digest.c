/* SPDX-License-Identifier: Apache-2.0 */
/* digest.c - see digest.h. Runs on the writer's thread: nobody waits for it. */
#include "history/digest.h"

#include "history/redact.h"
#include "sql/facts.h"
#include "sql/fingerprint.h"
#include "sql/prepared.h"

#define FINGERPRINT_MAX_BYTES 1024
#define TABLES_MAX_BYTES 4096

static void put_roles(struct buf *out, uint32_t roles)
{
    static const char letters[] = "rwcd";

    for (unsigned i = 0; i < 4; i++)
        if (roles >> i & 1)
            buf_put_c(out, letters[i]);
}

static void put_table(struct buf *out, struct arena *a, const struct sql_table_ref *t)
{
    struct str name =
        arena_printf(a, "%.*s%s%.*s%s%.*s", STR_ARG(t->catalog), t->catalog.n > 0 ? "." : "",
                     STR_ARG(t->schema), t->schema.n > 0 ? "." : "", STR_ARG(t->table));

    buf_put_c(out, out->n == 0 ? '{' : ',');
    buf_put_json(out, name);
    buf_printf(out, ":\"");
    put_roles(out, t->roles);
    buf_put_c(out, '"');
}

/* As many as there is room for. */
static struct str tables_of(struct arena *a, const struct sql_facts *f)
{
    struct buf out = buf_make(TABLES_MAX_BYTES);
    struct str text = STR_NONE;
    size_t whole = 0;

    for (uint32_t i = 0; i < f->table_count; i++) {
        put_table(&out, a, &f->tables[i]);
        if (out.overflow || out.n == out.max)
            break;
        whole = out.n;
    }
    if (whole > 0)
        text = arena_printf(a, "%.*s}", (int)whole, out.p);
    buf_reset(&out);
    return text;
}

/* A literal that has no end, in a text that does not parse, looks like anything but a literal. */
static struct str redacted(struct arena *a, struct str sql)
{
    struct buf out = buf_make(sql.n + 1);
    struct str text;

    redact_sql(&out, sql);
    text = arena_str(a, buf_str(&out));
    buf_reset(&out);
    return text;
}

/* What is executed, where that is known. */
static const struct sql_statement *executed(const struct sql_statement *s,
                                            const struct sql_facts *f)
{
    if (s->root == NULL || f->inner == NULL || f->incomplete)
        return s;
    return s->root->kind == SQL_EXECUTE || s->root->kind == SQL_EXECUTE_IMMEDIATE ? f->inner : s;
}

static struct sql_limits limits_of(const struct digest_request *r)
{
    struct sql_limits l = sql_limits_default;

    if (r->nesting > 0)
        l.depth = r->nesting;
    if (r->tokens > 0)
        l.tokens = r->tokens;
    return l;
}

void digest_sql(struct digest *out, struct arena *a, const struct digest_request *r)
{
    struct sql_context context = {.catalog = r->catalog, .schema = r->schema};
    enum dialect dialect = str_eq(r->dialect, STR("presto")) ? DIALECT_PRESTO : DIALECT_TRINO;
    struct sql_statement s;
    struct sql_fingerprint f;
    struct sql_facts facts;
    struct sql_limits limits = limits_of(r);
    bool failed = sql_parse(&s, a, r->sql, dialect, &limits) != OK;

    *out = (struct digest){.dialect = dialect, .failed = failed && !r->cut};
    if (r->prepared.n > 0)
        sql_prepared_add_list(&context, a, r->prepared, dialect);
    if (failed && r->redact && sql_parse(&s, a, redacted(a, r->sql), dialect, &limits) != OK)
        s.root = NULL;
    sql_facts(&facts, &s, &context);
    if (!(r->redact && facts.incomplete && facts.inner != NULL)) /* its text is not redacted */
        out->tables = tables_of(a, &facts);
    if (r->cut)
        return;
    sql_fingerprint(&f, executed(&s, &facts), FINGERPRINT_MAX_BYTES);
    sql_fingerprint_hex(out->hash, &f);
    out->fingerprint = f.text;
}
