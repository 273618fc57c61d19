/* SPDX-License-Identifier: Apache-2.0 */
/* words.c - the words of both grammars: looking them up, and naming tokens.
 *
 * A word is looked up by two loads of eight bytes, or'ed with 0x20: that folds the case of letters
 * and keeps all characters of identifiers apart (a-z, 0-9, '_' -> 0x7f, '@' -> 0x60, ':'). The hash
 * table is written by scripts/words. */
#include "sql/words.h"

struct word_row {
    uint64_t head, tail;
    uint8_t length;
    char name[23];
};

#include "sql/words_hash.h"

#define FOLD 0x2020202020202020ULL

/* What a word is in a dialect. */
enum word_class { A, N, R };
static const uint8_t classes[2][SQL_TOKEN_COUNT] = {
    {
#define WORD(name, trino, presto) [SQL_W_##name] = (trino),
#include "sql/words.def"
#undef WORD
    },
    {
#define WORD(name, trino, presto) [SQL_W_##name] = (presto),
#include "sql/words.def"
#undef WORD
    },
};

/* The n <= 8 bytes at `p`, little endian, the rest zero. */
static uint64_t load(const char *p, size_t n)
{
    uint64_t v = 0;

    memcpy(&v, p, n);
    return v;
}

static enum sql_token_kind find(uint64_t head, uint64_t tail, struct str text, bool presto)
{
    uint64_t hash = ((head ^ tail << 1) + text.n) * WORD_MULTIPLIER;
    unsigned number;

    for (size_t i = hash >> WORD_SHIFT; (number = word_slots[i]) != 0; i = (i + 1) % WORD_SLOTS) {
        const struct word_row *row = &word_rows[number - 1];
        enum sql_token_kind kind = SQL_W_BEFORE_FIRST_ + number;

        if (row->head != head || row->tail != tail || row->length != text.n)
            continue;
        if (text.n > 16 && !str_eq_nocase(text, str_of(row->name, row->length)))
            continue;
        return classes[presto][kind] == A ? SQL_T_IDENTIFIER : kind;
    }
    return SQL_T_IDENTIFIER;
}

enum sql_token_kind sql_word_find(struct str text, enum dialect dialect)
{
    uint64_t head, tail = 0;

    if (text.n < 2 || text.n > WORD_LENGTH_MAX)
        return SQL_T_IDENTIFIER;
    if (text.n >= 8) {
        head = load(text.p, 8) | FOLD;
        if (text.n > 8)
            tail = load(text.p + text.n - 8, 8) | FOLD;
    } else {
        head = load(text.p, text.n) | FOLD >> (64 - 8 * text.n);
    }
    return find(head, tail, text, dialect == DIALECT_PRESTO);
}

enum sql_token_kind sql_word_find_wide(const char *p, size_t n, bool presto)
{
    uint64_t head, tail = 0;

    if (n < 2 || n > WORD_LENGTH_MAX)
        return SQL_T_IDENTIFIER;
    head = load(p, 8) | FOLD;
    if (n < 8)
        head &= ~0ULL >> (64 - 8 * n);
    else if (n > 8)
        tail = load(p + n - 8, 8) | FOLD;
    return find(head, tail, str_of(p, n), presto);
}

bool sql_word_is_identifier(enum sql_token_kind word, enum dialect dialect)
{
    return word < SQL_TOKEN_COUNT && classes[dialect == DIALECT_PRESTO][word] == N;
}

#define TEXT(s)                                                                                    \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }
static const struct str texts[SQL_TOKEN_COUNT] = {
    [SQL_T_NONE] = TEXT(""),
    [SQL_T_EOF] = TEXT("<EOF>"),
    [SQL_T_DOT] = TEXT("."),
    [SQL_T_LEFT_PAREN] = TEXT("("),
    [SQL_T_RIGHT_PAREN] = TEXT(")"),
    [SQL_T_COMMA] = TEXT(","),
    [SQL_T_DOUBLE_ARROW] = TEXT("=>"),
    [SQL_T_ARROW] = TEXT("->"),
    [SQL_T_LEFT_BRACKET] = TEXT("["),
    [SQL_T_RIGHT_BRACKET] = TEXT("]"),
    [SQL_T_COLON] = TEXT(":"),
    [SQL_T_VERTICAL_BAR] = TEXT("|"),
    [SQL_T_CIRCUMFLEX] = TEXT("^"),
    [SQL_T_DOLLAR] = TEXT("$"),
    [SQL_T_LEFT_EXCLUSION] = TEXT("{-"),
    [SQL_T_RIGHT_EXCLUSION] = TEXT("-}"),
    [SQL_T_LEFT_BRACE] = TEXT("{"),
    [SQL_T_RIGHT_BRACE] = TEXT("}"),
    [SQL_T_EQ] = TEXT("="),
    [SQL_T_NEQ] = TEXT("<>"),
    [SQL_T_LT] = TEXT("<"),
    [SQL_T_LTE] = TEXT("<="),
    [SQL_T_GT] = TEXT(">"),
    [SQL_T_GTE] = TEXT(">="),
    [SQL_T_PLUS] = TEXT("+"),
    [SQL_T_MINUS] = TEXT("-"),
    [SQL_T_ASTERISK] = TEXT("*"),
    [SQL_T_SLASH] = TEXT("/"),
    [SQL_T_PERCENT] = TEXT("%"),
    [SQL_T_CONCAT] = TEXT("||"),
    [SQL_T_QUESTION_MARK] = TEXT("?"),
    [SQL_T_SEMICOLON] = TEXT(";"),
    [SQL_T_STRING] = TEXT("STRING"),
    [SQL_T_UNICODE_STRING] = TEXT("UNICODE_STRING"),
    [SQL_T_DOLLAR_STRING] = TEXT("DOLLAR_STRING"),
    [SQL_T_BINARY] = TEXT("BINARY_LITERAL"),
    [SQL_T_INTEGER] = TEXT("INTEGER_VALUE"),
    [SQL_T_DECIMAL] = TEXT("DECIMAL_VALUE"),
    [SQL_T_DOUBLE] = TEXT("DOUBLE_VALUE"),
    [SQL_T_IDENTIFIER] = TEXT("IDENTIFIER"),
    [SQL_T_DIGIT_IDENTIFIER] = TEXT("DIGIT_IDENTIFIER"),
    [SQL_T_QUOTED_IDENTIFIER] = TEXT("QUOTED_IDENTIFIER"),
    [SQL_T_BACKQUOTED_IDENTIFIER] = TEXT("BACKQUOTED_IDENTIFIER"),
    [SQL_T_DOUBLE_PRECISION] = TEXT("DOUBLE_PRECISION"),
    [SQL_T_TIME_WITH_TIME_ZONE] = TEXT("TIME_WITH_TIME_ZONE"),
    [SQL_T_TIMESTAMP_WITH_TIME_ZONE] = TEXT("TIMESTAMP_WITH_TIME_ZONE"),
    [SQL_T_UNRECOGNIZED] = TEXT("UNRECOGNIZED"),
#define WORD(name, trino, presto) [SQL_W_##name] = TEXT(#name),
#include "sql/words.def"
#undef WORD
};

struct str sql_token_text(enum sql_token_kind kind)
{
    return kind < SQL_TOKEN_COUNT ? texts[kind] : texts[SQL_T_NONE];
}
