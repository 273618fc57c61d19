/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_redis_reply.c - bytes of a hostile Redis, fed in pieces whose size the first byte chooses.
 */
#include "state/redis_reply.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t weigh(const struct redis_reply *r)
{
    size_t n = 1;

    for (size_t i = 0; i < r->count; i++)
        n += weigh(r->items[i]);
    return n + (redis_reply_text(r).n > 0 && redis_reply_text(r).p[0] == 'x');
}

static int take_all(struct redis_reader *r)
{
    struct redis_reply *reply;
    int rc;

    while ((rc = redis_reader_next(r, &reply, NULL)) == OK && reply != NULL) {
        if (weigh(reply) > 2 * (REPLY_MAX_ITEMS + 1))
            abort();
        redis_reply_free(reply);
    }
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct redis_reader *r = redis_reader_new();
    size_t step = size > 0 ? (size_t)data[0] + 1 : 1;
    int rc = OK;

    for (size_t at = 1; rc == OK && at < size; at += step) {
        rc = redis_reader_feed(r, (const char *)data + at, size - at < step ? size - at : step,
                               NULL);
        if (rc == OK)
            rc = take_all(r);
    }
    redis_reader_free(r);
    return 0;
}
