/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_sql.c - any bytes as a statement of both dialects: tokens stand in order, a tree keeps the
 * shapes of nodes.def and the places of its nodes, an error has a place and a message.
 *
 * Three of four mutations are of tokens: one goes, comes twice, changes places with its neighbour,
 * or becomes any word or sign of the grammars; the others are libFuzzer's own, of bytes. */
#include "sql/sql.h"
#include "sql/tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max) __attribute__((weak));

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

/* The text of `t`, or another one in its place. */
static void put_token(struct buf *out, struct str text, const struct sql_token *t, struct str other)
{
    buf_put_str(out, other.n > 0 ? other : str_of(text.p + t->start, t->end - t->start));
    buf_put_c(out, ' ');
}

static struct str any_token(unsigned *seed)
{
    unsigned kind = SQL_T_DOT + (unsigned)rand_r(seed) % (SQL_TOKEN_COUNT - SQL_T_DOT);

    return sql_token_text((enum sql_token_kind)kind);
}

/* Writes the tokens with one of them changed. */
static void change_token(struct buf *out, struct str text, const struct sql_token *tokens,
                         uint32_t count, unsigned *seed)
{
    uint32_t at = (uint32_t)rand_r(seed) % count;
    int how = rand_r(seed) % 5;

    for (uint32_t i = 0; i < count; i++) {
        bool here = i == at;

        if (here && how == 0)
            continue; /* goes */
        if (here && how == 1)
            put_token(out, text, &tokens[i], STR_NONE); /* comes twice */
        if (here && how == 2 && i + 1 < count) {
            put_token(out, text, &tokens[++i], STR_NONE); /* changes places */
            put_token(out, text, &tokens[i - 1], STR_NONE);
            continue;
        }
        if (here && how == 3)
            put_token(out, text, &tokens[i], any_token(seed)); /* a new one before it */
        put_token(out, text, &tokens[i], here && how == 4 ? any_token(seed) : STR_NONE);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    struct str text = str_of((const char *)data, size);
    struct buf out = buf_make(max);
    struct arena a = {0};
    const struct sql_token *tokens;
    uint32_t count = sql_lex(&tokens, &a, text, DIALECT_TRINO, 100000);

    if (count > 1 && seed % 4 != 0)
        change_token(&out, text, tokens, count - 1, &seed);
    arena_reset(&a);
    if (out.n > 0 && !out.overflow) {
        size = out.n;
        memcpy(data, out.p, size);
    } else if (LLVMFuzzerMutate != NULL) {
        size = LLVMFuzzerMutate(data, size, max);
    }
    buf_reset(&out);
    return size;
}
