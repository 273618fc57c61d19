/* SPDX-License-Identifier: Apache-2.0 */
/* redis_queue.h - commands of one link between being asked for and being answered: their bytes
 * until the socket took them, and a record of each until its reply came. Bounded in both. */
#ifndef STATE_REDIS_QUEUE_H
#define STATE_REDIS_QUEUE_H

#include "base/conn.h"
#include "state/redis_reply.h"

/* Bytes that wait for the socket. */
struct redis_outbox {
    struct buf bytes;
    size_t sent; /* of them */
};

/* Writes what the socket takes now. CONN_ERROR, CONN_AGAIN or OK (all is out). */
int redis_outbox_write(struct redis_outbox *o, struct conn *c);

/* Forgets everything. */
void redis_outbox_reset(struct redis_outbox *o);

/* A command on its way; `kind` and `arg` are the owner's. */
struct link_command {
    unsigned kind;
    void *arg;
    uint64_t sent_us;
};

struct redis_queue {
    struct redis_outbox out;
    struct link_command *ring; /* oldest first; the capacity is a power of two */
    size_t head, n, cap;
    size_t fresh; /* of the newest: not sent yet, see redis_queue_stamp() */
};

void redis_queue_init(struct redis_queue *q);
void redis_queue_reset(struct redis_queue *q); /* the records must be popped before */

/* `commands` commands of `bytes` together will be accepted. */
bool redis_queue_has_room(const struct redis_queue *q, size_t commands, size_t bytes);

/* False when the queue is full (4 MiB unsent, or 64 Ki commands). */
bool redis_queue_add(struct redis_queue *q, struct link_command cmd, size_t argc,
                     const struct str *argv);

/* Takes the oldest record; q->n must not be 0. */
struct link_command redis_queue_pop(struct redis_queue *q);

/* When the oldest was sent; q->n must not be 0. */
uint64_t redis_queue_oldest_us(const struct redis_queue *q);

/* What was added since the last time counts as sent now. */
void redis_queue_stamp(struct redis_queue *q, uint64_t now_us);

#endif
