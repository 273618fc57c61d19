/* SPDX-License-Identifier: Apache-2.0 */
/* dialect.h - the two dialects of the client protocol. */
#ifndef PROTOCOL_DIALECT_H
#define PROTOCOL_DIALECT_H

#include "base/str.h"

enum dialect { DIALECT_NONE, DIALECT_PRESTO, DIALECT_TRINO };

/* Client capabilities that change how results are written (X-Trino-Client-Capabilities). */
enum {
    CAP_PARAMETRIC_DATETIME = 1 << 0,
    CAP_PATH = 1 << 1,
    CAP_SESSION_AUTHORIZATION = 1 << 2,
    CAP_NUMBER = 1 << 3,
    CAP_VARIANT = 1 << 4,
    CAP_VARIANT_BINARY = 1 << 5,
    CAP_PARAMETRIC_INTERVAL = 1 << 6
};

/* "presto", "trino", "none". */
const char *dialect_name(enum dialect d);

/* The header prefix, "X-Presto-" or "X-Trino-". */
struct str dialect_prefix(enum dialect d);

#endif
