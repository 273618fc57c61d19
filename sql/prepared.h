/* SPDX-License-Identifier: Apache-2.0 */
/* prepared.h - the prepared statements that travel with a request, as the facts want them.
 *
 * Nothing is refused here: an entry that is broken is passed over, for the coordinator to judge.
 * Texts are views of what was given or lie in the arena. */
#ifndef SQL_PREPARED_H
#define SQL_PREPARED_H

#include "base/header.h"
#include "sql/facts.h"

/* More than that of one request are passed over. */
#define SQL_PREPARED_MAX 1000

/* Adds those of one header value: "name=sql, name=sql", form-encoded, Trino's packed ones unpacked.
 */
void sql_prepared_add_list(struct sql_context *c, struct arena *a, struct str list,
                           enum dialect dialect);

/* Adds those of all X-Trino-Prepared-Statement or X-Presto-Prepared-Statement headers. */
void sql_prepared_add_headers(struct sql_context *c, struct arena *a, const struct header *h,
                              size_t n);

/* Whether the facts of `sql` could need prepared statements: EXECUTE, DESCRIBE, EXPLAIN. */
bool sql_prepared_wanted(struct str sql);

/* The values of those headers as one list; empty when there are none. A view, or in the arena. */
struct str sql_prepared_join(struct arena *a, const struct header *h, size_t n);

/* A body of the second version of the protocol: {"query": sql, "preparedStatements": {name: sql}}.
 * Gives the query and adds the prepared statements; false, and nothing is changed, when the body is
 * not such an object. */
MUST_USE bool sql_prepared_read_body(struct sql_context *c, struct str *query, struct arena *a,
                                     struct str body);

#endif
