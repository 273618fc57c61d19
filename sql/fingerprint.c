/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint.c - one pass over the tokens that writes the canonical text, which is then hashed.
 *
 * DESIGN. Values are recognised by looking ahead from where they begin. What a word or an
 * identifier looks like depends on its letters alone, not on quotes or the dialect, so that all
 * spellings meet. Lists: each bracket opens a level; a level that is a list (of IN or VALUES)
 * compares each item, as it was written to the text, with the one before and takes it back when
 * they are equal. No token is looked at more than twice. */
#include "sql/fingerprint.h"

#include "base/siphash.h"
#include "base/utf8.h"
#include "sql/fingerprint_text.h"
#include "sql/fingerprint_value.h"
#include "sql/fingerprint_words.h"

#define IMMEDIATE_DEPTH_MAX 4
#define FIRST_LEVELS 32

/* Fixed: hashes are kept for years and compared between instances. */
static const struct siphash_key hash_key = {UINT64_C(0x736c6569706e6972),
                                            UINT64_C(0x66696e6765727072)};

struct level {
    bool cast;                            /* the brackets of CAST: its AS stays */
    bool list;                            /* of IN or VALUES */
    bool fresh;                           /* an item of the list begins here */
    size_t separator, item, last, last_n; /* places in the text: before its comma, an item, the
                                             item before */
};

struct maker {
    const struct sql_token *tokens;
    const char *source;
    struct text text;
    struct level *levels;
    uint32_t depth, level_cap;
    bool presto;
    unsigned nested; /* EXECUTE IMMEDIATE in EXECUTE IMMEDIATE */
};

static void make(struct maker *m);

void text_grow(struct text *t, size_t n)
{
    size_t cap = t->cap * 2 + n;
    char *p = arena_alloc(t->arena, cap);

    memcpy(p, t->p, t->n);
    t->p = p;
    t->cap = cap;
}

static struct str token_text(const struct maker *m, uint32_t i)
{
    return str_of(m->source + m->tokens[i].start, m->tokens[i].end - m->tokens[i].start);
}

/* ---- names ---- */

