/* SPDX-License-Identifier: Apache-2.0 */
/* prepared.h - the text of prepared statements in headers. Trino packs long ones:
 * "$zstd:" + base64url + zstd; Presto knows only plain text. */
#ifndef PROTOCOL_PREPARED_H
#define PROTOCOL_PREPARED_H

#include "base/str.h"

/* Longest statement that is unpacked: a million characters (the servers' limit) of UTF-8. */
#define PREPARED_MAX_BYTES (4u << 20)

/* `*sql` is `value` when that is plain, else it stands in `scratch` (cleared first; born with
 * PREPARED_MAX_BYTES). ERR_INVALID on broken packing, ERR_LIMIT when it is too long. */
MUST_USE int prepared_unpack(struct str *sql, struct str value, struct buf *scratch,
                             struct error *err);

#endif
