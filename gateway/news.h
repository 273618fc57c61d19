/* SPDX-License-Identifier: Apache-2.0 */
/* news.h - the message by which one instance tells another how a statement ended: one flat JSON
 * object of at most some kB. Members that a version does not know are ignored, those that are
 * missing stay empty. Pure. */
#ifndef GATEWAY_NEWS_H
#define GATEWAY_NEWS_H

#include "base/mem.h"
#include "gateway/stmts.h"
#include "history/history.h"

void news_write(struct buf *out, const struct history_end *e, enum stmt_end how);

/* Texts of `e` are views of `news` or in the arena. False when it is no such message. */
bool news_read(struct arena *a, struct str news, struct history_end *e, enum stmt_end *how);

#endif
