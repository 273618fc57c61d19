/* SPDX-License-Identifier: Apache-2.0 */
/* answers.h - what the gateway says by itself, in the words and shapes of a coordinator.
 *
 * Before a statement exists: HTTP errors as a coordinator has them, one line of plain text.
 * Afterwards: QueryResults documents with an error inside, status 200. */
#ifndef GATEWAY_ANSWERS_H
#define GATEWAY_ANSWERS_H

#include "gateway/uri.h"
#include "protocol/dialect.h"

/* 4xx/5xx with one line of text, worded as a coordinator of that dialect. */
void answer_http(struct http_request *r, enum dialect d, int status, struct str text);

/* A result page that ends the statement with `error_name` (protocol/errors.h). */
struct answer_failure {
    const struct uri_maker *uris; /* of the client */
    struct str id;
    const char *error_name;
    struct str message;
};
void answer_failure(struct http_request *r, const struct answer_failure *f);

/* "Nothing yet, ask again": a page whose nextUri is `next`. */
void answer_again(struct http_request *r, const struct uri_maker *uris, struct str next,
                  bool queued);

/* A query id of our own, in the coordinators' format. */
void answer_new_id(struct lane *l, char out[QUERY_ID_MAX + 1]);

/* Maps codes of ours to the error a client sees. */
const char *answer_error_name(enum err code);

#endif
