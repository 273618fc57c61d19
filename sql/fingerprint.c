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
#include "sql/fingerprint_words.h"

#define IMMEDIATE_DEPTH_MAX 4

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
    struct arena *arena;
    char *p; /* the text so far */
    size_t n, cap;
    struct level *levels;
    uint32_t depth, level_cap;
    bool presto;
    bool glued;      /* no blank before the next token */
    bool after_name; /* the last one was an identifier: f( */
    unsigned nested; /* EXECUTE IMMEDIATE in EXECUTE IMMEDIATE */
};

static uint32_t make(struct maker *m);

/* ---- text ---- */

static char *reserve(struct maker *m, size_t n)
{
    if (m->n + n > m->cap) {
        size_t cap = m->cap * 2 + n;
        char *p = arena_alloc(m->arena, cap);

        memcpy(p, m->p, m->n);
        m->p = p;
        m->cap = cap;
    }
    return m->p + m->n;
}

static void put(struct maker *m, const char *p, size_t n)
{
    memcpy(reserve(m, n), p, n);
    m->n += n;
}

/* The blank before a token. */
static void put_gap(struct maker *m, bool wanted)
{
    if (wanted && !m->glued && m->n > 0)
        put(m, " ", 1);
    m->glued = m->after_name = false;
}

static void put_value(struct maker *m, struct str mark)
{
    put_gap(m, true);
    put(m, mark.p, mark.n);
}

static void put_folded(struct maker *m, struct str s, char first, char last)
{
    char *at = reserve(m, s.n);

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        at[i] = c >= first && c <= last ? (char)(c ^ 0x20) : c;
    }
    m->n += s.n;
}

/* ---- names ---- */

static struct str token_text(const struct maker *m, uint32_t i)
{
    return str_of(m->source + m->tokens[i].start, m->tokens[i].end - m->tokens[i].start);
}

static bool is_plain(struct str s)
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

static void put_word(struct maker *m, struct str s, enum sql_token_kind k, enum word_look look)
{
    put_gap(m, true);
    if (look == LOOK_NAME)
        put_folded(m, s, 'A', 'Z');
    else
        put_folded(m, s, 'a', 'z');
    m->after_name = look == LOOK_NAME || word_is_call(k);
}

/* A name in quotes. Those of Presto's back quotes double a back quote: they never mean the same as
 * a name in double quotes when they hold one, so they keep their quotes. */
static void put_quoted(struct maker *m, struct str s)
{
    struct str inside = s.n >= 2 ? str_of(s.p + 1, s.n - 2) : STR_NONE;
    char quote[1] = {'"'};

    if (is_plain(inside)) {
        enum sql_token_kind k = sql_word_find(inside, DIALECT_TRINO);
        enum word_look look = word_look(k, sql_word_find(inside, DIALECT_PRESTO));

        if (look != LOOK_RESERVED) {
            put_word(m, inside, k, look);
            return;
        }
    }
    if (s.n > 0 && s.p[0] == '`' &&
        (memchr(inside.p, '`', inside.n) || memchr(inside.p, '"', inside.n)))
        quote[0] = '`';
    put_gap(m, true);
    put(m, quote, 1);
    put_folded(m, inside, 'A', 'Z');
    put(m, quote, 1);
    m->after_name = true;
}

static void put_identifier(struct maker *m, uint32_t i)
{
    struct str s = token_text(m, i);
    enum sql_token_kind k = SQL_T_IDENTIFIER;

    if (m->presto) /* Trino's words that Presto does not know */
        k = sql_word_find(s, DIALECT_TRINO);
    put_word(m, s, k, word_look(k, k));
}

/* ---- values ---- */

static enum sql_token_kind kind_at(const struct maker *m, uint32_t i)
{
    return (enum sql_token_kind)m->tokens[i].kind;
}

static bool is_number(enum sql_token_kind k)
{
    return k == SQL_T_INTEGER || k == SQL_T_DECIMAL || k == SQL_T_DOUBLE;
}

static bool is_sign(enum sql_token_kind k)
{
    return k == SQL_T_PLUS || k == SQL_T_MINUS;
}

/* The place after a string that begins at `i`; `i` when there is none. */
static uint32_t skip_string(const struct maker *m, uint32_t i)
{
    if (kind_at(m, i) == SQL_T_STRING)
        return i + 1;
    if (kind_at(m, i) != SQL_T_UNICODE_STRING)
        return i;
    if (kind_at(m, i + 1) == SQL_W_UESCAPE && kind_at(m, i + 2) == SQL_T_STRING)
        return i + 3;
    return i + 1;
}

