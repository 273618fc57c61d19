/* SPDX-License-Identifier: Apache-2.0 */
/* news.c - see news.h. The members are two tables, read by the writer and the reader. */
#include "gateway/news.h"

#include "base/json_scan.h"
#include "base/utf8.h"
#include "history/redact.h"

#include <stddef.h>

#define TEXT_MAX 4096 /* bytes of one text: a message has a limit */

struct member {
    const char *name;
    size_t at; /* in struct ended */
};

#define MEMBER(field) #field, offsetof(struct ended, e.field)

static const struct member texts[] = {
    {MEMBER(error_name)},
    {MEMBER(error_type)},
    {MEMBER(error_text)},
    {MEMBER(update_type)},
    {"user", offsetof(struct ended, user)},
    {"source", offsetof(struct ended, source)},
    {"backend", offsetof(struct ended, backend)},
};
static const struct member numbers[] = {
    {MEMBER(ended_ms)}, {MEMBER(queued_ms)},         {MEMBER(rows)},
    {MEMBER(bytes)},    {MEMBER(processed_rows)},    {MEMBER(processed_bytes)},
    {MEMBER(cpu_ms)},   {MEMBER(peak_memory_bytes)}, {MEMBER(total_ms)},
};

/* The message must hold no SQL; an error quotes the text that it is about. */
static void put_text(struct buf *out, const struct ended *d, const struct member *m)
{
    struct buf clean = buf_make(SIZE_MAX / 2);
    struct str v;

    memcpy(&v, (const char *)d + m->at, sizeof(v));
    if (m->at == offsetof(struct ended, e.error_text)) {
        redact_sql(&clean, v);
        v = buf_str(&clean);
    }
    buf_printf(out, ",\"%s\":", m->name);
    buf_put_json(out, utf8_cut(v, TEXT_MAX));
    buf_reset(&clean);
}

void news_write(struct buf *out, const struct ended *d)
{
    buf_put_str(out, STR("{\"id\":"));
    buf_put_json(out, d->e.id);
    buf_printf(out, ",\"how\":%d,\"client\":%d", (int)d->how, (int)d->client);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        put_text(out, d, &texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        uint64_t v;

        memcpy(&v, (const char *)d + numbers[i].at, sizeof(v));
        buf_printf(out, ",\"%s\":%llu", numbers[i].name, (unsigned long long)v);
    }
    buf_put_c(out, '}');
}

static struct str read_text(struct arena *a, struct str token, struct buf *scratch)
{
    buf_clear(scratch);
    if (token.n >= 2 && token.p[0] == '"')
        jscan_unescape(scratch, str_of(token.p + 1, token.n - 2));
    return arena_str(a, buf_str(scratch));
}

bool news_read(struct arena *a, struct str news, struct ended *d)
{
    const char *names[3 + ARRAY_LEN(texts) + ARRAY_LEN(numbers)] = {"id", "how", "client"};
    struct str values[ARRAY_LEN(names)] = {{0}}, *value = values + 3;
    struct jscan s = jscan_of(news);
    struct buf scratch = buf_make(65536);
    uint64_t how, number;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        names[3 + i] = texts[i].name;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        names[3 + ARRAY_LEN(texts) + i] = numbers[i].name;
    if (!jscan_pick(&s, names, ARRAY_LEN(names), values) || values[0].n < 3 ||
        values[0].p[0] != '"' || !str_to_u64(values[1], &how) || how > STMT_HANDED_OVER)
        return false;
    *d = (struct ended){
        .how = (enum stmt_end)how,
        .client = str_to_u64(values[2], &number) && number <= DIALECT_TRINO ? (enum dialect)number
                                                                            : DIALECT_NONE,
        .e.id = str_of(values[0].p + 1, values[0].n - 2), /* ids have no escapes */
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str text = read_text(a, *value++, &scratch);

        memcpy((char *)d + texts[i].at, &text, sizeof(text));
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (str_to_u64(*value++, &number))
            memcpy((char *)d + numbers[i].at, &number, sizeof(number));
    buf_reset(&scratch);
    return true;
}
