/* SPDX-License-Identifier: Apache-2.0 */
/* ended.c - see ended.h. */
#include "gateway/ended.h"

#include "base/json_scan.h"
#include "base/log.h"
#include "gateway/gateway.h"

const char *stmt_end_name(enum stmt_end how)
{
    static const char *const names[] = {
        [STMT_FINISHED] = "FINISHED",       [STMT_FAILED] = "FAILED",
        [STMT_CANCELED] = "CANCELED",       [STMT_ABANDONED] = "ABANDONED",
        [STMT_HANDED_OVER] = "HANDED_OVER",
    };

    return names[how];
}

void ended_take_facts(struct ended *d, const struct page_facts *f, struct buf *text)
{
    struct history_end *e = &d->e;

    if (f == NULL)
        return;
    e->error_name = f->error_name;
    e->error_type = f->error_type;
    jscan_unescape(text, f->error_message);
    e->error_text = buf_str(text);
    e->update_type = f->update_type;
    e->queued_ms = f->queued_ms;
    e->cpu_ms = f->cpu_ms;
    e->processed_rows = f->processed_rows;
    e->processed_bytes = f->processed_bytes;
    e->peak_memory_bytes = f->peak_memory_bytes;
}

/* ---- the record ---- */

static void count(struct gateway *g, const struct ended *d)
{
    struct counter *const counters[] = {
        [STMT_FINISHED] = g->m.finished,
        [STMT_FAILED] = g->m.failed,
        [STMT_CANCELED] = g->m.cancelled,
        [STMT_ABANDONED] = g->m.abandoned,
    };

    counter_add(counters[d->how], 1);
    histogram_record_us(g->m.queued_seconds, d->e.queued_ms * 1000);
    if (d->e.total_ms > 0 || d->duration != NULL)
        histogram_record_us(g->m.statement_seconds, d->e.total_ms * 1000);
    if (d->duration != NULL)
        histogram_record_us(d->duration, d->e.total_ms * 1000);
}

static void log_end(const struct ended *d)
{
    struct log_line l;

    log_line_begin(&l, LOG_LEVEL_INFO, "statement", "end");
    log_field_str(&l, "id", d->e.id);
    log_field_str(&l, "user", d->user);
    log_field_str(&l, "source", d->source);
    log_field_str(&l, "backend", d->backend);
    log_field_str(&l, "dialect", str_c(dialect_name(d->client)));
    log_field_str(&l, "state", str_c(stmt_end_name(d->how)));
    log_field_str(&l, "error", d->e.error_name);
    log_field_u64(&l, "total_ms", d->e.total_ms);
    log_field_u64(&l, "rows", d->e.rows);
    log_field_u64(&l, "bytes", d->e.bytes);
    log_line_end(&l);
}

/* A statement that another instance goes on with has not ended: only its row says where it went. */
void ended_record(struct gateway *g, const struct ended *d)
{
    struct history_end e = d->e;

    e.state = str_c(stmt_end_name(d->how));
    if (d->how == STMT_HANDED_OVER)
        e.ended_ms = e.total_ms = 0;
    else
        count(g, d);
    if (d->how != STMT_HANDED_OVER && g->log_statements)
        log_end(d);
    if (g->history != NULL)
        history_end(g->history, &e);
}

void ended_keep(struct ended *d)
{
    struct str *const texts[] = {&d->user,         &d->source,       &d->backend,
                                 &d->e.id,         &d->e.error_name, &d->e.error_type,
                                 &d->e.error_text, &d->e.update_type};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = arena_str(&d->kept, *texts[i]);
}
