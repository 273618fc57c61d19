/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_sql_peek.c - any text as a statement: nothing fails, views stay inside it, and comments
 * before it change nothing. */
#include "protocol/sql_peek.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static bool is_inside(struct str part, struct str whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct str sql = str_of((const char *)data, size), longer;
    struct sql_peek one, two;

    sql_peek(&one, &a, sql);
    check(one.kind <= PEEK_ROLLBACK && one.inner.n <= size && one.query_id.n <= size);
    check(is_inside(one.rest, sql) && is_inside(one.query_id_literal, sql));
    check((one.query_id_literal.n > 0) == (one.kind == PEEK_KILL_QUERY));
    longer = arena_printf(&a, "/* x */ -- y\n%.*s", (int)(size < 100000 ? size : 0), sql.p);
    if (memchr(data, 0, size) == NULL && size < 100000 && size > 0) {
        sql_peek(&two, &a, longer);
        check(two.kind == one.kind && str_eq(two.inner, one.inner) && str_eq(two.rest, one.rest) &&
              str_eq(two.query_id, one.query_id));
    }
    arena_reset(&a);
    return 0;
}
