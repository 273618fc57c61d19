/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint_words.h - how words look in a fingerprint; included by sql/fingerprint.c alone.
 *
 * It is the same whether a word stands for itself, as an identifier, or in quotes, and in both
 * dialects, as no look at the tokens alone can tell these apart. Exceptions are words that mean
 * something else without quotes: those that are reserved anywhere, and a few more. */
#ifndef SQL_FINGERPRINT_WORDS_H
#define SQL_FINGERPRINT_WORDS_H

#include "sql/token.h"

enum word_look {
    LOOK_NAME,     /* lower case, no quotes: as any identifier */
    LOOK_WORD,     /* upper case, no quotes */
    LOOK_RESERVED, /* upper case; as an identifier in quotes */
};

/* Of a word as each dialect's lexer classifies it. */
enum word_look word_look(enum sql_token_kind trino, enum sql_token_kind presto);

/* Whether brackets after the word are those of its arguments. */
bool word_is_call(enum sql_token_kind k);

/* Whether a word may end an operand: x of x - 1. */
bool word_is_operand(enum sql_token_kind k);

#endif
