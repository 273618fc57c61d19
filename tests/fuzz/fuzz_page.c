/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_page.c - page_translate: any bytes give an error or a valid JSON document. The first byte
 * says the direction (bit 0) and the client's capabilities (the rest). */
#include "base/json_scan.h"
#include "protocol/page.h"

#include <stdlib.h>

#define OUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void on_uri(void *ctx, enum page_uri kind, struct str uri, struct buf *out)
{
    (void)ctx;
    if (kind != PAGE_URI_PARTIAL_CANCEL)
        buf_put_str(out, uri);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct page_translation how = {.id = STR("id"), .warning = STR("w"), .uri = on_uri};
    struct buf out = buf_make(OUT_MAX);
    struct page_facts facts;
    struct error err;
    int rc;

    if (n == 0)
        return 0;
    how.from = data[0] & 1 ? DIALECT_TRINO : DIALECT_PRESTO;
    how.to = data[0] & 1 ? DIALECT_PRESTO : DIALECT_TRINO;
    how.capabilities = data[0] >> 1;
    rc = page_translate(&out, str_of((const char *)data + 1, n - 1), &how, &facts, &err);
    if (rc == OK && !jscan_is_valid(buf_str(&out)))
        abort();
    if (rc != OK && rc != ERR_UPSTREAM && rc != ERR_LIMIT)
        abort();
    buf_reset(&out);
    return 0;
}
