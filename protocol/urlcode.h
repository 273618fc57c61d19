/* SPDX-License-Identifier: Apache-2.0 */
/* urlcode.h - the two encodings of header values: form-urlencoding (as Java's URLEncoder and
 * URLDecoder do it) and base64. Pure functions. */
#ifndef PROTOCOL_URLCODE_H
#define PROTOCOL_URLCODE_H

#include "base/mem.h"

/* Appends `s`: [A-Za-z0-9.*_-] as it is, blank as '+', each other byte as %XX. */
void url_encode(struct buf *out, struct str s);

/* '+' is a blank, %XX a byte. False on a '%' without two hex digits. `*out` is `s` itself when
 * there is nothing to decode, otherwise in the arena. */
MUST_USE bool url_decode(struct str *out, struct arena *a, struct str s);

enum base64_kind { BASE64_PLAIN, BASE64_URL };

/* Appends `s` with padding. */
void base64_encode(struct buf *out, struct str s, enum base64_kind kind);

/* Appends the bytes of `s`, which is padded fully or not at all. False (and nothing appended) on
 * any other byte, on a length that no encoder makes, on unused bits that are not zero, or when
 * `out` is full. */
MUST_USE bool base64_decode(struct buf *out, struct str s, enum base64_kind kind);

/* Appends {prefix}{base64url of `uri`}, Presto's way to lead URIs through a proxy; without a prefix
 * the URI itself. */
void url_put_prefixed(struct buf *out, struct str prefix, struct str uri);

#endif
