/* SPDX-License-Identifier: Apache-2.0 */
/* uri.h - the URIs that the gateway hands out, and how it reads them back.
 *
 * Shapes (docs/protocol.md "URIs"): polls keep the shape of the client's dialect, the ticket stands
 * where a coordinator has its slug:
 *   Trino   /v1/statement/{queued|executing}/{id}/{ticket}/{token}
 *   Presto  /v1/statement/{queued|executing}/{id}/{token}?slug={ticket}
 *   both    /v1/statement/executing/partialCancel/{id}/{ticket}     /ui/query.html?{id}
 *           /v1/spooled/{ticket}                                     /v1/relay/{ticket} */
#ifndef GATEWAY_URI_H
#define GATEWAY_URI_H

#include "gateway/gateway.h"

/* Scheme, host and prefix that the client sees: external_url, else what a trusted proxy says (RFC
 * 7239 Forwarded, X-Forwarded-Proto/Host/Port/Prefix), else the Host header. No slash at the end.
 */
void uri_base(const struct lane *l, const struct http_request *r, struct buf *out);

/* The header lines about the client that a cluster gets: X-Forwarded-For, with the chain of trusted
 * proxies, and X-Forwarded-Proto, -Host, -Port as in `base`, which is what uri_base() says. */
void uri_forwarded(const struct lane *l, const struct http_request *r, struct str base,
                   struct buf *out);

/* The URI for the cluster's `uri` of statement `id`. False when `uri` is no URI. */
struct uri_maker {
    struct lane *lane;
    struct str base;
    enum dialect client, cluster;
    unsigned capabilities;
    struct str backend;
    struct str id;     /* empty: taken from the cluster's URI */
    struct str prefix; /* X-Presto-Prefix-Url: URIs become {prefix}{base64url of the URI} */
};
bool uri_for_client(const struct uri_maker *m, enum scan_uri kind, struct str uri, struct buf *out);

/* Takes over what a Presto client says to put before its URIs, unless it is no URL. Borrowed. */
void uri_set_prefix(struct uri_maker *m, struct str prefix);

/* A sealed reference to any other resource of a cluster: {base}{place}{ticket}. */
void uri_relay(const struct uri_maker *m, enum ticket_kind kind, struct str place, struct str path,
               struct buf *out);

/* What a request path names. */
struct uri_target {
    struct str phase, id, ticket, token; /* token with the query behind it cut off */
    /* Further arguments of the client, "a=b&c=d": those behind the slug, or else before it. */
    struct str extra;
};
bool uri_read_poll(struct str target, struct uri_target *out);

/* May `s` be the id of a query? (Only such ids stand in URIs.) */
bool uri_is_query_id(struct str s);

/* "/v1/statement/queued/ID/…" and the like: the query id in a cluster's path, or empty. */
struct str uri_query_id(struct str path);

bool uri_trusted(const struct lane *l, const struct http_request *r);

#endif
