/* SPDX-License-Identifier: Apache-2.0 */
/* parse_error.h - what parse.c needs of parse_error.c. */
#ifndef SQL_PARSE_ERROR_H
#define SQL_PARSE_ERROR_H

#include "sql/parse.h"

/* Switches the notes on. */
void expected_begin(struct parser *p);

/* Forgets all that was asked for at the next token and beyond. */
void expected_rewind(struct parser *p);

/* Writes the message of the furthest token into p->error. */
void expected_message(struct parser *p);

/* Whether the text is UTF-8; else s->error says where it is not. */
bool check_utf8(struct sql_statement *s);

#endif
