/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint_value.h - where values end; included by sql/fingerprint*.c alone.
 *
 * Each function is given a list of tokens and the place of one, and returns the place after the
 * value that begins there, or the same place when there is none. */
#ifndef SQL_FINGERPRINT_VALUE_H
#define SQL_FINGERPRINT_VALUE_H

#include "sql/token.h"

static inline enum sql_token_kind kind_at(const struct sql_token *t, uint32_t i)
{
    return (enum sql_token_kind)t[i].kind;
}

static inline bool is_number(enum sql_token_kind k)
{
    return k == SQL_T_INTEGER || k == SQL_T_DECIMAL || k == SQL_T_DOUBLE;
}

static inline bool is_sign(enum sql_token_kind k)
{
    return k == SQL_T_PLUS || k == SQL_T_MINUS;
}

/* A literal without a sign, or a parameter. */
uint32_t fingerprint_skip_value(const struct sql_token *t, uint32_t i);

/* An item of a list: a literal with or without a sign, NULL, TRUE, FALSE, or a row of such in as
 * many brackets as there may be. */
uint32_t fingerprint_skip_item(const struct sql_token *t, uint32_t i);

#endif
