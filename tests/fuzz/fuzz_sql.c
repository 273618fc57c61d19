/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_sql.c - any bytes as a statement of both dialects: tokens stand in order, a tree keeps the
 * shapes of nodes.def and the places of its nodes, an error has a place and a message. */
#include "sql/sql.h"
#include "sql/tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_tokens(const struct sql_statement *s)
{
    uint32_t at = 0;

    must(s->token_count > 0 && s->tokens[s->token_count - 1].kind == SQL_T_EOF);
    for (uint32_t i = 0; i + 1 < s->token_count; i++) {
        must(s->tokens[i].start >= at && s->tokens[i].end > s->tokens[i].start);
        at = s->tokens[i].end;
    }
    must(at <= s->text.n);
}

/* Children stand within their parent. */
static enum sql_visit check_node(void *ctx, struct sql_node *n)
{
    const struct sql_statement *s = ctx;

    must(n->start <= n->end && n->end <= s->text.n);
    for (uint32_t i = 0; i < n->count; i++)
        must(n->kid[i] == NULL || (n->kid[i]->start >= n->start && n->kid[i]->end <= n->end));
    return SQL_VISIT_INTO;
}

static void check_statement(struct str text, enum dialect dialect)
{
    struct arena a = {0};
    struct sql_statement s;
    struct error err;
    int rc = sql_parse(&s, &a, text, dialect, NULL);
    struct sql_visitor visitor = {.enter = check_node, .ctx = &s};

    check_tokens(&s);
    if (rc == OK) {
        must(s.root != NULL && s.error.line == 0);
        must(sql_check(s.root, &a, &err) == OK);
        sql_walk(s.root, &visitor, &a);
    } else {
        must(s.root == NULL && s.error.line > 0 && s.error.column > 0 && s.error.message.n > 0);
        must(s.error.offset <= text.n);
    }
    arena_reset(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);

    check_statement(text, DIALECT_TRINO);
    check_statement(text, DIALECT_PRESTO);
    return 0;
}
