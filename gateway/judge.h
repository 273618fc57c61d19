/* SPDX-License-Identifier: Apache-2.0 */
/* judge.h - may a cluster's answer about a statement go to the client? One table of decisions for
 * submissions and polls. */
#ifndef GATEWAY_JUDGE_H
#define GATEWAY_JUDGE_H

#include "gateway/exchange.h"

enum judgement {
    JUDGE_PAGE, /* 200: a result page, or what ought to be one */
    JUDGE_PASS, /* another status that a coordinator gives: passed on, its URIs replaced */
    JUDGE_TEXT, /* a status worth passing, a body that is not (HTML of something in between) */
    JUDGE_FAIL  /* not an answer of a coordinator: out of order, or sends the client elsewhere */
};

/* `err` says why on JUDGE_FAIL. */
enum judgement judge_answer(const struct exchange *x, const struct engine_head *head,
                            struct error *err);

/* JUDGE_TEXT: answers with the status and a line of ours; the exchange ends. */
void judge_answer_text(struct exchange *x, int status);

/* True when `uri` leads to the cluster of the exchange; `*path` is its path and query. */
bool judge_is_own(const struct exchange *x, struct str uri, struct str *path);

#endif
