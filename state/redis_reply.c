/* SPDX-License-Identifier: Apache-2.0 */
/* redis_reply.c - see redis_reply.h. The only file that includes hiredis.
 *
 * hiredis keeps undecoded bytes without a limit and its own array constructor trusts the announced
 * count. So the objects are made here, under a budget a reply, and the undecoded bytes are counted
 * after every feed. */
#include "state/redis_reply.h"

#include "base/mem.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

struct redis_reader {
    redisReader *r;
    size_t items, bytes; /* of the reply that is being built */
    const char *limit;   /* which limit it ran into, or NULL */
};

/* What base/mem.h does when a small allocation fails. */
static void out_of_memory(void)
{
    fputs("sleipnir: out of memory\n", stderr);
    abort();
}

static enum reply_type type_of(int type)
{
    switch (type) {
    case REDIS_REPLY_STRING:
        return REPLY_STRING;
    case REDIS_REPLY_ARRAY:
        return REPLY_ARRAY;
    case REDIS_REPLY_INTEGER:
        return REPLY_INTEGER;
    case REDIS_REPLY_STATUS:
        return REPLY_STATUS;
    case REDIS_REPLY_ERROR:
        return REPLY_ERROR;
    default:
        return REPLY_NIL;
    }
}

static struct redis_reply *new_reply(const redisReadTask *task, size_t bytes, size_t items)
{
    struct redis_reader *reader = task->privdata;
    struct redis_reply *reply;

    reader->items += items + (task->parent == NULL); /* children were announced by their array */
    reader->bytes += bytes;
    if (reader->items > REPLY_MAX_ITEMS)
        reader->limit = "too many elements";
    if (reader->bytes > REPLY_MAX_BYTES)
        reader->limit = "too many bytes";
    if (reader->limit != NULL)
        return NULL; /* hiredis gives up as if memory were gone */
    reply = mem_zalloc(sizeof(*reply) + bytes);
    reply->type = type_of(task->type);
    if (task->parent != NULL) {
        struct redis_reply *parent = task->parent->obj;

        parent->items[task->idx] = reply;
    }
    return reply;
}

static void *create_string(const redisReadTask *task, char *p, size_t n)
{
    struct redis_reply *reply = new_reply(task, n, 0);

    if (reply == NULL)
        return NULL;
    if (n > 0)
        memcpy(reply->bytes, p, n);
    reply->text = str_of(reply->bytes, n);
    return reply;
}

static void *create_array(const redisReadTask *task, int count)
{
    struct redis_reply *reply = new_reply(task, 0, count > 0 ? (size_t)count : 0);

    if (reply == NULL)
        return NULL;
    reply->count = count > 0 ? (size_t)count : 0;
    reply->items = mem_zalloc((reply->count + 1) * sizeof(struct redis_reply *));
    return reply;
}

static void *create_integer(const redisReadTask *task, long long value)
{
    struct redis_reply *reply = new_reply(task, 0, 0);

    if (reply != NULL)
        reply->integer = value;
    return reply;
}

static void *create_nil(const redisReadTask *task)
{
    struct redis_reply *reply = new_reply(task, 0, 0);

    if (reply != NULL)
        reply->type = REPLY_NIL; /* the task still says string or array */
    return reply;
}

static void free_object(void *object)
{
    redis_reply_free(object);
}

static redisReplyObjectFunctions functions = {
    .createString = create_string,
    .createArray = create_array,
    .createInteger = create_integer,
    .createNil = create_nil,
    .freeObject = free_object,
};

/* Depth is bounded by hiredis (and by 8 here all the same, as every level is an element). */
void redis_reply_free(struct redis_reply *reply)
{
    if (reply == NULL)
        return;
    for (size_t i = 0; i < reply->count; i++)
        redis_reply_free(reply->items[i]);
    free(reply->items);
    free(reply);
}

struct redis_reader *redis_reader_new(void)
{
    struct redis_reader *reader = NEW(struct redis_reader);

    reader->r = redisReaderCreateWithFunctions(&functions);
    if (reader->r == NULL)
        out_of_memory();
    reader->r->privdata = reader;
    return reader;
}

void redis_reader_free(struct redis_reader *reader)
{
    if (reader == NULL)
        return;
    redisReaderFree(reader->r);
    free(reader);
}

static int reader_error(const struct redis_reader *reader, struct error *err)
{
    if (reader->limit != NULL)
        return error_set(err, ERR_LIMIT, "reply with %s", reader->limit);
    return error_set(err, ERR_UPSTREAM, "not a Redis reply (%s)", reader->r->errstr);
}

int redis_reader_feed(struct redis_reader *reader, const char *p, size_t n, struct error *err)
{
    if (redisReaderFeed(reader->r, p, n) != REDIS_OK)
        return reader_error(reader, err);
    return OK;
}

int redis_reader_next(struct redis_reader *reader, struct redis_reply **out, struct error *err)
{
    void *reply = NULL;

    *out = NULL;
    if (redisReaderGetReply(reader->r, &reply) != REDIS_OK)
        return reader_error(reader, err);
    if (reply != NULL) {
        reader->items = reader->bytes = 0;
        *out = reply;
        return OK;
    }
    if (reader->r->len - reader->r->pos > REPLY_MAX_BYTES)
        reader->limit = "too many bytes";
    return reader->limit != NULL ? reader_error(reader, err) : OK;
}

struct str redis_reply_text(const struct redis_reply *reply)
{
    return reply != NULL && (reply->type & (REPLY_STRING | REPLY_STATUS)) ? reply->text : STR_NONE;
}

const char *redis_reply_type_name(enum reply_type type)
{
    switch (type) {
    case REPLY_NIL:
        return "nothing";
    case REPLY_STATUS:
        return "a status";
    case REPLY_ERROR:
        return "an error";
    case REPLY_INTEGER:
        return "a number";
    case REPLY_STRING:
        return "a string";
    case REPLY_ARRAY:
        return "a list";
    }
    return "something else";
}

bool redis_format(struct buf *out, size_t argc, const struct str *argv)
{
    enum { ARGC_MAX = 8 };
    const char *p[ARGC_MAX];
    size_t n[ARGC_MAX];
    char *text = NULL;
    int length;
    bool fits;

    if (argc > ARGC_MAX)
        return false;
    for (size_t i = 0; i < argc; i++) {
        p[i] = argv[i].n > 0 ? argv[i].p : "";
        n[i] = argv[i].n;
    }
    length = redisFormatCommandArgv(&text, (int)argc, p, n);
    if (length < 0)
        out_of_memory();
    fits = (size_t)length <= out->max - out->n;
    if (fits)
        buf_put(out, text, (size_t)length);
    free(text);
    return fits;
}
