/* SPDX-License-Identifier: Apache-2.0 */
/* token.h - the lexer: from text to an array of tokens, and the words of both grammars.
 *
 * One enum holds punctuation, literals and words; node.op holds values of it. A word that a
 * dialect does not know at all is an SQL_T_IDENTIFIER there. */
#ifndef SQL_TOKEN_H
#define SQL_TOKEN_H

#include "base/mem.h"
#include "protocol/dialect.h"

enum sql_token_kind {
    SQL_T_NONE, /* also "no op" in a node */
    SQL_T_EOF,
    SQL_T_DOT,
    SQL_T_LEFT_PAREN,
    SQL_T_RIGHT_PAREN,
    SQL_T_COMMA,
    SQL_T_DOUBLE_ARROW, /* => */
    SQL_T_ARROW,        /* -> */
    SQL_T_LEFT_BRACKET,
    SQL_T_RIGHT_BRACKET,
    SQL_T_COLON,
    SQL_T_VERTICAL_BAR,
    SQL_T_CIRCUMFLEX,
    SQL_T_DOLLAR,
    SQL_T_LEFT_EXCLUSION,  /* {- */
    SQL_T_RIGHT_EXCLUSION, /* -} */
    SQL_T_LEFT_BRACE,
    SQL_T_RIGHT_BRACE,
    SQL_T_EQ,
    SQL_T_NEQ, /* <> and != */
    SQL_T_LT,
    SQL_T_LTE,
    SQL_T_GT,
    SQL_T_GTE,
    SQL_T_PLUS,
    SQL_T_MINUS,
    SQL_T_ASTERISK,
    SQL_T_SLASH,
    SQL_T_PERCENT,
    SQL_T_CONCAT,
    SQL_T_QUESTION_MARK,
    SQL_T_SEMICOLON,
    SQL_T_STRING,
    SQL_T_UNICODE_STRING,
    SQL_T_DOLLAR_STRING,
    SQL_T_BINARY,
    SQL_T_INTEGER,
    SQL_T_DECIMAL,
    SQL_T_DOUBLE,
    SQL_T_IDENTIFIER,
    SQL_T_DIGIT_IDENTIFIER,
    SQL_T_QUOTED_IDENTIFIER,
    SQL_T_BACKQUOTED_IDENTIFIER,
    SQL_T_DOUBLE_PRECISION, /* Presto alone: these words are one token there, from the first to */
    SQL_T_TIME_WITH_TIME_ZONE, /* the last; for Trino they are several */
    SQL_T_TIMESTAMP_WITH_TIME_ZONE,
    SQL_T_UNRECOGNIZED,
    SQL_T_FIRST_WORD,
    SQL_W_BEFORE_FIRST_ = SQL_T_FIRST_WORD - 1,
/* WORD(NAME, trino, presto): R reserved, N non-reserved (may be an identifier), A absent */
#define WORD(name, trino, presto) SQL_W_##name,
#include "sql/words.def"
#undef WORD
    SQL_TOKEN_COUNT
};

struct sql_token {
    uint16_t kind; /* enum sql_token_kind */
    uint16_t unused_;
    uint32_t start, end; /* bytes of the text; EOF: both its length */
};

/* How a kind is shown in messages and printed: "SELECT", "<=", "<EOF>". Static. */
struct str sql_token_text(enum sql_token_kind kind);

/* Whether `word` may stand as an identifier in `dialect`. */
bool sql_word_is_identifier(enum sql_token_kind word, enum dialect dialect);

/* The word (in any case) or SQL_T_IDENTIFIER. */
enum sql_token_kind sql_word_find(struct str text, enum dialect dialect);

/* Splits `text` into tokens, comments and blanks dropped, an EOF at the end (and seven more behind
 * it that do not count, so that one may look ahead without asking); never fails (what no
 * rule matches is SQL_T_UNRECOGNIZED). Returns the count, or 0 when there were more than `max`. */
uint32_t sql_lex(const struct sql_token **out, struct arena *a, struct str text,
                 enum dialect dialect, uint32_t max);

#endif
