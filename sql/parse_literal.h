/* SPDX-License-Identifier: Apache-2.0 */
/* parse_literal.h - literals, for the files that read expressions. */
#ifndef SQL_PARSE_LITERAL_H
#define SQL_PARSE_LITERAL_H

#include "sql/parse.h"

static inline bool is_string(enum sql_token_kind kind)
{
    return kind == SQL_T_STRING || kind == SQL_T_UNICODE_STRING;
}

static inline bool is_number(enum sql_token_kind kind)
{
    return kind >= SQL_T_INTEGER && kind <= SQL_T_DOUBLE;
}

/* What stands between the quotes of `text`, of a string or an identifier; a doubled one for one. */
struct str unquote(struct parser *p, struct str text);

/* Whether a string comes, and <string> is welcome. */
bool at_string(struct parser *p);

/* A number comes, or with `negative` a '-' and then one. */
struct sql_node *parse_number(struct parser *p, bool negative);
/* A X'...' comes. */
struct sql_node *parse_binary(struct parser *p);

/* Whether INTERVAL comes and opens a literal. */
bool is_interval(const struct parser *p);
bool is_interval_field(enum sql_token_kind kind);
uint16_t parse_interval_field(struct parser *p);

#endif
