/* SPDX-License-Identifier: Apache-2.0 */
/* redis_reply.h - bounded reading of RESP2 replies and writing of commands (over hiredis).
 *
 * A reply may be 1 MiB, 1024 elements and 7 levels deep; what is larger or malformed is an error
 * after which the reader is of no more use. */
#ifndef STATE_REDIS_REPLY_H
#define STATE_REDIS_REPLY_H

#include "base/str.h"

enum { REPLY_MAX_BYTES = 1 << 20, REPLY_MAX_ITEMS = 1024 };

enum reply_type {
    REPLY_NIL = 1,
    REPLY_STATUS = 2,
    REPLY_ERROR = 4,
    REPLY_INTEGER = 8,
    REPLY_STRING = 16,
    REPLY_ARRAY = 32
};

struct redis_reply {
    enum reply_type type;
    int64_t integer;
    struct str text; /* status, error, string */
    size_t count;    /* array */
    struct redis_reply **items;
    char bytes[];
};

struct redis_reader;

struct redis_reader *redis_reader_new(void);
void redis_reader_free(struct redis_reader *r); /* NULL is a no-op */

/* Takes received bytes. */
MUST_USE int redis_reader_feed(struct redis_reader *r, const char *p, size_t n, struct error *err);

/* *out is the next complete reply (free it with redis_reply_free()), or NULL when more bytes are
 * needed. ERR_UPSTREAM on garbage, ERR_LIMIT on too much. */
MUST_USE int redis_reader_next(struct redis_reader *r, struct redis_reply **out, struct error *err);

void redis_reply_free(struct redis_reply *reply); /* NULL is a no-op */

/* A string or status reply's text, else STR_NONE (also for NULL). */
struct str redis_reply_text(const struct redis_reply *reply);

const char *redis_reply_type_name(enum reply_type type);

/* Appends one command; false (and nothing appended) when it does not fit into the buffer. */
bool redis_format(struct buf *out, size_t argc, const struct str *argv);

#endif
