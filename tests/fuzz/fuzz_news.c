/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_news.c - any bytes as news of another instance: what is read is written and read the same.
 */
#include "gateway/news.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_same(const struct history_end *a, const struct history_end *b)
{
    return str_eq(a->id, b->id) && str_eq(a->state, b->state) && a->rows == b->rows &&
           a->bytes == b->bytes && a->ended_ms == b->ended_ms && a->cpu_ms == b->cpu_ms &&
           str_starts(a->error_text, b->error_text) && str_starts(a->error_name, b->error_name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct buf text = buf_make(1 << 20);
    struct history_end first, second;
    enum stmt_end how, again;

    if (news_read(&a, str_of((const char *)data, size), &first, &how)) {
        if (how > STMT_HANDED_OVER || first.id.n == 0)
            abort();
        if (str_find(first.id, '\\') == first.id.n) { /* ids have no escapes, a stranger's may */
            news_write(&text, &first, how);
            if (!news_read(&a, buf_str(&text), &second, &again) || how != again ||
                !is_same(&first, &second))
                abort();
        }
    }
    buf_reset(&text);
    arena_reset(&a);
    return 0;
}
