/* SPDX-License-Identifier: Apache-2.0 */
/* news.h - the message by which one instance tells another how a statement ended: one flat JSON
 * object of at most some kB. Members that a version does not know are ignored, those that are
 * missing stay empty. Pure. */
#ifndef GATEWAY_NEWS_H
#define GATEWAY_NEWS_H

#include "gateway/ended.h"

/* The literals of the error's text are left out: no SQL leaves the instance. */
void news_write(struct buf *out, const struct ended *d);

/* Texts of `d` are views of `news` or in the arena. False when it is no such message. */
bool news_read(struct arena *a, struct str news, struct ended *d);

#endif
