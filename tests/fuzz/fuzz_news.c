/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_news.c - any bytes as news of another instance: what is read is written and read the same.
 */
#include "gateway/news.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_same(const struct ended *a, const struct ended *b)
{
    return a->how == b->how && a->client == b->client && str_eq(a->e.id, b->e.id) &&
           a->e.rows == b->e.rows && a->e.bytes == b->e.bytes && a->e.ended_ms == b->e.ended_ms &&
           a->e.cpu_ms == b->e.cpu_ms && str_starts(a->e.error_name, b->e.error_name) &&
           a->e.error_text.n >= b->e.error_text.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct buf text = buf_make(1 << 20);
    struct ended first, second;

    if (news_read(&a, str_of((const char *)data, size), &first)) {
        if (first.how > STMT_HANDED_OVER || first.e.id.n == 0)
            abort();
        if (str_find(first.e.id, '\\') ==
            first.e.id.n) { /* ids have no escapes, a stranger's may */
            news_write(&text, &first);
            if (!news_read(&a, buf_str(&text), &second) || !is_same(&first, &second))
                abort();
        }
    }
    buf_reset(&text);
    arena_reset(&a);
    return 0;
}
