/* SPDX-License-Identifier: Apache-2.0 */
/* parse_json.h - clauses that the JSON functions and JSON_TABLE share. */
#ifndef SQL_PARSE_JSON_H
#define SQL_PARSE_JSON_H

#include "sql/parse_expression.h"

/* jsonPathInvocation */
struct sql_node *parse_json_path(struct parser *p);
/* FORMAT JSON (ENCODING x)?, if it comes; sets F_FORMAT and op2. */
void parse_json_format(struct parser *p, struct sql_node *n);
/* The wrapper and quotes clauses, as flags. */
void parse_json_wrapper(struct parser *p, struct sql_node *n);
/* x ON EMPTY, x ON ERROR: of a query, or of a value. */
void parse_json_behaviors(struct parser *p, bool query, struct sql_node **empty,
                          struct sql_node **error);

#endif
