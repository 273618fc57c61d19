/* SPDX-License-Identifier: Apache-2.0 */
/* http_head.h - heads and bodies of HTTP/1.1 messages (RFC 9112): parsing, framing, writing.
 *
 * Pure functions over bytes. Results are views of the input. Strict where leniency is known to let
 * requests be smuggled: no obsolete line folding, no blank before the colon, no bare CR, no NUL,
 * one consistent Content-Length, never both Content-Length and Transfer-Encoding, and no other
 * transfer coding than chunked. */
#ifndef BASE_HTTP_HEAD_H
#define BASE_HTTP_HEAD_H

#include "base/header.h"

enum http_body {
    HTTP_BODY_NONE,
    HTTP_BODY_LENGTH,  /* `length` bytes */
    HTTP_BODY_CHUNKED, /* chunks until the empty one */
    HTTP_BODY_TO_END   /* responses only: until the connection closes */
};

struct http_head {
    struct str method, target; /* requests */
    struct str host;           /* requests: exactly one in HTTP/1.1 (RFC 9112 3.2) */
    int status;                /* responses */
    struct str reason;
    int minor;              /* HTTP/1.x */
    struct header *headers; /* the caller's array */
    size_t count, capacity;
    enum http_body body;
    uint64_t length;
    bool keep_alive;
    bool expect_continue; /* requests: Expect: 100-continue */
    size_t used;          /* bytes of the head, with its empty line */
};

/* OK: complete. ERR_BUSY: more bytes are needed. ERR_INVALID: no HTTP/1 head; ERR_LIMIT: more than
 * `capacity` header fields. `h->headers` and `h->capacity` are set by the caller. A limit on bytes
 * is the caller's: `from` lets a growing head be searched for its end only once (bytes known to
 * hold no end); pass 0 when in doubt. */
MUST_USE int http_parse_request(struct http_head *h, struct str bytes, size_t from,
                                struct error *err);
/* `head_request`: the response answers a HEAD and has no body whatever it says. */
MUST_USE int http_parse_response(struct http_head *h, struct str bytes, bool head_request,
                                 struct error *err);

/* The first field of that name (compared without case), or an empty value with p == NULL. */
struct str http_header(const struct http_head *h, struct str name);

/* True when the comma-separated list `value` holds `token` (without case, parameters ignored). */
bool http_list_has(struct str value, struct str token);

/* Decoder of the chunked coding; a zeroed struct is at its beginning. */
struct http_chunks {
    uint64_t left; /* of the current chunk */
    uint8_t state;
    uint8_t digits;
    uint16_t extra; /* bytes of extensions and trailers so far: bounded */
    bool done;
};

/* Takes bytes off the front of `*in` and sets `*piece` to the next run of payload (a view; empty
 * when only framing was consumed). Call until `in` is empty or `done`. ERR_INVALID on bad framing.
 */
MUST_USE int http_chunks_next(struct http_chunks *d, struct str *in, struct str *piece,
                              struct error *err);

/* The standard phrase of a status code, "" when unknown. */
const char *http_reason(int status);

/* Splits `http[s]://host[:port][/path]`; host without the brackets of an IPv6 literal. */
struct http_url {
    bool tls;
    struct str host;
    struct str authority; /* host[:port] as written */
    uint16_t port;
    struct str path; /* with the leading slash and the query, or empty */
};
MUST_USE int http_url_parse(struct http_url *out, struct str url, struct error *err);

#endif
