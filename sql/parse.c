/* SPDX-License-Identifier: Apache-2.0 */
/* parse.c - sql_parse() and the parser's machinery: tokens, nodes, lists, limits, tries. */
#include "sql/parse.h"

#include "sql/parse_error.h"

const struct sql_limits sql_limits_default = {
    .bytes = (size_t)16 << 20,
    .tokens = 4000000,
    .depth = 500,
};

#define CHUNK_MAX_BYTES 65536
#define REREAD_MAX 16       /* times the tokens of the statement */
#define REREAD_FREE 1000000 /* tokens */
#define TOO_LARGE "statement is too large (stack overflow while parsing)"

/* -- tokens */

bool accept_two(struct parser *p, enum sql_token_kind first, enum sql_token_kind second)
{
    if (!at(p, first))
        return false;
    if (peek(p, 1) != second) {
        if (UNLIKELY(p->expected != NULL)) {
            p->token++;
            note_expected(p, second);
            p->token--;
        }
        return false;
    }
    p->token += 2;
    return true;
}

enum sql_token_kind accept_any(struct parser *p, const enum sql_token_kind *kinds)
{
    enum sql_token_kind found = SQL_T_NONE;

    for (; *kinds != SQL_T_NONE; kinds++)
        if (at(p, *kinds))
            found = *kinds;
    if (found != SQL_T_NONE)
        p->token++;
    return found;
}

enum sql_token_kind expect_any(struct parser *p, const enum sql_token_kind *kinds)
{
    enum sql_token_kind found = accept_any(p, kinds);

    if (found == SQL_T_NONE)
        fail_here(p);
    return found;
}

void expect_all(struct parser *p, const enum sql_token_kind *kinds)
{
    for (; *kinds != SQL_T_NONE; kinds++)
        expect(p, *kinds);
}

/* -- nodes */

void refill_chunk(struct parser *p, size_t n)
{
    size_t size = n > CHUNK_MAX_BYTES ? n : CHUNK_MAX_BYTES;
    size_t guess = (size_t)(p->eof - p->token + 4) * 80;

    if (size > n && guess < size)
        size = guess > n ? (guess + 15) & ~(size_t)15 : n;
    p->chunk = arena_alloc(p->arena, size);
    p->chunk_end = p->chunk + size;
}

void grow_pending(struct parser *p)
{
    struct sql_node **old = p->pending;

    p->pending_cap *= 2;
    p->pending = arena_alloc(p->arena, p->pending_cap * sizeof(struct sql_node *));
    memcpy(p->pending, old, p->pending_count * sizeof(struct sql_node *));
}

struct sql_node *list_end_as(struct parser *p, uint32_t mark, enum sql_kind kind)
{
    uint32_t count = p->pending_count - mark;
    struct sql_node *n = new_node(p, kind, count);

    if (count > 0) {
        memcpy(n->kid, p->pending + mark, count * sizeof(struct sql_node *));
        n->start = n->kid[0]->start;
        n->end = n->kid[count - 1]->end;
    } else {
        n->start = n->end = p->token > p->tokens ? p->token[-1].end : 0;
    }
    p->pending_count = mark;
    return n;
}

struct sql_node *list_end(struct parser *p, uint32_t mark)
{
    return list_end_as(p, mark, SQL_LIST);
}

struct sql_node *comma_list(struct parser *p, struct sql_node *(*item)(struct parser *p))
{
    uint32_t mark = list_begin(p);

    do {
        list_add(p, item(p));
    } while (accept(p, SQL_T_COMMA));
    return list_end(p, mark);
}

struct sql_node *paren_list(struct parser *p, struct sql_node *(*item)(struct parser *p))
{
    struct sql_node *list;

    expect(p, SQL_T_LEFT_PAREN);
    list = comma_list(p, item);
    expect(p, SQL_T_RIGHT_PAREN);
    return list;
}

/* -- tries */

bool try_open(struct parser *p, struct attempt *t)
{
    size_t i = (size_t)(p->token - p->tokens);

    if (p->failed || (p->failed_tries != NULL && (p->failed_tries[i / 64] >> i % 64 & 1) != 0))
        return false;
    *t = (struct attempt){.token = p->token,
                          .depth = p->depth,
                          .pending_count = p->pending_count,
                          .parameter_count = p->parameter_count,
                          .no_and = p->no_and,
                          .refused = p->refused,
                          .error = *p->error,
                          .failed_at = p->failed_at,
                          .failed = p->failed};
    return true;
}

static void remember_try(struct parser *p, const struct sql_token *token)
{
    size_t i = (size_t)(token - p->tokens), words = (size_t)(p->eof - p->tokens) / 64 + 1;

    if (p->failed_tries == NULL)
        p->failed_tries = arena_zalloc(p->arena, words * sizeof(uint64_t));
    p->failed_tries[i / 64] |= (uint64_t)1 << i % 64;
}

