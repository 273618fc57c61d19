/* SPDX-License-Identifier: Apache-2.0 */
/* Facts and fingerprint of any text, parsed or not: places lie in the text, columns have tables,
 * what is cut has the hash of the whole, and a fingerprint is its own fingerprint. The first byte
 * picks the dialect and whether there are defaults; what follows a NUL is a prepared statement
 * called p. */
#include "sql/facts.h"
#include "sql/fingerprint.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what, struct str a, struct str b)
{
    if (good)
        return;
    fprintf(stderr, "%s\n%.*s\n%.*s\n", what, STR_ARG(a), STR_ARG(b));
    abort();
}

static void check_facts(const struct sql_statement *s, const struct sql_facts *f)
{
    check(f->kind != NULL && sql_type_name(f->type) != NULL, "kind", s->text, STR_NONE);
    check(f->incomplete || s->root != NULL, "complete without a tree", s->text, STR_NONE);
    for (uint32_t i = 0; i < f->table_count; i++) {
        const struct sql_table_ref *t = &f->tables[i];

        check(t->roles != 0 && t->roles < 16, "roles", s->text, t->table);
        check(t->start <= t->end && t->end <= s->text.n, "place", s->text, t->table);
    }
    for (uint32_t i = 0; i < f->column_count; i++)
        check(f->columns[i].table < f->table_count || f->columns[i].table == UINT32_MAX,
              "column of no table", s->text, f->columns[i].column);
}

/* Only of what parses: broken tokens may stick together. */
static bool is_stable(const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->token_count; i++)
        if (s->tokens[i].kind == SQL_W_IMMEDIATE)
            return false; /* what is opened stands in brackets */
    return s->root != NULL;
}

static void check_fingerprint(const struct sql_statement *s)
{
    struct sql_fingerprint whole, cut, again;
    struct sql_statement t = *s;

    sql_fingerprint(&whole, s, SIZE_MAX);
    sql_fingerprint(&cut, s, 10);
    check(memcmp(whole.hash, cut.hash, sizeof(cut.hash)) == 0 && cut.text.n <= 10, "cut", s->text,
          cut.text);
    if (!is_stable(s))
        return;
    t.text = whole.text;
    t.token_count = sql_lex(&t.tokens, s->arena, t.text, s->dialect, sql_limits_default.tokens);
    sql_fingerprint(&again, &t, SIZE_MAX);
    check(str_eq(whole.text, again.text), "not its own fingerprint", whole.text, again.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size), sql;
    struct sql_prepared prepared = {.name = STR("p")};
    struct sql_context c = {.prepared = &prepared};
    struct arena a = {0};
    struct sql_statement s;
    struct sql_facts f;

    if (size == 0)
        return 0;
    if (data[0] & 2)
        c.catalog = c.schema = STR("d");
    text = str_skip(text, 1);
    sql = str_split(&text, '\0');
    prepared.sql = text;
    c.prepared_count = text.p != NULL;
    if (sql_parse(&s, &a, sql, data[0] & 1 ? DIALECT_PRESTO : DIALECT_TRINO, NULL) != OK)
        check(s.root == NULL, "a tree after an error", sql, STR_NONE);
    sql_facts(&f, &s, &c);
    check_facts(&s, &f);
    check_fingerprint(&s);
    arena_reset(&a);
    return 0;
}
