/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_split.c - any bytes as a script: the statements stand in it in order, none is empty, and
 * what is left of it always shrinks. */
#include "sql/sql.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void split(struct str script, enum dialect dialect)
{
    struct str rest = script, statement;
    const char *at = script.p;

    while (sql_split(&rest, &statement, dialect)) {
        must(statement.n > 0 && statement.p >= at);
        must(statement.p + statement.n <= rest.p);
        must(rest.p + rest.n == script.p + script.n);
        at = rest.p;
    }
    must(rest.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str script = {(const char *)data, size};

    split(script, DIALECT_TRINO);
    split(script, DIALECT_PRESTO);
    return 0;
}
