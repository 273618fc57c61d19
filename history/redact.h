/* SPDX-License-Identifier: Apache-2.0 */
/* redact.h - SQL text without its literals. */
#ifndef HISTORY_REDACT_H
#define HISTORY_REDACT_H

#include "base/str.h"

/* Appends `sql` with every literal replaced by `?`: '…' with its prefix (U&, X), numbers, $$…$$.
 * The content of comments becomes `?` too, for code in them has literals as well. "Quoted
 * identifiers" and `such` stay. Never longer than `sql`; a text cut anywhere shows no part of a
 * literal. */
void redact_sql(struct buf *out, struct str sql);

#endif
