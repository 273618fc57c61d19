/* SPDX-License-Identifier: Apache-2.0 */
/* token.c - the lexer.
 *
 * One table tells by its first byte what a token may be; each class has a function that returns
 * where the token ends. What the coordinators' lexers do with text that no rule matches is kept:
 * the longest rule wins, and the first character of an unfinished string, comment or the like
 * becomes a token of its own. Searches that reach the end of the text in vain are remembered, so
 * that the time is linear. */
#include "sql/token.h"

#include "sql/words.h"

/* First bytes; 0..SQL_TOKEN_COUNT are tokens of one byte. */
enum {
    C_OTHER = 0,
    C_BLANK = SQL_TOKEN_COUNT,
    C_LETTER,
    C_DIGIT,
    C_DOT,
    C_QUOTE,
    C_DOUBLE_QUOTE,
    C_BACK_QUOTE,
    C_U,
    C_X,
    C_MINUS,
    C_SLASH,
    C_LESS,
    C_GREATER,
    C_EQUAL,
    C_BANG,
    C_BAR,
    C_DOLLAR,
    C_BRACE
};

static const uint16_t first[256] = {
    [' '] = C_BLANK,
    ['\t'] = C_BLANK,
    ['\n'] = C_BLANK,
    ['\r'] = C_BLANK,
    ['A' ... 'T'] = C_LETTER,
    ['U'] = C_U,
    ['V' ... 'W'] = C_LETTER,
    ['X'] = C_X,
    ['Y' ... 'Z'] = C_LETTER,
    ['a' ... 't'] = C_LETTER,
    ['u'] = C_U,
    ['v' ... 'w'] = C_LETTER,
    ['x'] = C_X,
    ['y' ... 'z'] = C_LETTER,
    ['_'] = C_LETTER,
    ['0' ... '9'] = C_DIGIT,
    ['.'] = C_DOT,
    ['\''] = C_QUOTE,
    ['"'] = C_DOUBLE_QUOTE,
    ['`'] = C_BACK_QUOTE,
    ['-'] = C_MINUS,
    ['/'] = C_SLASH,
    ['<'] = C_LESS,
    ['>'] = C_GREATER,
    ['='] = C_EQUAL,
    ['!'] = C_BANG,
    ['|'] = C_BAR,
    ['$'] = C_DOLLAR,
    ['{'] = C_BRACE,
    ['('] = SQL_T_LEFT_PAREN,
    [')'] = SQL_T_RIGHT_PAREN,
    [','] = SQL_T_COMMA,
    ['['] = SQL_T_LEFT_BRACKET,
    [']'] = SQL_T_RIGHT_BRACKET,
    [':'] = SQL_T_COLON,
    ['^'] = SQL_T_CIRCUMFLEX,
    ['}'] = SQL_T_RIGHT_BRACE,
    ['+'] = SQL_T_PLUS,
    ['*'] = SQL_T_ASTERISK,
    ['%'] = SQL_T_PERCENT,
    ['?'] = SQL_T_QUESTION_MARK,
    [';'] = SQL_T_SEMICOLON,
};

/* Bytes inside of words: 1 in both dialects, 2 in Presto alone. */
static const uint8_t inside[256] = {
    ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['0' ... '9'] = 1, ['_'] = 1, ['@'] = 2, [':'] = 2,
};

struct lexer {
    const char *text, *at, *end;
    bool presto;
    uint8_t word_max; /* of inside[] */
    bool no_comment_end, no_dollar_end;
    struct sql_token *tokens;
    uint32_t count, cap, max;
    struct arena *arena;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* The character `i` bytes ahead, or 0 beyond the end. */
static char ahead(const struct lexer *l, size_t i)
{
    return i < (size_t)(l->end - l->at) ? l->at[i] : '\0';
}

static const char *word_end(const struct lexer *l, const char *p)
{
    while (p < l->end && (uint8_t)(inside[(unsigned char)*p] - 1) < l->word_max)
        p++;
    return p;
}

/* The length of one character at p: a whole code point. */
static size_t character(const struct lexer *l, const char *p)
{
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    return n < (size_t)(l->end - p) ? n : (size_t)(l->end - p);
}

/* -- quotes */

/* Where the quoted text whose opening quote is at `p` ends; NULL when it does not. A doubled quote
 * stands for itself; without an end the last of them is taken for one, as the longest match. */
static const char *quoted_end(const struct lexer *l, const char *p)
{
    char quote = *p;
    const char *last = NULL;

    for (p++; (p = memchr(p, quote, (size_t)(l->end - p))) != NULL; p += 2) {
        if (p + 1 >= l->end || p[1] != quote)
            return p + 1;
        last = p + 1;
        if (p + 2 >= l->end)
            break;
    }
    return last;
}

/* A token from l->at, quoted from `quote` on, or else its first character alone. */
static enum sql_token_kind quoted(struct lexer *l, const char *quote, enum sql_token_kind kind)
{
    const char *end = quoted_end(l, quote);

