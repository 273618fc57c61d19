/* SPDX-License-Identifier: Apache-2.0 */
/* stats.c - "stats" and its stages, written in the order and with the fields of the other server.
 *
 * One table for both dialects: the column of the target says whether a field is required there
 * (then its default is written when the source lacks it), may be there, or is unknown. */
#include "protocol/page_parts.h"

enum { ABSENT, OPTIONAL, REQUIRED };

struct field {
    const char *name;
    unsigned char presto, trino;
    enum jscan_kind kind; /* JSCAN_TRUE stands for a boolean */
    const char *instead;  /* value when it is required and missing */
};

#define FLAG(name, presto, trino)                                                                  \
    {                                                                                              \
        name, presto, trino, JSCAN_TRUE, "false"                                                   \
    }
#define COUNT(name, presto, trino)                                                                 \
    {                                                                                              \
        name, presto, trino, JSCAN_NUMBER, "0"                                                     \
    }

static const struct field statement_fields[] = {
    {"state", REQUIRED, REQUIRED, JSCAN_STRING, "\"QUEUED\""},
    FLAG("waitingForPrerequisites", REQUIRED, ABSENT),
    FLAG("queued", REQUIRED, REQUIRED),
    FLAG("scheduled", REQUIRED, REQUIRED),
    {"progressPercentage", OPTIONAL, OPTIONAL, JSCAN_NUMBER, NULL},
    {"runningPercentage", ABSENT, OPTIONAL, JSCAN_NUMBER, NULL},
    COUNT("nodes", REQUIRED, REQUIRED),
    COUNT("totalSplits", REQUIRED, REQUIRED),
    COUNT("queuedSplits", REQUIRED, REQUIRED),
    COUNT("runningSplits", REQUIRED, REQUIRED),
    COUNT("completedSplits", REQUIRED, REQUIRED),
    COUNT("planningTimeMillis", ABSENT, REQUIRED),
    COUNT("analysisTimeMillis", ABSENT, REQUIRED),
    COUNT("cpuTimeMillis", REQUIRED, REQUIRED),
    COUNT("wallTimeMillis", REQUIRED, REQUIRED),
    COUNT("waitingForPrerequisitesTimeMillis", REQUIRED, ABSENT),
    COUNT("queuedTimeMillis", REQUIRED, REQUIRED),
    COUNT("elapsedTimeMillis", REQUIRED, REQUIRED),
    COUNT("finishingTimeMillis", ABSENT, REQUIRED),
    COUNT("physicalInputTimeMillis", ABSENT, REQUIRED),
    COUNT("processedRows", REQUIRED, REQUIRED),
    COUNT("processedBytes", REQUIRED, REQUIRED),
    COUNT("physicalInputBytes", ABSENT, REQUIRED),
    COUNT("physicalWrittenBytes", ABSENT, REQUIRED),
    COUNT("internalNetworkInputBytes", ABSENT, REQUIRED),
    COUNT("peakMemoryBytes", REQUIRED, REQUIRED),
    COUNT("peakTotalMemoryBytes", REQUIRED, ABSENT),
    COUNT("peakTaskTotalMemoryBytes", REQUIRED, ABSENT),
    COUNT("spilledBytes", REQUIRED, REQUIRED),
};
static const struct field stage_fields[] = {
    {"stageId", REQUIRED, REQUIRED, JSCAN_STRING, "\"0\""},
    {"state", REQUIRED, REQUIRED, JSCAN_STRING, "\"RUNNING\""},
    FLAG("done", REQUIRED, REQUIRED),
    COUNT("nodes", REQUIRED, REQUIRED),
    COUNT("totalSplits", REQUIRED, REQUIRED),
    COUNT("queuedSplits", REQUIRED, REQUIRED),
    COUNT("runningSplits", REQUIRED, REQUIRED),
    COUNT("completedSplits", REQUIRED, REQUIRED),
    COUNT("cpuTimeMillis", REQUIRED, REQUIRED),
    COUNT("wallTimeMillis", REQUIRED, REQUIRED),
    COUNT("processedRows", REQUIRED, REQUIRED),
    COUNT("processedBytes", REQUIRED, REQUIRED),
    COUNT("physicalInputBytes", ABSENT, REQUIRED),
    COUNT("failedTasks", ABSENT, REQUIRED),
    FLAG("coordinatorOnly", ABSENT, REQUIRED),
};

#define STATEMENT_FIELDS ARRAY_LEN(statement_fields)
#define STAGE_FIELDS ARRAY_LEN(stage_fields)

/* States a client of either dialect knows; a newer one is shown as RUNNING. */
static const char *const states[] = {"QUEUED",      "WAITING_FOR_RESOURCES",
                                     "DISPATCHING", "PLANNING",
                                     "STARTING",    "RUNNING",
                                     "BLOCKED",     "FINISHING",
                                     "FINISHED",    "FAILED"};

static bool is_waiting(struct str raw)
{
    return str_eq(page_text(raw), STR("WAITING_FOR_PREREQUISITES"));
}

