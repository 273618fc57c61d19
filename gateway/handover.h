/* SPDX-License-Identifier: Apache-2.0 */
/* handover.h - tells the instance that accepted a statement how it ended here. */
#ifndef GATEWAY_HANDOVER_H
#define GATEWAY_HANDOVER_H

#include "gateway/gateway.h"
#include "gateway/stmts.h"

/* Ends `id` (see stmts_end) and passes the news on where they belong; when that instance cannot be
 * found or told, the end is recorded here. */
void handover_end(struct lane *l, struct str id, enum stmt_end how, const struct page_facts *facts);

#endif
