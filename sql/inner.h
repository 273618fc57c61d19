/* SPDX-License-Identifier: Apache-2.0 */
/* inner.h - statements in statements: EXPLAIN, PREPARE, EXECUTE; included by sql/facts*.c alone. */
#ifndef SQL_INNER_H
#define SQL_INNER_H

#include "sql/gather.h"

void gather_explain(struct gather *g, struct sql_node *n);
void gather_prepare(struct gather *g, struct sql_node *n);
void gather_deallocate(struct gather *g, struct sql_node *n);
void gather_execute(struct gather *g, struct sql_node *n);
void gather_execute_immediate(struct gather *g, struct sql_node *n);
void gather_describe(struct gather *g, struct sql_node *n);

#endif
