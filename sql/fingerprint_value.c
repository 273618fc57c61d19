/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint_value.c - see fingerprint_value.h. The list ends with an EOF token, which no rule
 * takes: none looks past it. */
#include "sql/fingerprint_value.h"

/* The place after a string that begins at `i`; `i` when there is none. */
static uint32_t skip_string(const struct sql_token *t, uint32_t i)
{
    if (kind_at(t, i) == SQL_T_STRING)
        return i + 1;
    if (kind_at(t, i) != SQL_T_UNICODE_STRING)
        return i;
    if (kind_at(t, i + 1) == SQL_W_UESCAPE && kind_at(t, i + 2) == SQL_T_STRING)
        return i + 3;
    return i + 1;
}

static uint32_t skip_interval(const struct sql_token *t, uint32_t i)
{
    uint32_t at = i + 1, end;

    if (is_sign(kind_at(t, at)))
        at++;
    end = skip_string(t, at);
    if (end == at)
        return i;
    if (kind_at(t, end) >= SQL_T_FIRST_WORD)
        end++;
    if (kind_at(t, end) == SQL_W_TO && kind_at(t, end + 1) >= SQL_T_FIRST_WORD)
        end += 2;
    return end;
}

/* DATE '...': a type's name right before a string. */
static uint32_t skip_typed(const struct sql_token *t, uint32_t i)
{
    uint32_t at = i + 1, end;

    switch (kind_at(t, i)) {
    case SQL_W_DOUBLE:
        at += kind_at(t, at) == SQL_W_PRECISION;
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
    end = skip_string(t, at);
    return end == at ? i : end;
}

/* The place after a value that begins at `i`, a signless one; `i` when there is none. */
uint32_t fingerprint_skip_value(const struct sql_token *t, uint32_t i)
{
    enum sql_token_kind k = kind_at(t, i);

    if (is_number(k) || k == SQL_T_QUESTION_MARK || k == SQL_T_BINARY || k == SQL_T_DOLLAR_STRING)
        return i + 1;
    if (k == SQL_T_STRING || k == SQL_T_UNICODE_STRING)
        return skip_string(t, i);
    if (k == SQL_W_INTERVAL)
        return skip_interval(t, i);
    return skip_typed(t, i);
}

/* ... of an item of a list. */
static uint32_t skip_scalar(const struct sql_token *t, uint32_t i)
{
    enum sql_token_kind k = kind_at(t, i);

    if (k == SQL_W_NULL || k == SQL_W_TRUE || k == SQL_W_FALSE)
        return i + 1;
    if (is_sign(k) && is_number(kind_at(t, i + 1)))
        return i + 2;
    return fingerprint_skip_value(t, i);
}

/* A value, or a row of them in as many brackets as there may be. */
uint32_t fingerprint_skip_item(const struct sql_token *t, uint32_t i)
{
    uint32_t at = i, depth = 0;

    for (;;) {
        uint32_t end;

        at += kind_at(t, at) == SQL_W_ROW && kind_at(t, at + 1) == SQL_T_LEFT_PAREN;
        if (kind_at(t, at) == SQL_T_LEFT_PAREN) {
            at++;
            depth++;
            continue;
        }
        end = skip_scalar(t, at);
        if (end == at)
            return i;
        for (at = end; depth > 0 && kind_at(t, at) == SQL_T_RIGHT_PAREN; at++)
            depth--;
        if (depth == 0)
            return at;
        if (kind_at(t, at++) != SQL_T_COMMA)
            return i;
    }
}
