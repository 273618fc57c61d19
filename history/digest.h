/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h - what a row says about its SQL beyond the text: fingerprint and tables. */
#ifndef HISTORY_DIGEST_H
#define HISTORY_DIGEST_H

#include "base/mem.h"
#include "protocol/dialect.h"

#define DIGEST_HEX_BYTES 33

struct digest_request {
    struct str sql, dialect, catalog, schema, prepared; /* as of the record */
    uint32_t nesting, tokens;                           /* limits of the parser, 0 = sql/sql.h's */
    bool cut;    /* `sql` is the beginning of a longer text */
    bool redact; /* no part of a literal may be in it, not even of one that is broken */
};

struct digest {
    /* Of the fingerprint, EXECUTE's is that of what it executes; "" when the text was cut. */
    char hash[DIGEST_HEX_BYTES];
    struct str fingerprint; /* its text; in the arena, as `tables` */
    struct str tables;      /* {"catalog.schema.table":"r",...}: r w c d as in sql/facts.h, in
                               this order; empty: none */
    enum dialect dialect;
    bool failed; /* did not parse, though it was whole */
};

void digest_sql(struct digest *out, struct arena *a, const struct digest_request *r);

#endif