static inline bool is_plain(struct str s)
{
    if (s.n == 0 || (s.p[0] >= '0' && s.p[0] <= '9'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    }
    return true;
}

static inline void put_word(struct maker *m, struct str s, unsigned flags)
{
    text_token(&m->text, s.n, true);
    text_put_case(&m->text, s, flags & WORD_UPPER ? 'a' : 'A');
    m->text.after_name = !(flags & WORD_UPPER) || (flags & WORD_CALL);
}

/* A name in quotes. Presto's back quotes double a back quote: such a name never means the same as
 * one in double quotes, so that it keeps its own. */
static void put_quoted(struct maker *m, struct str s)
{
    struct str inside = s.n >= 2 ? str_of(s.p + 1, s.n - 2) : STR_NONE;
    char quote = '"';

    if (is_plain(inside)) {
        /* What only Presto has as a word is no reserved one. */
        unsigned flags = word_flags(sql_word_find(inside, DIALECT_TRINO));

        if (!(flags & WORD_QUOTED)) {
            put_word(m, inside, flags);
            return;
        }
    }
    if (s.n > 0 && s.p[0] == '`' &&
        (str_find(inside, '`') < inside.n || str_find(inside, '"') < inside.n))
        quote = '`';
    text_token(&m->text, s.n, true);
    text_put_c(&m->text, quote);
    text_put_case(&m->text, inside, 'A');
    text_put_c(&m->text, quote);
    m->text.after_name = true;
}

/* Presto does not know all of Trino's words. */
static void put_identifier(struct maker *m, uint32_t i)
{
    struct str s = token_text(m, i);

    put_word(m, s, m->presto ? word_flags(sql_word_find(s, DIALECT_TRINO)) : 0);
}

/* Whether an operand ends before token `i`: a sign there is an operator. */
static bool after_operand(const struct maker *m, uint32_t i)
{
    enum sql_token_kind k = i > 0 ? kind_at(m->tokens, i - 1) : SQL_T_NONE;

    if (k >= SQL_T_FIRST_WORD)
        return k != SQL_W_RETURN && k != SQL_W_DEFAULT && word_is_operand(k);
    return k == SQL_T_RIGHT_PAREN || k == SQL_T_RIGHT_BRACKET || k == SQL_T_QUESTION_MARK ||
           (k >= SQL_T_STRING && k <= SQL_T_BACKQUOTED_IDENTIFIER);
}

/* ---- lists ---- */

static struct level *open_level(struct maker *m)
{
    if (m->depth + 1 == m->level_cap) {
        struct level *more = arena_alloc(m->text.arena, 2 * m->level_cap * sizeof(*more));

        memcpy(more, m->levels, m->level_cap * sizeof(*more));
        m->levels = more;
        m->level_cap *= 2;
    }
    m->levels[++m->depth] = (struct level){.cast = false};
    return &m->levels[m->depth];
}

static void begin_list(struct maker *m, struct level *l)
{
    l->list = l->fresh = true;
    l->separator = l->item = m->text.n;
    l->last_n = 0;
}

/* An item that has a value in it and looks like the one before goes. */
static void end_item(struct maker *m, struct level *l)
{
    struct text *t = &m->text;
    size_t n;

    l->item += l->item < t->n && t->p[l->item] == ' ';
    n = t->n - l->item;
    if (n == l->last_n && memcmp(t->p + l->item, t->p + l->last, n) == 0 &&
        memchr(t->p + l->item, '?', n) != NULL) {
        t->n = l->separator;
    } else {
        l->last = l->item;
        l->last_n = n;
    }
}

static void end_list(struct maker *m, struct level *l)
{
    if (l->list)
        end_item(m, l);
    l->list = l->fresh = false;
}

/* What follows the rows of VALUES. */
static bool ends_list(enum sql_token_kind k)
{
    switch (k) {
    case SQL_T_EOF:
    case SQL_T_SEMICOLON:
    case SQL_W_ORDER:
    case SQL_W_LIMIT:
    case SQL_W_OFFSET:
    case SQL_W_FETCH:
    case SQL_W_UNION:
    case SQL_W_INTERSECT:
    case SQL_W_EXCEPT:
    case SQL_W_WHEN:
        return true;
    default:
        return false;
    }
}

/* Folds the item that begins at `i`, if it is made of values alone. */
static uint32_t fold_item(struct maker *m, uint32_t i)
{
    uint32_t end = fingerprint_skip_item(m->tokens, i);
    enum sql_token_kind first = kind_at(m->tokens, i), next = kind_at(m->tokens, end);

    if (end == i || !(next == SQL_T_COMMA || next == SQL_T_RIGHT_PAREN || ends_list(next)))
        return i;
    text_token(&m->text, 3, true);
    if (first == SQL_T_LEFT_PAREN || first == SQL_W_ROW)
        text_put(&m->text, "(?)", 3);
    else
        text_put_c(&m->text, '?');
    return end;
}

/* Whether the brackets at `i`, those of IN, hold expressions. */
static bool holds_items(const struct maker *m, uint32_t i)
{
    while (kind_at(m->tokens, i) == SQL_T_LEFT_PAREN)
        i++;
    switch (kind_at(m->tokens, i)) {
    case SQL_W_SELECT:
    case SQL_W_WITH:
    case SQL_W_TABLE:
    case SQL_W_VALUES:
        return false;
    default:
        return true;
    }
}

/* ---- punctuation ---- */

static void put_left(struct maker *m, uint32_t i)
{
    enum sql_token_kind k = kind_at(m->tokens, i);
    enum sql_token_kind before = i > 0 ? kind_at(m->tokens, i - 1) : SQL_T_NONE;
    struct level *l;

    text_token(&m->text, 1,
               k == SQL_T_LEFT_BRACKET ? !after_operand(m, i) && before != SQL_W_ARRAY
                                       : !m->text.after_name);
    text_put_c(&m->text, m->source[m->tokens[i].start]);
    m->text.glued = true;
    l = open_level(m);
    l->cast = before == SQL_W_CAST || before == SQL_W_TRY_CAST;
    if (before == SQL_W_IN && k == SQL_T_LEFT_PAREN && holds_items(m, i + 1))
        begin_list(m, l);
}

static void put_right(struct maker *m, uint32_t i)
{
    end_list(m, &m->levels[m->depth]);
    m->depth -= m->depth > 0;
    text_token(&m->text, 1, false);
    text_put_c(&m->text, m->source[m->tokens[i].start]);
}

static void put_comma(struct maker *m)
{
    struct level *l = &m->levels[m->depth];

    if (l->list) {
        end_item(m, l);
        l->separator = m->text.n;
        l->fresh = true;
    }
    text_token(&m->text, 1, false);
    text_put_c(&m->text, ',');
    l->item = m->text.n;
}

static void put_dot(struct maker *m)
{
    text_token(&m->text, 1, false);
    text_put_c(&m->text, '.');
    m->text.glued = true;
}

static void put_plain(struct maker *m, struct str s, bool blank)
{
    text_token(&m->text, s.n, blank);
    text_put(&m->text, s.p, s.n);
}

/* ---- tokens ---- */

/* AS before an alias: an identifier follows, and it is no CAST and no FOR VERSION AS OF. */
static bool is_noise_as(const struct maker *m, uint32_t i)
{
    enum sql_token_kind next = kind_at(m->tokens, i + 1);

    if (m->levels[m->depth].cast)
        return false;
    if (next == SQL_W_OF && i >= 2 && kind_at(m->tokens, i - 2) == SQL_W_FOR)
        return false;
    if (next >= SQL_T_FIRST_WORD)
        return !(word_flags(next) & WORD_QUOTED);
    return next >= SQL_T_IDENTIFIER && next <= SQL_T_BACKQUOTED_IDENTIFIER;
}

static bool is_noise(const struct maker *m, uint32_t i)
{
    enum sql_token_kind before = i > 0 ? kind_at(m->tokens, i - 1) : SQL_T_NONE;

    switch (kind_at(m->tokens, i)) {
    case SQL_W_AS:
        return is_noise_as(m, i);
    case SQL_W_INNER:
        return kind_at(m->tokens, i + 1) == SQL_W_JOIN;
    case SQL_W_OUTER:
        return kind_at(m->tokens, i + 1) == SQL_W_JOIN &&
               (before == SQL_W_LEFT || before == SQL_W_RIGHT || before == SQL_W_FULL);
    case SQL_T_SEMICOLON:
        while (kind_at(m->tokens, i) == SQL_T_SEMICOLON)
            i++;
        return kind_at(m->tokens, i) == SQL_T_EOF;
    default:
        return false;
    }
}

static void put_token(struct maker *m, uint32_t i)
{
    enum sql_token_kind k = kind_at(m->tokens, i);

    switch (k) {
    case SQL_T_IDENTIFIER:
    case SQL_T_DIGIT_IDENTIFIER:
        put_identifier(m, i);
        break;
    case SQL_T_QUOTED_IDENTIFIER:
    case SQL_T_BACKQUOTED_IDENTIFIER:
        put_quoted(m, token_text(m, i));
        break;
    case SQL_T_DOT:
        put_dot(m);
        break;
    case SQL_T_COMMA:
        put_comma(m);
        break;
    case SQL_T_LEFT_PAREN:
    case SQL_T_LEFT_BRACKET:
    case SQL_T_LEFT_BRACE:
        put_left(m, i);
        break;
    case SQL_T_RIGHT_PAREN:
    case SQL_T_RIGHT_BRACKET:
    case SQL_T_RIGHT_BRACE:
        put_right(m, i);
        break;
    case SQL_T_NEQ:
        put_plain(m, STR("<>"), true);
        break;
    default:
        if (k >= SQL_T_FIRST_WORD)
            put_word(m, token_text(m, i), word_flags(k));
        else
            put_plain(m, token_text(m, i), k != SQL_T_SEMICOLON);
        if (k == SQL_W_VALUES)
            begin_list(m, &m->levels[m->depth]);
        break;
    }
}

/* EXECUTE IMMEDIATE '...', the whole statement's beginning: opens the string, the third token. */
static bool open_immediate(struct maker *m)
{
    struct maker inner = *m;
    struct str s = token_text(m, 2);
    char *text;
    size_t n = 0;

    if (kind_at(m->tokens, 0) != SQL_W_EXECUTE || kind_at(m->tokens, 1) != SQL_W_IMMEDIATE ||
        kind_at(m->tokens, 2) != SQL_T_STRING || m->nested >= IMMEDIATE_DEPTH_MAX)
        return false;
    text = arena_alloc(m->text.arena, s.n);
    for (size_t at = 1; at + 1 < s.n; at += s.p[at] == '\'' ? 2 : 1)
        text[n++] = s.p[at];
    if (sql_lex(&inner.tokens, m->text.arena, str_of(text, n),
                m->presto ? DIALECT_PRESTO : DIALECT_TRINO, sql_limits_default.tokens) == 0)
        return false;
    inner.source = text;
    inner.nested++;
    text_room(&inner.text, 2);
    text_put(&inner.text, " (", 2);
    inner.text.glued = true;
    make(&inner);
    m->text = inner.text;
    text_room(&m->text, 1);
    text_put_c(&m->text, ')');
    m->text.glued = m->text.after_name = false;
    return true;
}

/* Whether token `i` could begin a value: most do not. */
static inline bool may_be_value(const struct maker *m, uint32_t i)
{
    enum sql_token_kind k = kind_at(m->tokens, i), next;

    if (k < SQL_T_QUESTION_MARK)
        return false;
    if (k < SQL_T_IDENTIFIER || k == SQL_W_INTERVAL || k == SQL_W_DOUBLE)
        return true;
    next = kind_at(m->tokens, i + 1);
    return next == SQL_T_STRING || next == SQL_T_UNICODE_STRING;
}

/* One token or one value; returns the place of the next. */
static inline uint32_t step(struct maker *m, uint32_t i)
{
    enum sql_token_kind k = kind_at(m->tokens, i);
    struct level *l = &m->levels[m->depth];
    uint32_t end;

    if (l->list) {
        end = l->fresh ? fold_item(m, i) : i;
        l->fresh = false;
        if (end > i)
            return end;
        if (ends_list(k))
            end_list(m, l);
    }
    if ((k == SQL_W_AS || k == SQL_W_INNER || k == SQL_W_OUTER || k == SQL_T_SEMICOLON) &&
        is_noise(m, i))
        return i + 1;
    if (is_sign(k) && is_number(kind_at(m->tokens, i + 1)) && !after_operand(m, i))
        i++;
    if (i == 2 && open_immediate(m))
        return i + 1;
    if (may_be_value(m, i)) {
        end = fingerprint_skip_value(m->tokens, i);
        if (end > i) {
            put_plain(m, STR("?"), true);
            return end;
        }
    }
    put_token(m, i);
    return i + 1;
}

static void make(struct maker *m)
{
    m->level_cap = FIRST_LEVELS;
    m->levels = arena_alloc(m->text.arena, m->level_cap * sizeof(*m->levels));
    m->levels[0] = (struct level){.cast = false};
    m->depth = 0;
    for (uint32_t i = 0; kind_at(m->tokens, i) != SQL_T_EOF;)
        i = step(m, i);
    for (; m->depth > 0; m->depth--)
        end_list(m, &m->levels[m->depth]);
    end_list(m, &m->levels[0]);
}

void sql_fingerprint(struct sql_fingerprint *out, const struct sql_statement *s, size_t max)
{
    struct maker m = {.tokens = s->tokens,
                      .source = s->text.p,
                      .text = {.arena = s->arena,
                               .cap = (s->text.n < 4096 ? s->text.n : 4096) + 2 * TEXT_SLACK,
                               .glued = true},
                      .presto = s->dialect == DIALECT_PRESTO};
    struct text *t = &m.text;

    *out = (struct sql_fingerprint){.text = STR_NONE};
    if (s->token_count == 0) { /* too long to be looked at */
        siphash128(&hash_key, s->text, out->hash);
        return;
    }
    t->p = arena_alloc(s->arena, t->cap);
    make(&m);
    siphash128(&hash_key, str_of(t->p, t->n), out->hash);
    if (max == 0)
        return;
    out->text = str_of(t->p, t->n);
    if (t->n > max) {
        struct str cut = utf8_cut(out->text, max > 3 ? max - 3 : 0);

        memcpy(t->p + cut.n, "...", 3); /* into the slack, at worst */
        out->text.n = cut.n + 3;
    }
}

void sql_fingerprint_hex(char out[33], const struct sql_fingerprint *f)
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 32; i++)
        out[i] = digits[f->hash[i / 16] >> (60 - 4 * (i % 16)) & 15];
    out[32] = '\0';
}
