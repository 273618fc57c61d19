/* SPDX-License-Identifier: Apache-2.0 */
/* handlers.h - what serves each kind of request (front.c chooses). Each takes the request over. */
#ifndef GATEWAY_HANDLERS_H
#define GATEWAY_HANDLERS_H

#include "gateway/exchange.h"

/* POST and PUT of statements. */
void handle_submit(struct lane *l, struct http_request *r);

/* GET, HEAD and DELETE of statement URIs with a ticket. */
void handle_poll(struct lane *l, struct http_request *r);

/* /v1/query/{id}…, /v1/spooled/…, /ui/…, /oauth2/…, /v1/info… and the rest of a coordinator. */
void handle_resource(struct lane *l, struct http_request *r);

/* Any request of a client listener. */
void handle_front(struct http_request *r);

/* Any request of the admin listener. */
void handle_admin(struct http_request *r);

/* Adds what a cluster said about authentication or elsewhere, with its own URIs replaced by the
 * gateway's: WWW-Authenticate of OAuth2 flows, Location. Empty values add nothing. */
void handlers_put_challenge(struct exchange *x, struct str challenge);
void handlers_put_location(struct exchange *x, struct str location);

#endif
