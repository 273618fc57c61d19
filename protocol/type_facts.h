/* SPDX-License-Identifier: Apache-2.0 */
/* type_facts.h - one row of the table of types, shared by type.c and type_print.c only. */
#ifndef PROTOCOL_TYPE_FACTS_H
#define PROTOCOL_TYPE_FACTS_H

#include "protocol/type.h"

struct type_facts {
    const char *name; /* as in rawType */
    enum type_shape shape;
    enum type_kind presto, trino; /* what a client of that dialect is told instead */
};

const struct type_facts *type_facts(enum type_kind kind);

#endif