static void put_state(struct buf *out, struct str raw)
{
    struct str state = page_text(raw);

    if (is_waiting(raw)) {
        buf_put_str(out, STR("\"QUEUED\""));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (str_eq(state, str_c(states[i]))) {
            buf_put_str(out, raw);
            return;
        }
    buf_put_str(out, STR("\"RUNNING\""));
}

static bool has_kind(struct str raw, enum jscan_kind kind)
{
    struct jscan s = jscan_of(raw);
    enum jscan_kind found = jscan_peek(&s);

    return found == kind || (kind == JSCAN_TRUE && found == JSCAN_FALSE);
}

/* Writes the target's fields of the table; `values` are in the table's order. */
static int put_fields(struct buf *out, bool *first, const struct field *fields, size_t n,
                      const struct str *values, enum dialect to, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        unsigned need = to == DIALECT_PRESTO ? fields[i].presto : fields[i].trino;

        if (values[i].n > 0 && !has_kind(values[i], fields[i].kind))
            return page_broken(err, "stats", NULL, fields[i].name);
        if (need == ABSENT || (need == OPTIONAL && values[i].n == 0))
            continue;
        page_put_key(out, first, fields[i].name);
        if (values[i].n == 0)
            buf_put_str(out, str_c(fields[i].instead));
        else if (fields == statement_fields && i == 0)
            put_state(out, values[i]);
        else
            buf_put_str(out, values[i]);
    }
    return OK;
}

static int put_stage(struct buf *out, struct str raw, enum dialect to, struct error *err)
{
    const char *names[STAGE_FIELDS + 1];
    struct str values[STAGE_FIELDS + 1], stage;
    struct jscan s = jscan_of(raw);
    bool first = true;

    for (size_t i = 0; i < STAGE_FIELDS; i++)
        names[i] = stage_fields[i].name;
    names[STAGE_FIELDS] = "subStages";
    if (!jscan_pick(&s, names, STAGE_FIELDS + 1, values))
        return page_broken(err, "stats", &s, "");
    buf_put_c(out, '{');
    TRY(put_fields(out, &first, stage_fields, STAGE_FIELDS, values, to, err));
    page_put_key(out, &first, "subStages");
    buf_put_c(out, '[');
    s = jscan_of(values[STAGE_FIELDS]);
    first = true;
    for (bool more = values[STAGE_FIELDS].n > 0 && jscan_enter(&s, '['); more;
         more = jscan_more(&s, ']')) {
        if (!jscan_skip(&s, &stage))
            break;
        if (!first)
            buf_put_c(out, ',');
        first = false;
        TRY(put_stage(out, stage, to, err));
    }
    buf_put_str(out, STR("]}"));
    return s.error == NULL ? OK : page_broken(err, "stats", &s, "");
}

static void note_facts(struct page_facts *facts, const struct str *values)
{
    static const struct {
        const char *name;
        size_t at;
    } wanted[] = {{"queuedTimeMillis", offsetof(struct page_facts, queued_ms)},
                  {"elapsedTimeMillis", offsetof(struct page_facts, elapsed_ms)},
                  {"cpuTimeMillis", offsetof(struct page_facts, cpu_ms)},
                  {"processedRows", offsetof(struct page_facts, processed_rows)},
                  {"processedBytes", offsetof(struct page_facts, processed_bytes)},
                  {"peakMemoryBytes", offsetof(struct page_facts, peak_memory_bytes)}};

    facts->state = page_text(values[0]);
    for (size_t w = 0; w < ARRAY_LEN(wanted); w++)
        for (size_t i = 0; i < STATEMENT_FIELDS; i++) {
            uint64_t v;

            if (strcmp(wanted[w].name, statement_fields[i].name) == 0 && str_to_u64(values[i], &v))
                memcpy((char *)facts + wanted[w].at, &v, sizeof(v));
        }
}

/* Values the source lacks but whose meaning another of its fields has. */
static void fill_in(struct str *values)
{
    static const char *const pairs[][2] = {{"peakTotalMemoryBytes", "peakMemoryBytes"},
                                           {"peakTaskTotalMemoryBytes", "peakMemoryBytes"}};

    for (size_t p = 0; p < ARRAY_LEN(pairs); p++)
        for (size_t i = 0; i < STATEMENT_FIELDS; i++)
            for (size_t k = 0; k < STATEMENT_FIELDS; k++)
                if (values[i].n == 0 && strcmp(statement_fields[i].name, pairs[p][0]) == 0 &&
                    strcmp(statement_fields[k].name, pairs[p][1]) == 0)
                    values[i] = values[k];
}

int stats_put(struct buf *out, struct str raw, enum dialect to, struct page_facts *facts,
              struct error *err)
{
    const char *names[STATEMENT_FIELDS + 1];
    struct str values[STATEMENT_FIELDS + 1];
    struct jscan s = jscan_of(raw);
    bool first = true;

    for (size_t i = 0; i < STATEMENT_FIELDS; i++)
        names[i] = statement_fields[i].name;
    names[STATEMENT_FIELDS] = "rootStage";
    if (!jscan_pick(&s, names, STATEMENT_FIELDS + 1, values))
        return page_broken(err, "stats", &s, "");
    note_facts(facts, values);
    if (is_waiting(values[0]))
        values[2] = STR("true"); /* the "queued" that goes with state QUEUED */
    fill_in(values);
    buf_put_c(out, '{');
    TRY(put_fields(out, &first, statement_fields, STATEMENT_FIELDS, values, to, err));
    if (values[STATEMENT_FIELDS].n > 0) {
        page_put_key(out, &first, "rootStage");
        TRY(put_stage(out, values[STATEMENT_FIELDS], to, err));
    }
    buf_put_c(out, '}');
    return OK;
}
