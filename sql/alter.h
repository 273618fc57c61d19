/* SPDX-License-Identifier: Apache-2.0 */
/* alter.h - what the parsers of ALTER share; included by sql/parse_alter*.c alone. */
#ifndef SQL_ALTER_H
#define SQL_ALTER_H

#include "sql/statement.h"

/* What ALTER was said of, when its next word has been read. */
struct altered {
    uint16_t object;        /* TABLE, VIEW, ... */
    struct sql_node *kind;  /* the same as it was written */
    struct sql_node *name;  /* NAME */
    struct sql_node *table; /* the same as a TABLE, of ALTER TABLE alone */
};

typedef struct sql_node *alter_parser(struct parser *p, const struct opening *o,
                                      const struct altered *what);

alter_parser parse_rename_to;         /* after RENAME */
alter_parser parse_set_authorization; /* after SET */
alter_parser parse_set_properties;    /* after SET */

branch_parser parse_alter_table; /* before TABLE */

#endif
