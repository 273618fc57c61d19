/* SPDX-License-Identifier: Apache-2.0 */
/* news.c - see news.h. The members are two tables, read by the writer and the reader. */
#include "gateway/news.h"

#include "base/json_scan.h"
#include "base/utf8.h"

#include <stddef.h>

#define TEXT_MAX 4096 /* bytes of one text: a message has a limit */

struct member {
    const char *name;
    size_t at; /* in struct history_end */
};

#define MEMBER(field) #field, offsetof(struct history_end, field)

static const struct member texts[] = {
    {MEMBER(error_name)},
    {MEMBER(error_type)},
    {MEMBER(error_text)},
    {MEMBER(update_type)},
};
static const struct member numbers[] = {
    {MEMBER(ended_ms)}, {MEMBER(queued_ms)},         {MEMBER(rows)},
    {MEMBER(bytes)},    {MEMBER(processed_rows)},    {MEMBER(processed_bytes)},
    {MEMBER(cpu_ms)},   {MEMBER(peak_memory_bytes)},
};

void news_write(struct buf *out, const struct history_end *e, enum stmt_end how)
{
    buf_put_str(out, STR("{\"id\":"));
    buf_put_json(out, e->id);
    buf_printf(out, ",\"how\":%d", (int)how);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str v;

        memcpy(&v, (const char *)e + texts[i].at, sizeof(v));
        v = utf8_cut(v, TEXT_MAX);
        buf_printf(out, ",\"%s\":", texts[i].name);
        buf_put_json(out, v);
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        uint64_t v;

        memcpy(&v, (const char *)e + numbers[i].at, sizeof(v));
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

bool news_read(struct arena *a, struct str news, struct history_end *e, enum stmt_end *how)
{
    const char *names[2 + ARRAY_LEN(texts) + ARRAY_LEN(numbers)] = {"id", "how"};
    struct str values[ARRAY_LEN(names)] = {{0}}, *value = values + 2;
    struct jscan s = jscan_of(news);
    struct buf scratch = buf_make(65536);
    uint64_t number;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        names[2 + i] = texts[i].name;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        names[2 + ARRAY_LEN(texts) + i] = numbers[i].name;
    if (!jscan_pick(&s, names, ARRAY_LEN(names), values) || values[0].n < 3 ||
        !str_to_u64(values[1], &number) || number > STMT_HANDED_OVER)
        return false;
    *how = (enum stmt_end)number;
    *e = (struct history_end){
        .id = str_of(values[0].p + 1, values[0].n - 2), /* ids have no escapes */
        .state = str_c(stmt_end_name(*how)),
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str text = read_text(a, *value++, &scratch);

        memcpy((char *)e + texts[i].at, &text, sizeof(text));
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (str_to_u64(*value++, &number))
            memcpy((char *)e + numbers[i].at, &number, sizeof(number));
    buf_reset(&scratch);
    return true;
}