    if (end == NULL) {
        l->at++;
        return SQL_T_UNRECOGNIZED;
    }
    l->at = end;
    return kind;
}

/* -- words */

/* Whether blanks and then `word` stand at *p; moves *p behind it. */
static bool skip_blank_word(const struct lexer *l, const char **p, struct str word)
{
    const char *q = *p;

    while (q < l->end && first[(unsigned char)*q] == C_BLANK)
        q++;
    if (q == *p || (size_t)(l->end - q) < word.n || !str_eq_nocase(str_of(q, word.n), word))
        return false;
    *p = q + word.n;
    return true;
}

/* Presto's lexer has rules for a few sequences of words; the longest match wins over the word. */
static enum sql_token_kind joined_words(struct lexer *l, enum sql_token_kind kind, struct str word)
{
    const char *p = l->at;

    if (kind == SQL_T_IDENTIFIER && str_eq_nocase(word, STR("DOUBLE"))) {
        if (!skip_blank_word(l, &p, STR("PRECISION")))
            return kind;
        l->at = p;
        return SQL_T_DOUBLE_PRECISION;
    }
    if ((kind != SQL_W_TIME && kind != SQL_W_TIMESTAMP) || !skip_blank_word(l, &p, STR("WITH")) ||
        !skip_blank_word(l, &p, STR("TIME")) || !skip_blank_word(l, &p, STR("ZONE")))
        return kind;
    l->at = p;
    return kind == SQL_W_TIME ? SQL_T_TIME_WITH_TIME_ZONE : SQL_T_TIMESTAMP_WITH_TIME_ZONE;
}

static enum sql_token_kind word(struct lexer *l)
{
    const char *start = l->at;
    struct str text;
    enum sql_token_kind kind;

    l->at = word_end(l, start + 1);
    text = str_of(start, (size_t)(l->at - start));
    kind = l->end - start >= 8 ? sql_word_find_wide(start, text.n, l->presto)
                               : sql_word_find(text, l->presto ? DIALECT_PRESTO : DIALECT_TRINO);
    return l->presto ? joined_words(l, kind, text) : kind;
}

/* U&'...' and X'...' and words. */
static enum sql_token_kind prefixed(struct lexer *l, size_t prefix, enum sql_token_kind kind)
{
    const char *quote = l->at + prefix, *end;

    if (kind == SQL_T_BINARY) {
        end = memchr(quote + 1, '\'', (size_t)(l->end - quote - 1));
        end = end != NULL ? end + 1 : NULL;
    } else {
        end = quoted_end(l, quote);
    }
    if (end == NULL)
        return word(l);
    l->at = end;
    return kind;
}

/* -- numbers */

/* DIGIT ('_'? DIGIT)*, or DIGIT+ for Presto, which knows no underscores. */
static const char *digits_end(const struct lexer *l, const char *p)
{
    while (p < l->end && (is_digit(*p) || (*p == '_' && !l->presto && p + 1 < l->end &&
                                           is_digit(p[1]) && is_digit(p[-1]))))
        p++;
    return p;
}

static bool is_of_base(char c, char base)
{
    return base == 'X'   ? is_digit(c) || (upper(c) >= 'A' && upper(c) <= 'F')
           : base == 'O' ? c >= '0' && c <= '7'
                         : c == '0' || c == '1';
}

/* The end of 0x1F, 0o17 or 0b11 at l->at, or l->at. */
static const char *based_end(const struct lexer *l)
{
    char base = upper(ahead(l, 1));
    const char *p = l->at + 2;

    if (l->presto || *l->at != '0' || (base != 'X' && base != 'O' && base != 'B'))
        return l->at;
    for (;;) {
        const char *q = p < l->end && *p == '_' ? p + 1 : p;

        if (q >= l->end || !is_of_base(*q, base))
            break;
        p = q + 1;
    }
    return p > l->at + 2 ? p : l->at;
}

/* The end of an exponent at `p`, or p. */
static const char *exponent_end(const struct lexer *l, const char *p)
{
    const char *q = p + 1;

    if (p >= l->end || upper(*p) != 'E')
        return p;
    if (q < l->end && (*q == '+' || *q == '-'))
        q++;
    if (q >= l->end || !is_digit(*q))
        return p;
    while (q < l->end && is_digit(*q))
        q++;
    return q;
}

static const char *plain_digits_end(const struct lexer *l, const char *p)
{
    while (p < l->end && is_digit(*p))
        p++;
    return p;
}

/* Numbers and identifiers that start with a digit; the longest wins, numbers on a tie. */
static enum sql_token_kind number(struct lexer *l)
{
    enum sql_token_kind kind = SQL_T_INTEGER;
    const char *start = l->at, *plain = plain_digits_end(l, start), *end = digits_end(l, start);
    const char *p = plain, *other;

