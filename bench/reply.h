/* SPDX-License-Identifier: Apache-2.0 */
/* reply.h - reads one HTTP/1.1 answer piece by piece and keeps the beginning of its body.
 *
 * Content-Length, chunked and bodiless answers; chunk payload is skipped in bulk, so a page of 1 MB
 * costs the load generator little more than the kernel's copy. */
#ifndef BENCH_REPLY_H
#define BENCH_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_HEAD_MAX = 8192, REPLY_KEEP = 4096 };

enum reply_state {
    REPLY_HEAD,
    REPLY_LENGTH,     /* `left` bytes of body remain */
    REPLY_CHUNK_SIZE, /* reading a hexadecimal size and the rest of its line */
    REPLY_CHUNK_DATA, /* `left` bytes of this chunk remain */
    REPLY_CHUNK_END,  /* the CRLF after a chunk */
    REPLY_TRAILER,    /* after the last chunk, up to an empty line */
    REPLY_DONE,
    REPLY_BAD
};

struct reply {
    enum reply_state state;
    int status;
    bool close; /* the server will close after this one */
    uint64_t left, body_bytes;
    unsigned head_used, kept, line_used;
    char last; /* last byte of the body */
    char head[REPLY_HEAD_MAX + 1];
    char body[REPLY_KEEP + 1];
};

static inline void reply_reset(struct reply *r)
{
    memset(r, 0, offsetof(struct reply, head));
}

static inline void reply_take(struct reply *r, const char *p, size_t n)
{
    size_t room = REPLY_KEEP - r->kept;
    if (room > n)
        room = n;
    memcpy(r->body + r->kept, p, room);
    r->kept += (unsigned)room;
    r->body_bytes += n;
    r->left -= n;
    r->last = p[n - 1];
}

static inline void reply_parse_head(struct reply *r)
{
    const char *length = strcasestr(r->head, "\r\nContent-Length:");
    const char *coding = strcasestr(r->head, "\r\nTransfer-Encoding: chunked");
    const char *close = strcasestr(r->head, "\r\nConnection: close");
    r->status = strncmp(r->head, "HTTP/1.1 ", 9) == 0 ? atol(r->head + 9) : 0;
    r->close = close != NULL;
    if (r->status < 200 || (coding == NULL && length == NULL && r->status != 204)) {
        r->state = REPLY_BAD;
    } else if (coding != NULL) {
        r->state = REPLY_CHUNK_SIZE;
        r->left = 0;
    } else {
        r->left = length != NULL ? strtoull(length + 17, NULL, 10) : 0;
        r->state = r->left > 0 ? REPLY_LENGTH : REPLY_DONE;
    }
}

/* Eats head bytes; returns how many belong to it. */
static inline size_t reply_feed_head(struct reply *r, const char *p, size_t n)
{
    size_t before = r->head_used, take = REPLY_HEAD_MAX - before < n ? REPLY_HEAD_MAX - before : n;
    size_t from = before > 3 ? before - 3 : 0;
    char *end;
    memcpy(r->head + before, p, take);
    r->head_used += (unsigned)take;
    end = memmem(r->head + from, r->head_used - from, "\r\n\r\n", 4);
    if (end == NULL) {
        if (r->head_used == REPLY_HEAD_MAX)
            r->state = REPLY_BAD;
        return take;
    }
    end[2] = '\0';
    reply_parse_head(r);
    return (size_t)(end + 4 - r->head) - before;
}

static inline int reply_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of framing: sizes, line ends, trailers. */
static inline void reply_feed_frame(struct reply *r, char c)
{
    int digit = reply_hex(c);
    switch (r->state) {
    case REPLY_CHUNK_SIZE:
        if (digit >= 0 && r->line_used < 16) {
            r->left = r->left << 4 | (unsigned)digit;
            r->line_used++;
        } else if (c == '\n') {
            r->state = r->line_used == 0 ? REPLY_BAD
                       : r->left > 0     ? REPLY_CHUNK_DATA
                                         : REPLY_TRAILER;
            r->line_used = 0;
        }
        break;
    case REPLY_CHUNK_END:
        if (c == '\n')
            r->state = REPLY_CHUNK_SIZE;
        break;
    case REPLY_TRAILER:
        if (c == '\n' && r->line_used == 0)
            r->state = REPLY_DONE;
        r->line_used = c == '\n' ? 0 : r->line_used + (c != '\r');
        break;
    default:
        r->state = REPLY_BAD;
    }
}

/* Eats up to `n` bytes and returns how many; stops at the end of the answer. */
static inline size_t reply_feed(struct reply *r, const char *p, size_t n)
{
    size_t at = 0;
    while (at < n && r->state != REPLY_DONE && r->state != REPLY_BAD) {
        if (r->state == REPLY_HEAD) {
            at += reply_feed_head(r, p + at, n - at);
        } else if (r->state == REPLY_LENGTH || r->state == REPLY_CHUNK_DATA) {
            size_t take = r->left < n - at ? (size_t)r->left : n - at;
            reply_take(r, p + at, take);
            at += take;
            if (r->left == 0)
                r->state = r->state == REPLY_LENGTH ? REPLY_DONE : REPLY_CHUNK_END;
        } else {
            reply_feed_frame(r, p[at++]);
        }
    }
    return at;
}

#endif