/* Counts what a failed try read; too much of that is treated like too deep a nesting. */
static void count_reread(struct parser *p, const struct sql_token *from)
{
    const struct sql_token *to = p->failed && p->failed_at != NULL ? p->failed_at : p->token;

    p->reread += to > from ? (uint64_t)(to - from) : 0;
    if (p->reread > REREAD_MAX * (uint64_t)(p->eof - p->tokens) + REREAD_FREE)
        fail_depth(p);
}

bool try_close(struct parser *p, const struct attempt *t, bool good)
{
    if (p->limited || (good && !p->failed))
        return true;
    count_reread(p, t->token);
    if (p->limited)
        return true;
    p->token = t->token;
    p->depth = t->depth;
    p->pending_count = t->pending_count;
    p->parameter_count = t->parameter_count;
    p->no_and = t->no_and;
    p->refused = t->refused;
    *p->error = t->error;
    p->failed_at = t->failed_at;
    p->failed = t->failed;
    remember_try(p, t->token);
    return false;
}

bool soft_open(struct parser *p, struct attempt *t)
{
    if (p->expected == NULL || p->failed)
        return false;
    *t = (struct attempt){.token = p->token,
                          .depth = p->depth,
                          .pending_count = p->pending_count,
                          .parameter_count = p->parameter_count,
                          .refused = p->refused};
    p->soft++;
    return true;
}

bool soft_close(struct parser *p, const struct attempt *t)
{
    p->soft--;
    fail_held(p);
    if (!p->failed || p->limited || p->error->line != 0)
        return true;
    p->token = t->token;
    p->depth = t->depth;
    p->pending_count = t->pending_count;
    p->parameter_count = t->parameter_count;
    p->refused = t->refused;
    p->failed_at = NULL;
    p->failed = false;
    p->held.line = 0;
    expected_rewind(p);
    return false;
}

/* -- the whole */

static void start_parser(struct parser *p, const struct sql_statement *s, uint32_t depth_max,
                         struct sql_error *error)
{
    *p = (struct parser){
        .token = s->tokens,
        .tokens = s->tokens,
        .eof = s->tokens + s->token_count - 1,
        .text = s->text,
        .arena = s->arena,
        .dialect = s->dialect,
        .trino = s->dialect != DIALECT_PRESTO,
        .depth_max = depth_max,
        .pending_cap = 64,
        .error = error,
    };
    p->pending = arena_alloc(p->arena, p->pending_cap * sizeof(struct sql_node *));
}

static struct sql_node *parse_all(struct parser *p)
{
    struct sql_node *root = parse_statement(p);

    expect(p, SQL_T_EOF);
    if (!p->failed && p->refused.line != 0) {
        *p->error = p->refused;
        p->failed = true;
    }
    return p->failed ? NULL : root;
}

/* Parses once more what failed, to say what was expected. */
static void explain_failure(struct sql_statement *s, uint32_t depth_max)
{
    struct parser p;

    start_parser(&p, s, depth_max, &s->error);
    s->error = (struct sql_error){0};
    expected_begin(&p);
    (void)parse_all(&p);
    if (s->error.line == 0)
        expected_message(&p);
}

static int too_large(struct sql_statement *s, const char *message)
{
    s->error = (struct sql_error){.line = 1, .column = 1, .message = str_c(message)};
    return ERR_LIMIT;
}

int sql_parse(struct sql_statement *s, struct arena *a, struct str text, enum dialect dialect,
              const struct sql_limits *limits)
{
    struct parser p;

    limits = limits != NULL ? limits : &sql_limits_default;
    *s = (struct sql_statement){.text = text, .dialect = dialect, .arena = a};
    if (text.n > limits->bytes || text.n > UINT32_MAX - 64) {
        s->text.n = 0;
        s->token_count = sql_lex(&s->tokens, a, s->text, dialect, 1);
        s->text.n = text.n;
        return too_large(s, "statement is too large");
    }
    s->token_count = sql_lex(&s->tokens, a, text, dialect, limits->tokens);
    if (s->token_count == 0) {
        s->token_count = sql_lex(&s->tokens, a, str_of(text.p, 0), dialect, 1);
        return too_large(s, "statement is too large");
    }
    if (!check_utf8(s))
        return ERR_INVALID;
    start_parser(&p, s, limits->depth, &s->error);
    s->root = parse_all(&p);
    s->parameter_count = p.parameter_count;
    if (p.limited)
        return too_large(s, TOO_LARGE);
    if (s->root == NULL && (s->error.line == 0 || p.failed_name))
        explain_failure(s, limits->depth);
    return s->root != NULL ? OK : ERR_INVALID;
}
