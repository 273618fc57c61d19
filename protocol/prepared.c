/* SPDX-License-Identifier: Apache-2.0 */
/* prepared.c - see prepared.h. One-shot decompression needs no window of its own, so a hostile
 * frame costs at most PREPARED_MAX_BYTES. */
#include "protocol/prepared.h"

#include "protocol/urlcode.h"

#include <zstd.h>

static int unzstd(struct str packed, struct buf *out, struct error *err)
{
    unsigned long long size = ZSTD_getFrameContentSize(packed.p, packed.n);
    size_t got;
    char *to;

    if (size == ZSTD_CONTENTSIZE_ERROR)
        return error_set(err, ERR_INVALID, "Invalid compressed prepared statement");
    if (size == ZSTD_CONTENTSIZE_UNKNOWN)
        size = out->max;
    if (size > out->max || (to = buf_reserve(out, (size_t)size)) == NULL)
        return error_set(err, ERR_LIMIT, "Compressed prepared statement is too long");
    got = ZSTD_decompress(to, (size_t)size, packed.p, packed.n);
    if (ZSTD_isError(got))
        return error_set(err, ERR_INVALID, "Invalid compressed prepared statement: %s",
                         ZSTD_getErrorName(got));
    out->n += got;
    return OK;
}

int prepared_unpack(struct str *sql, struct str value, struct buf *scratch, struct error *err)
{
    const struct str mark = STR("$zstd:");
    struct buf packed = buf_make(value.n + 3);
    int rc;

    *sql = value;
    if (!str_starts(value, mark))
        return OK;
    buf_clear(scratch);
    if (!base64_decode(&packed, str_skip(value, mark.n), BASE64_URL))
        rc = error_set(err, ERR_INVALID, "Invalid compressed prepared statement");
    else if ((rc = unzstd(buf_str(&packed), scratch, err)) == OK)
        *sql = buf_str(scratch);
    buf_reset(&packed);
    return rc;
}
