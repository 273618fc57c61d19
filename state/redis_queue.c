/* SPDX-License-Identifier: Apache-2.0 */
/* redis_queue.c - see redis_queue.h. */
#include "state/redis_queue.h"

#include "base/mem.h"

#include <stdlib.h>

#define MAX_BYTES (4u << 20)
#define MAX_COMMANDS 65536
#define KEEP_BYTES (256u << 10) /* a larger buffer is given back when it ran empty */

/* ---- outbox ---- */

static void forget_sent(struct redis_outbox *o)
{
    if (o->sent == o->bytes.n) {
        o->sent = 0;
        buf_clear(&o->bytes);
        if (o->bytes.cap > KEEP_BYTES)
            buf_reset(&o->bytes);
    } else if (o->sent >= o->bytes.n / 2) { /* moves each byte once on average */
        buf_consume(&o->bytes, o->sent);
        o->sent = 0;
    }
}

int redis_outbox_write(struct redis_outbox *o, struct conn *c)
{
    ssize_t n = 0;

    while (o->sent < o->bytes.n) {
        struct iovec iov = {o->bytes.p + o->sent, o->bytes.n - o->sent};

        n = conn_writev(c, &iov, 1);
        if (n < 0)
            break;
        o->sent += (size_t)n;
    }
    if (n != CONN_ERROR)
        forget_sent(o);
    return n < 0 ? (int)n : OK;
}

void redis_outbox_reset(struct redis_outbox *o)
{
    buf_reset(&o->bytes);
    o->sent = 0;
}

/* ---- queue ---- */

void redis_queue_init(struct redis_queue *q)
{
    *q = (struct redis_queue){.out.bytes = buf_make(MAX_BYTES)};
}

void redis_queue_reset(struct redis_queue *q)
{
    redis_outbox_reset(&q->out);
    free(q->ring);
    redis_queue_init(q);
}

bool redis_queue_has_room(const struct redis_queue *q, size_t commands, size_t bytes)
{
    return q->n + commands <= MAX_COMMANDS && q->out.bytes.n + bytes <= MAX_BYTES;
}

static bool add_bytes(struct redis_outbox *o, size_t argc, const struct str *argv)
{
    if (redis_format(&o->bytes, argc, argv))
        return true;
    if (o->sent == 0)
        return false;
    buf_consume(&o->bytes, o->sent);
    o->sent = 0;
    return redis_format(&o->bytes, argc, argv);
}

static void grow(struct redis_queue *q)
{
    size_t cap = q->cap > 0 ? q->cap * 2 : 64;
    struct link_command *ring = mem_alloc(cap * sizeof(*ring));

    for (size_t i = 0; i < q->n; i++)
        ring[i] = q->ring[(q->head + i) & (q->cap - 1)];
    free(q->ring);
    q->ring = ring;
    q->cap = cap;
    q->head = 0;
}

bool redis_queue_add(struct redis_queue *q, struct link_command cmd, size_t argc,
                     const struct str *argv)
{
    if (q->n >= MAX_COMMANDS || !add_bytes(&q->out, argc, argv))
        return false;
    if (q->n == q->cap)
        grow(q);
    q->ring[(q->head + q->n++) & (q->cap - 1)] = cmd;
    q->fresh++;
    return true;
}

struct link_command redis_queue_pop(struct redis_queue *q)
{
    struct link_command cmd = q->ring[q->head];

    q->head = (q->head + 1) & (q->cap - 1);
    q->n--;
    q->fresh = q->fresh < q->n ? q->fresh : q->n;
    return cmd;
}

uint64_t redis_queue_oldest_us(const struct redis_queue *q)
{
    return q->ring[q->head].sent_us;
}

void redis_queue_stamp(struct redis_queue *q, uint64_t now_us)
{
    for (; q->fresh > 0; q->fresh--)
        q->ring[(q->head + q->n - q->fresh) & (q->cap - 1)].sent_us = now_us;
}