static uint32_t skip_interval(const struct maker *m, uint32_t i)
{
    uint32_t at = i + 1, end;

    if (is_sign(kind_at(m, at)))
        at++;
    end = skip_string(m, at);
    if (end == at)
        return i;
    if (kind_at(m, end) >= SQL_T_FIRST_WORD)
        end++;
    if (kind_at(m, end) == SQL_W_TO && kind_at(m, end + 1) >= SQL_T_FIRST_WORD)
        end += 2;
    return end;
}

/* DATE '...': a type's name right before a string. */
static uint32_t skip_typed(const struct maker *m, uint32_t i)
{
    uint32_t at = i + 1, end;

    switch (kind_at(m, i)) {
    case SQL_W_DOUBLE:
        at += kind_at(m, at) == SQL_W_PRECISION;
        break;
    case SQL_T_IDENTIFIER:
    case SQL_T_QUOTED_IDENTIFIER:
    case SQL_W_DATE:
    case SQL_W_TIME:
    case SQL_W_TIMESTAMP:
    case SQL_W_JSON:
    case SQL_W_TEXT:
    case SQL_W_STRING:
        break;
    default:
        return i;
    }
    end = skip_string(m, at);
    return end == at ? i : end;
}

/* The place after a value that begins at `i`, a signless one; `i` when there is none. */
static uint32_t skip_value(const struct maker *m, uint32_t i)
{
    enum sql_token_kind k = kind_at(m, i);

    if (is_number(k) || k == SQL_T_QUESTION_MARK || k == SQL_T_BINARY || k == SQL_T_DOLLAR_STRING)
        return i + 1;
    if (k == SQL_T_STRING || k == SQL_T_UNICODE_STRING)
        return skip_string(m, i);
    if (k == SQL_W_INTERVAL)
        return skip_interval(m, i);
    return skip_typed(m, i);
}

/* ... of an item of a list. */
static uint32_t skip_scalar(const struct maker *m, uint32_t i)
{
    enum sql_token_kind k = kind_at(m, i);

    if (k == SQL_W_NULL || k == SQL_W_TRUE || k == SQL_W_FALSE)
        return i + 1;
    if (is_sign(k) && is_number(kind_at(m, i + 1)))
        return i + 2;
    return skip_value(m, i);
}

/* A value, or a row of them in as many brackets as there may be. */
static uint32_t skip_item(const struct maker *m, uint32_t i)
{
    uint32_t at = i, depth = 0;

    for (;;) {
        uint32_t end;

        at += kind_at(m, at) == SQL_W_ROW && kind_at(m, at + 1) == SQL_T_LEFT_PAREN;
        if (kind_at(m, at) == SQL_T_LEFT_PAREN) {
            at++;
            depth++;
            continue;
        }
        end = skip_scalar(m, at);
        if (end == at)
            return i;
        for (at = end; depth > 0 && kind_at(m, at) == SQL_T_RIGHT_PAREN; at++)
            depth--;
        if (depth == 0)
            return at;
        if (kind_at(m, at++) != SQL_T_COMMA)
            return i;
    }
}

/* Whether an operand ends before token `i`: a sign there is an operator. */
static bool after_operand(const struct maker *m, uint32_t i)
{
    enum sql_token_kind k = i > 0 ? kind_at(m, i - 1) : SQL_T_NONE;

    if (k >= SQL_T_FIRST_WORD)
        return k != SQL_W_RETURN && k != SQL_W_DEFAULT && word_is_operand(k);
    return k == SQL_T_RIGHT_PAREN || k == SQL_T_RIGHT_BRACKET || k == SQL_T_QUESTION_MARK ||
           (k >= SQL_T_STRING && k <= SQL_T_BACKQUOTED_IDENTIFIER);
}

/* ---- lists ---- */

