/* SPDX-License-Identifier: Apache-2.0 */
/* errors.h - the error names and numbers of both dialects (docs/protocol.md, "Error codes").
 *
 * The name is the key; numbers differ above 42. Used to translate errors of clusters and to state
 * the gateway's own. Constant tables, any thread. */
#ifndef PROTOCOL_ERRORS_H
#define PROTOCOL_ERRORS_H

#include "protocol/dialect.h"

struct error_code {
    struct str name;
    struct str type; /* USER_ERROR, INTERNAL_ERROR, INSUFFICIENT_RESOURCES, EXTERNAL */
    int code;
};

/* What a client of dialect `d` is told for the error `name` of either dialect. False when the name
 * is in no table. */
bool errors_find(enum dialect d, struct str name, struct error_code *out);

/* The error with number `code` in dialect `d`. */
bool errors_find_code(enum dialect d, uint64_t code, struct error_code *out);

/* What a client of dialect `to` is told for the error `from` of a cluster of the other one (name
 * and type may be empty). An error of a connector stays; a standard one newer than the table
 * becomes the generic one of its type. */
struct error_code errors_translate(enum dialect to, struct error_code from);

/* The number of the warning `name` in dialect `d`, or `otherwise`. */
int errors_warning_code(enum dialect d, struct str name, int otherwise);

#endif
