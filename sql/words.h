/* SPDX-License-Identifier: Apache-2.0 */
/* words.h - what the lexer alone needs of the words. */
#ifndef SQL_WORDS_H
#define SQL_WORDS_H

#include "sql/token.h"

/* As sql_word_find(), but may read up to eight bytes at `p` whatever `n` says. */
enum sql_token_kind sql_word_find_wide(const char *p, size_t n, bool presto);

#endif