static struct level *open_level(struct maker *m)
{
    if (m->depth + 1 == m->level_cap) {
        struct level *more = arena_alloc(m->arena, 2 * m->level_cap * sizeof(*more));

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
    l->separator = l->item = m->n;
    l->last_n = 0;
}

/* An item that has a value in it and looks like the one before goes. */
static void end_item(struct maker *m, struct level *l)
{
    size_t n;

    if (!l->list)
        return;
    l->item += l->item < m->n && m->p[l->item] == ' ';
    n = m->n - l->item;
    if (n == l->last_n && memcmp(m->p + l->item, m->p + l->last, n) == 0 &&
        memchr(m->p + l->item, '?', n) != NULL) {
        m->n = l->separator;
    } else {
        l->last = l->item;
        l->last_n = n;
    }
}

static void end_list(struct maker *m, struct level *l)
{
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
    uint32_t end = skip_item(m, i);
    enum sql_token_kind next = kind_at(m, end);

    if (end == i || !(next == SQL_T_COMMA || next == SQL_T_RIGHT_PAREN || ends_list(next)))
        return i;
    put_value(m, kind_at(m, i) == SQL_T_LEFT_PAREN || kind_at(m, i) == SQL_W_ROW ? STR("(?)")
                                                                                 : STR("?"));
    return end;
}

/* Whether the brackets at `i`, those of IN, hold expressions. */
static bool holds_items(const struct maker *m, uint32_t i)
{
    while (kind_at(m, i) == SQL_T_LEFT_PAREN)
        i++;
    switch (kind_at(m, i)) {
    case SQL_W_SELECT:
    case SQL_W_WITH:
    case SQL_W_TABLE:
    case SQL_W_VALUES:
        return false;
    default:
        return true;
    }
}

/* ---- tokens ---- */

static bool is_left(enum sql_token_kind k)
{
    return k == SQL_T_LEFT_PAREN || k == SQL_T_LEFT_BRACKET || k == SQL_T_LEFT_BRACE;
}

static bool is_right(enum sql_token_kind k)
{
    return k == SQL_T_RIGHT_PAREN || k == SQL_T_RIGHT_BRACKET || k == SQL_T_RIGHT_BRACE;
}

static void put_left(struct maker *m, uint32_t i)
{
    enum sql_token_kind before = i > 0 ? kind_at(m, i - 1) : SQL_T_NONE;
    struct level *l;

    put_gap(m, kind_at(m, i) == SQL_T_LEFT_BRACKET ? !after_operand(m, i) && before != SQL_W_ARRAY
                                                   : !m->after_name);
    put(m, m->source + m->tokens[i].start, 1);
    m->glued = true;
    l = open_level(m);
    l->cast = before == SQL_W_CAST || before == SQL_W_TRY_CAST;
    if (before == SQL_W_IN && kind_at(m, i) == SQL_T_LEFT_PAREN && holds_items(m, i + 1))
        begin_list(m, l);
}

static void put_right(struct maker *m, uint32_t i)
{
    end_list(m, &m->levels[m->depth]);
    if (m->depth > 0)
        m->depth--;
    put_gap(m, false);
    put(m, m->source + m->tokens[i].start, 1);
}

static void put_comma(struct maker *m)
{
    struct level *l = &m->levels[m->depth];

    end_item(m, l);
    l->separator = m->n;
    put_gap(m, false);
    put(m, ",", 1);
    l->item = m->n;
    l->fresh = l->list;
}

static void put_punctuation(struct maker *m, uint32_t i)
{
    enum sql_token_kind k = kind_at(m, i);
    struct str s = k == SQL_T_NEQ ? STR("<>") : token_text(m, i);

    if (is_left(k)) {
        put_left(m, i);
    } else if (is_right(k)) {
        put_right(m, i);
    } else if (k == SQL_T_COMMA) {
        put_comma(m);
    } else {
        put_gap(m, k != SQL_T_DOT && k != SQL_T_SEMICOLON);
        put(m, s.p, s.n);
        m->glued = k == SQL_T_DOT;
    }
}

/* AS before an alias: an identifier follows, and it is no CAST and no FOR VERSION AS OF. */
static bool is_noise_as(const struct maker *m, uint32_t i)
{
    enum sql_token_kind next = kind_at(m, i + 1);

    if (m->levels[m->depth].cast)
        return false;
    if (next == SQL_W_OF && i >= 2 && kind_at(m, i - 2) == SQL_W_FOR)
        return false;
    if (next >= SQL_T_FIRST_WORD)
        return word_look(next, next) != LOOK_RESERVED;
    return next >= SQL_T_IDENTIFIER && next <= SQL_T_BACKQUOTED_IDENTIFIER;
}

static bool is_noise(const struct maker *m, uint32_t i)
{
    enum sql_token_kind before = i > 0 ? kind_at(m, i - 1) : SQL_T_NONE;

    switch (kind_at(m, i)) {
    case SQL_W_AS:
        return is_noise_as(m, i);
    case SQL_W_INNER:
        return kind_at(m, i + 1) == SQL_W_JOIN;
    case SQL_W_OUTER:
        return kind_at(m, i + 1) == SQL_W_JOIN &&
               (before == SQL_W_LEFT || before == SQL_W_RIGHT || before == SQL_W_FULL);
    case SQL_T_SEMICOLON:
        while (kind_at(m, i) == SQL_T_SEMICOLON)
            i++;
        return kind_at(m, i) == SQL_T_EOF;
    default:
        return false;
    }
}

static void put_token(struct maker *m, uint32_t i)
{
    enum sql_token_kind k = kind_at(m, i);

    if (k >= SQL_T_FIRST_WORD) {
        put_word(m, token_text(m, i), k, word_look(k, k));
        if (k == SQL_W_VALUES)
            begin_list(m, &m->levels[m->depth]);
    } else if (k == SQL_T_IDENTIFIER || k == SQL_T_DIGIT_IDENTIFIER) {
        put_identifier(m, i);
    } else if (k == SQL_T_QUOTED_IDENTIFIER || k == SQL_T_BACKQUOTED_IDENTIFIER) {
        put_quoted(m, token_text(m, i));
    } else if (k == SQL_T_UNRECOGNIZED) {
        put_value(m, token_text(m, i));
    } else {
        put_punctuation(m, i);
    }
}

/* EXECUTE IMMEDIATE '...', the whole statement's beginning: opens the string. */
static uint32_t open_immediate(struct maker *m, uint32_t i)
{
    struct maker inner = *m;
    struct str s = token_text(m, i);
    char *text;
    size_t n = 0;

    if (i != 2 || kind_at(m, 0) != SQL_W_EXECUTE || kind_at(m, 1) != SQL_W_IMMEDIATE ||
        kind_at(m, 2) != SQL_T_STRING || m->nested >= IMMEDIATE_DEPTH_MAX)
        return i;
    text = arena_alloc(m->arena, s.n);
    for (size_t at = 1; at + 1 < s.n; at += s.p[at] == '\'' ? 2 : 1)
        text[n++] = s.p[at];
    if (sql_lex(&inner.tokens, m->arena, str_of(text, n),
                m->presto ? DIALECT_PRESTO : DIALECT_TRINO, sql_limits_default.tokens) == 0)
        return i;
    put(m, " (", 2);
    inner.source = text;
    inner.p = m->p;
    inner.n = m->n;
    inner.cap = m->cap;
    inner.nested++;
    inner.glued = true;
    make(&inner);
    m->p = inner.p;
    m->n = inner.n;
    m->cap = inner.cap;
    put(m, ")", 1);
    return i + 1;
}

/* One token or one value; returns the place of the next. */
static uint32_t step(struct maker *m, uint32_t i)
{
    struct level *l = &m->levels[m->depth];
    uint32_t end;

    if (l->fresh) {
        l->fresh = false;
        end = fold_item(m, i);
        if (end > i)
            return end;
    }
    if (l->list && ends_list(kind_at(m, i)))
        end_list(m, l);
    if (is_noise(m, i))
        return i + 1;
    if (is_sign(kind_at(m, i)) && is_number(kind_at(m, i + 1)) && !after_operand(m, i))
        i++;
    end = open_immediate(m, i);
    if (end > i)
        return end;
    end = skip_value(m, i);
    if (end > i)
        put_value(m, STR("?"));
    else
        put_token(m, i);
    return end > i ? end : i + 1;
}

static uint32_t make(struct maker *m)
{
    uint32_t i = 0;

    m->level_cap = 32;
    m->levels = arena_alloc(m->arena, m->level_cap * sizeof(*m->levels));
    m->levels[0] = (struct level){.cast = false};
    m->depth = 0;
    while (kind_at(m, i) != SQL_T_EOF)
        i = step(m, i);
    for (; m->depth > 0; m->depth--)
        end_list(m, &m->levels[m->depth]);
    end_list(m, &m->levels[0]);
    return i;
}

void sql_fingerprint(struct sql_fingerprint *out, const struct sql_statement *s, size_t max)
{
    struct maker m = {.tokens = s->tokens,
                      .source = s->text.p,
                      .arena = s->arena,
                      .presto = s->dialect == DIALECT_PRESTO,
                      .cap = (s->text.n < 4096 ? s->text.n : 4096) + 16};

    *out = (struct sql_fingerprint){.text = STR_NONE};
    if (s->token_count == 0) { /* too long to be looked at */
        siphash128(&hash_key, s->text, out->hash);
        return;
    }
    m.p = arena_alloc(s->arena, m.cap);
    make(&m);
    siphash128(&hash_key, str_of(m.p, m.n), out->hash);
    if (max == 0)
        return;
    out->text = str_of(m.p, m.n);
    if (m.n > max) {
        struct str cut = utf8_cut(out->text, max > 3 ? max - 3 : 0);

        memcpy(m.p + cut.n, "...", 3);
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
