/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c - see facts.h. Two picks: top-level members, then those of stats and error. */
#include "protocol/facts.h"

#include "base/json_scan.h"

/* The inside of a string token, or nothing. */
static struct str text_of(struct str token)
{
    return token.n >= 2 && token.p[0] == '"' ? str_of(token.p + 1, token.n - 2) : STR_NONE;
}

static void read_error(struct page_facts *out, struct str error)
{
    static const char *const names[] = {"errorName", "errorType", "message"};
    struct str v[3] = {{0}};
    struct jscan s = jscan_of(error);

    if (!jscan_pick(&s, names, 3, v))
        return;
    out->error_name = text_of(v[0]);
    out->error_type = text_of(v[1]);
    out->error_message = text_of(v[2]);
}

static void read_stats(struct page_facts *out, struct str stats)
{
    static const char *const names[] = {"state",          "queuedTimeMillis", "elapsedTimeMillis",
                                        "cpuTimeMillis",  "processedRows",    "processedBytes",
                                        "peakMemoryBytes"};
    uint64_t *const numbers[] = {NULL,
                                 &out->queued_ms,
                                 &out->elapsed_ms,
                                 &out->cpu_ms,
                                 &out->processed_rows,
                                 &out->processed_bytes,
                                 &out->peak_memory_bytes};
    struct str v[ARRAY_LEN(names)] = {{0}};
    struct jscan s = jscan_of(stats);

    if (!jscan_pick(&s, names, ARRAY_LEN(names), v))
        return;
    out->state = text_of(v[0]);
    for (size_t i = 1; i < ARRAY_LEN(names); i++)
        if (!str_to_u64(v[i], numbers[i]))
            *numbers[i] = 0;
}

void page_read_facts(struct page_facts *out, struct str page)
{
    static const char *const names[] = {"nextUri", "stats", "error", "updateType"};
    struct str v[4] = {{0}};
    struct jscan s = jscan_of(page);

    *out = (struct page_facts){0};
    if (!jscan_pick(&s, names, 4, v))
        return;
    out->last = v[0].n == 0;
    if (v[1].n > 0)
        read_stats(out, v[1]);
    if (v[2].n > 0)
        read_error(out, v[2]);
    out->update_type = text_of(v[3]);
}