    if (end < l->end && *end == '.') {
        kind = SQL_T_DECIMAL;
        end++;
        if (end < l->end && is_digit(*end))
            end = digits_end(l, end);
    }
    if (p < l->end && *p == '.')
        p = plain_digits_end(l, p + 1);
    other = exponent_end(l, p);
    if (other > p && other > end) {
        kind = SQL_T_DOUBLE;
        end = other;
    }
    if ((other = based_end(l)) > end) {
        kind = SQL_T_INTEGER;
        end = other;
    }
    if (*start != '.' && (other = word_end(l, start)) > end) {
        kind = SQL_T_DIGIT_IDENTIFIER;
        end = other;
    }
    l->at = end;
    return kind;
}

/* .5 and .5e1 */
static enum sql_token_kind fraction(struct lexer *l)
{
    const char *p = l->at + 1, *end, *exponent;

    if (p >= l->end || !is_digit(*p)) {
        l->at = p;
        return SQL_T_DOT;
    }
    end = digits_end(l, p);
    p = plain_digits_end(l, p);
    exponent = exponent_end(l, p);
    l->at = exponent > end ? exponent : end;
    return exponent > end ? SQL_T_DOUBLE : SQL_T_DECIMAL;
}

/* -- comments and the rest */

/* Skips the comment at l->at; false if there is none. */
static bool skip_comment(struct lexer *l)
{
    size_t left = (size_t)(l->end - l->at);
    const char *end;

    if (*l->at == '-') {
        while (l->at < l->end && *l->at != '\n' && *l->at != '\r')
            l->at++;
        return true;
    }
    if (l->no_comment_end)
        return false;
    end = left >= 4 ? memmem(l->at + 2, left - 2, "*/", 2) : NULL;
    if (end == NULL) {
        l->no_comment_end = true;
        return false;
    }
    l->at = end + 2;
    return true;
}

/* -- the main loop */

static enum sql_token_kind operator_(struct lexer *l, size_t n, enum sql_token_kind kind)
{
    l->at += n;
    return kind;
}

static enum sql_token_kind dollar(struct lexer *l)
{
    const char *end = NULL;

    if (ahead(l, 1) == '$' && !l->no_dollar_end) {
        end = memmem(l->at + 2, (size_t)(l->end - l->at) - 2, "$$", 2);
        l->no_dollar_end = end == NULL;
    }
    l->at = end != NULL ? end + 2 : l->at + 1;
    return end != NULL ? SQL_T_DOLLAR_STRING : SQL_T_DOLLAR;
}

static enum sql_token_kind unrecognized(struct lexer *l)
{
    l->at += character(l, l->at);
    return SQL_T_UNRECOGNIZED;
}

/* Punctuation that Presto does not have. */
static bool is_trino_only(unsigned c)
{
    return c == ':' || c == '^' || c == '$' || c == '{' || c == '}' || c == ';';
}

static enum sql_token_kind punctuation(struct lexer *l, unsigned class)
{
    char next = ahead(l, 1);

