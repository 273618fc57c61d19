/* SPDX-License-Identifier: Apache-2.0 */
/* dialect.c - see dialect.h. */
#include "protocol/dialect.h"

const char *dialect_name(enum dialect d)
{
    return d == DIALECT_PRESTO ? "presto" : d == DIALECT_TRINO ? "trino" : "none";
}

struct str dialect_prefix(enum dialect d)
{
    return d == DIALECT_PRESTO ? STR("X-Presto-") : STR("X-Trino-");
}
