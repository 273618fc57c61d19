/* SPDX-License-Identifier: Apache-2.0 */
/* record.c - see record.h. Runs on the caller's thread: only copies, everything else is the
 * writer's. */
#include "history/record.h"

#include "base/utf8.h"

#include <stdlib.h>

#define TEXT_MAX_BYTES 8192 /* of any text but SQL */

const char *const record_columns[COLUMNS] = {
    /* texts and numbers of struct history_begin */
    "id",
    "cluster_id",
    "user",
    "principal",
    "source",
    "client",
    "client_tags",
    "dialect",
    "catalog",
    "schema",
    "sql",
    "routing_group",
    "backend",
    "reason",
    "hint",
    "trace_token",
    "instance",
    "created_ms",
    "retries",
    "sql_bytes",
    /* texts and numbers of struct history_end */
    "state",
    "error_name",
    "error_type",
    "error_text",
    "update_type",
    "ended_ms",
    "queued_ms",
    "first_row_ms",
    "total_ms",
    "rows",
    "bytes",
    "processed_rows",
    "processed_bytes",
    "cpu_ms",
    "peak_memory_bytes",
    /* of struct digest */
    "fingerprint",
    "fingerprint_text",
    "tables",
};

static struct record *copy(const struct str *texts, size_t n)
{
    struct record *r;
    size_t bytes = sizeof(*r);
    char *at;

    for (size_t i = 0; i < n; i++)
        bytes += texts[i].n;
    r = malloc(bytes);
    if (r == NULL)
        return NULL;
    *r = (struct record){.bytes = bytes};
    at = r->data;
    for (size_t i = 0; i < n; i++) {
        r->lengths[i] = (uint32_t)texts[i].n;
        if (texts[i].n > 0)
            memcpy(at, texts[i].p, texts[i].n);
        at += texts[i].n;
    }
    return r;
}

struct record *record_of_begin(const struct history_begin *b, size_t sql_max)
{
    struct str texts[BEGIN_TEXTS + 1] = {
        b->id,          b->cluster_id, b->user,    b->principal,   b->source,   b->client,
        b->client_tags, b->dialect,    b->catalog, b->schema,      b->sql,      b->group,
        b->backend,     b->reason,     b->hint,    b->trace_token, b->instance,
    };
    struct record *r;

    for (size_t i = 0; i < BEGIN_TEXTS; i++)
        texts[i] = utf8_cut(texts[i], i == COLUMN_SQL ? sql_max : TEXT_MAX_BYTES);
    if (b->prepared.n <= sql_max) /* half of a list is none */
        texts[BEGIN_TEXTS] = b->prepared;
    r = copy(texts, BEGIN_TEXTS + 1);
    if (r != NULL) {
        r->numbers[0] = b->created_ms;
        r->numbers[1] = b->retries;
        r->numbers[2] = b->sql.n;
    }
    return r;
}

struct record *record_of_end(const struct history_end *e)
{
    struct str texts[END_TEXTS + 1] = {e->id,         e->state,      e->error_name,
                                       e->error_type, e->error_text, e->update_type};
    uint64_t numbers[END_NUMBERS] = {
        e->ended_ms, e->queued_ms,      e->first_row_ms,    e->total_ms, e->rows,
        e->bytes,    e->processed_rows, e->processed_bytes, e->cpu_ms,   e->peak_memory_bytes,
    };
    struct record *r;

    for (size_t i = 0; i <= END_TEXTS; i++)
        texts[i] = utf8_cut(texts[i], TEXT_MAX_BYTES);
    r = copy(texts, END_TEXTS + 1);
    if (r != NULL) {
        r->is_end = true;
        memcpy(r->numbers, numbers, sizeof(numbers));
    }
    return r;
}