    if (l->presto && is_trino_only((unsigned char)*l->at))
        return unrecognized(l);
    switch (class) {
    case C_MINUS:
        return next == '>'                 ? operator_(l, 2, SQL_T_ARROW)
               : next == '}' && !l->presto ? operator_(l, 2, SQL_T_RIGHT_EXCLUSION)
                                           : operator_(l, 1, SQL_T_MINUS);
    case C_LESS:
        return next == '='   ? operator_(l, 2, SQL_T_LTE)
               : next == '>' ? operator_(l, 2, SQL_T_NEQ)
                             : operator_(l, 1, SQL_T_LT);
    case C_GREATER:
        return next == '=' ? operator_(l, 2, SQL_T_GTE) : operator_(l, 1, SQL_T_GT);
    case C_EQUAL:
        return next == '>' ? operator_(l, 2, SQL_T_DOUBLE_ARROW) : operator_(l, 1, SQL_T_EQ);
    case C_BANG:
        return next == '=' ? operator_(l, 2, SQL_T_NEQ) : unrecognized(l);
    case C_BAR:
        return next == '|' ? operator_(l, 2, SQL_T_CONCAT)
               : l->presto ? unrecognized(l)
                           : operator_(l, 1, SQL_T_VERTICAL_BAR);
    case C_DOLLAR:
        return dollar(l);
    case C_BRACE:
        return next == '-' ? operator_(l, 2, SQL_T_LEFT_EXCLUSION)
                           : operator_(l, 1, SQL_T_LEFT_BRACE);
    default:
        return class > 0 && class < SQL_TOKEN_COUNT ? operator_(l, 1, class) : unrecognized(l);
    }
}

/* Reads one token; SQL_T_NONE after blanks or a comment. */
static enum sql_token_kind next_token(struct lexer *l)
{
    unsigned class = first[(unsigned char)*l->at];

    switch (class) {
    case C_LETTER:
        return word(l);
    case C_BLANK:
        do {
            l->at++;
        } while (l->at < l->end && first[(unsigned char)*l->at] == C_BLANK);
        return SQL_T_NONE;
    case C_U:
        return ahead(l, 1) == '&' && ahead(l, 2) == '\'' ? prefixed(l, 2, SQL_T_UNICODE_STRING)
                                                         : word(l);
    case C_X:
        return ahead(l, 1) == '\'' ? prefixed(l, 1, SQL_T_BINARY) : word(l);
    case C_DIGIT:
        return number(l);
    case C_DOT:
        return fraction(l);
    case C_QUOTE:
        return quoted(l, l->at, SQL_T_STRING);
    case C_DOUBLE_QUOTE:
        return quoted(l, l->at, SQL_T_QUOTED_IDENTIFIER);
    case C_BACK_QUOTE:
        return quoted(l, l->at, SQL_T_BACKQUOTED_IDENTIFIER);
    case C_SLASH:
        if (ahead(l, 1) == '*' && skip_comment(l))
            return SQL_T_NONE;
        return operator_(l, 1, SQL_T_SLASH);
    case C_MINUS:
        if (ahead(l, 1) == '-' && skip_comment(l))
            return SQL_T_NONE;
        return punctuation(l, class);
    default:
        return punctuation(l, class);
    }
}

#define SENTINELS 8 /* EOF tokens at the end */

static void grow(struct lexer *l)
{
    struct sql_token *old = l->tokens;
    size_t most = (size_t)(l->end - l->text) + 2 * SENTINELS;

    l->cap = l->cap * 2 < most ? l->cap * 2 : (uint32_t)most;
    l->tokens = arena_alloc(l->arena, (size_t)l->cap * sizeof(*old));
    memcpy(l->tokens, old, l->count * sizeof(*old));
}

static bool lex(struct lexer *l)
{
    while (l->at < l->end) {
        const char *start = l->at;
        enum sql_token_kind kind = next_token(l);

        if (kind == SQL_T_NONE)
            continue;
        if (l->count >= l->max)
            return false;
        if (l->count + SENTINELS >= l->cap)
            grow(l);
        l->tokens[l->count++] = (struct sql_token){.kind = (uint16_t)kind,
                                                   .start = (uint32_t)(start - l->text),
                                                   .end = (uint32_t)(l->at - l->text)};
    }
    return true;
}

uint32_t sql_lex(const struct sql_token **out, struct arena *a, struct str text,
                 enum dialect dialect, uint32_t max)
{
    struct lexer l = {
        .text = text.p,
        .at = text.p,
        .end = text.p + text.n,
        .presto = dialect == DIALECT_PRESTO,
        .word_max = dialect == DIALECT_PRESTO ? 2 : 1,
        .max = max,
        .arena = a,
        .cap = (uint32_t)(text.n / 4 + 2 * SENTINELS),
    };
    uint32_t n = (uint32_t)text.n;

    l.tokens = arena_alloc(a, (size_t)l.cap * sizeof(*l.tokens));
    *out = l.tokens;
    if (!lex(&l))
        return 0;
    for (uint32_t i = 0; i < SENTINELS; i++)
        l.tokens[l.count + i] = (struct sql_token){.kind = SQL_T_EOF, .start = n, .end = n};
    *out = l.tokens;
    return l.count + 1;
}
