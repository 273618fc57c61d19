/* SPDX-License-Identifier: Apache-2.0 */
/* value.h - transcodes the rows of "data" from one dialect to the other, column by column.
 *
 * A plan is compiled once a page from the columns' types; rows are then converted token by token,
 * bytes that are alike in both dialects are copied in runs. Used by page.c only. */
#ifndef PROTOCOL_VALUE_H
#define PROTOCOL_VALUE_H

#include "base/json_scan.h"
#include "protocol/type.h"

struct value_plan; /* in the arena it was compiled into */

/* A column as the cluster sends it and as the client is told. */
struct value_column {
    const struct type *from, *to;
};

const struct value_plan *value_compile(struct arena *a, enum dialect to,
                                       const struct value_column *columns, size_t n);

/* Converts the array of rows at `s` to the end of `out` and counts them. ERR_UPSTREAM, or ERR_LIMIT
 * when `out` is full. */
MUST_USE int value_put_rows(struct buf *out, struct jscan *s, const struct value_plan *plan,
                            uint64_t *rows, struct error *err);

#endif
