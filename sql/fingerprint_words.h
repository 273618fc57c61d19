/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint_words.h - how words look in a fingerprint; included by sql/fingerprint*.c alone.
 *
 * It is the same whether a word stands for itself, as an identifier, or in quotes, and in both
 * dialects, as no look at the tokens alone can tell these apart. Exceptions are words that mean
 * something else without quotes: those that are reserved anywhere, and a few more. */
#ifndef SQL_FINGERPRINT_WORDS_H
#define SQL_FINGERPRINT_WORDS_H

#include "sql/token.h"

enum {
    WORD_UPPER = 1 << 0,  /* else lower case: as any identifier */
    WORD_QUOTED = 1 << 1, /* an identifier of these letters keeps its quotes */
    WORD_RESERVED = WORD_UPPER | WORD_QUOTED,
    WORD_CALL = 1 << 2,   /* brackets after the word are those of its arguments */
    WORD_OPERAND = 1 << 3 /* may end an operand, though it is reserved */
};

extern const uint8_t words_reserved[SQL_TOKEN_COUNT], words_known[SQL_TOKEN_COUNT];

/* 0 for what is no word. */
static inline unsigned word_flags(enum sql_token_kind k)
{
    return words_reserved[k] | words_known[k];
}

/* Whether x - 1 is a difference after word x. */
static inline bool word_is_operand(enum sql_token_kind k)
{
    unsigned flags = word_flags(k);

    return !(flags & WORD_QUOTED) || (flags & WORD_OPERAND);
}

#endif
