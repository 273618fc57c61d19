/* SPDX-License-Identifier: Apache-2.0 */
/* answers.c - see answers.h. */
#include "gateway/answers.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "protocol/errors.h"
#include "protocol/urlcode.h"

#include <stdio.h>
#include <time.h>

/* Bytes of a message, which may hold what a cluster said; a page has it twice, escaped. */
#define MESSAGE_MAX 8192
#define PAGE_MAX (1 << 18)

/* The one table from our codes to the error that a client sees. */
static const char *const error_names[ERR_COUNT] = {
    [OK] = "",
    [ERR_INVALID] = "GENERIC_USER_ERROR",
    [ERR_DENIED] = "PERMISSION_DENIED",
    [ERR_NOT_FOUND] = "NOT_FOUND",
    [ERR_LIMIT] = "GENERIC_INSUFFICIENT_RESOURCES",
    [ERR_BUSY] = "QUERY_QUEUE_FULL",
    [ERR_TIMEOUT] = "GENERIC_INTERNAL_ERROR",
    [ERR_CANCELLED] = "USER_CANCELED",
    [ERR_CORRUPT] = "GENERIC_INTERNAL_ERROR",
    [ERR_UPSTREAM] = "GENERIC_INTERNAL_ERROR",
    [ERR_INTERNAL] = "GENERIC_INTERNAL_ERROR",
};

const char *answer_error_name(enum err code)
{
    return error_names[(unsigned)code < ERR_COUNT ? code : ERR_INTERNAL];
}

void answer_http(struct http_request *r, enum dialect d, int status, struct str text)
{
    struct buf body = buf_make(MESSAGE_MAX + 64);

    /* Trino's resources put the status before the text of a bad request. */
    if (d == DIALECT_TRINO && status == 400)
        buf_put_str(&body, STR("Error 400 Bad Request: "));
    buf_put_str(&body, utf8_cut(text, MESSAGE_MAX));
    if (status == 401)
        http_reply(r, status, STR("text/plain;charset=utf-8"),
                   d == DIALECT_PRESTO ? STR("WWW-Authenticate: Basic realm=\"Presto\"\r\n")
                                       : STR("WWW-Authenticate: Basic realm=\"Trino\"\r\n"),
                   buf_str(&body));
    else
        http_reply(r, status, STR("text/plain;charset=utf-8"), STR_NONE, buf_str(&body));
    buf_reset(&body);
}

void answer_new_id(struct lane *l, char out[QUERY_ID_MAX + 1])
{
    static const char letters[] = "23456789abcdefghijkmnpqrstuvwxyz";
    static atomic_uint counter;
    time_t now = (time_t)(clock_wall_ms() / 1000);
    uint64_t random = lane_random(l);
    char tail[6];
    struct tm tm;

    for (int i = 0; i < 5; i++)
        tail[i] = letters[random >> (5 * i) & 31];
    tail[5] = '\0';
    gmtime_r(&now, &tm);
    snprintf(out, QUERY_ID_MAX + 1, "%04d%02d%02d_%02d%02d%02d_%05u_%s", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
             atomic_fetch_add(&counter, 1) % 100000, tail);
}

/* The numbers that both dialects' clients read, then those of one. */
static void put_stats(struct buf *b, enum dialect d, const char *state, bool queued)
{
    static const char *const zeros[] = {
        "cpuTimeMillis", "wallTimeMillis", "queuedTimeMillis", "elapsedTimeMillis",
        "processedRows", "processedBytes", "peakMemoryBytes",  "spilledBytes",
    };
    static const char *const trino[] = {
        "planningTimeMillis",        "analysisTimeMillis", "finishingTimeMillis",
        "physicalInputTimeMillis",   "physicalInputBytes", "physicalWrittenBytes",
        "internalNetworkInputBytes",
    };
    static const char *const presto[] = {
        "waitingForPrerequisitesTimeMillis",
        "peakTotalMemoryBytes",
        "peakTaskTotalMemoryBytes",
    };
    const char *const *own = d == DIALECT_PRESTO ? presto : trino;
    size_t own_count = d == DIALECT_PRESTO ? ARRAY_LEN(presto) : ARRAY_LEN(trino);

    buf_printf(b, "\"stats\":{\"state\":\"%s\",", state);
    if (d == DIALECT_PRESTO)
        buf_put_str(b, STR("\"waitingForPrerequisites\":false,"));
    buf_printf(b,
               "\"queued\":%s,\"scheduled\":false,\"nodes\":0,\"totalSplits\":0,"
               "\"queuedSplits\":0,\"runningSplits\":0,\"completedSplits\":0",
               queued ? "true" : "false");
    for (size_t i = 0; i < ARRAY_LEN(zeros); i++)
        buf_printf(b, ",\"%s\":0", zeros[i]);
    for (size_t i = 0; i < own_count; i++)
        buf_printf(b, ",\"%s\":0", own[i]);
    if (d == DIALECT_PRESTO)
        buf_put_str(b, STR(",\"runtimeStats\":{}"));
    buf_put_c(b, '}');
}

static void put_uri(struct buf *b, const struct uri_maker *m, struct str uri)
{
    struct buf text = buf_make(TICKET_PATH_MAX * 8);

    url_put_prefixed(&text, m->prefix, uri);
    buf_put_json(b, buf_str(&text));
    buf_reset(&text);
}

static void put_begin(struct buf *b, const struct uri_maker *m, struct str id)
{
    struct buf uri = buf_make(8192);

    buf_put_str(b, STR("{\"id\":"));
    buf_put_json(b, id);
    buf_put_str(b, STR(",\"infoUri\":"));
    buf_put_str(&uri, m->base);
    buf_put_str(&uri, STR("/ui/query.html?"));
    buf_put_str(&uri, id);
    put_uri(b, m, buf_str(&uri));
    buf_reset(&uri);
}

void answer_failure(struct http_request *r, const struct answer_failure *f)
{
    struct error_code code = {STR("GENERIC_INTERNAL_ERROR"), STR("INTERNAL_ERROR"), 65536};
    enum dialect d = f->uris->client;
    struct buf b = buf_make(PAGE_MAX), message = buf_make(3 * MESSAGE_MAX);

    utf8_put_clean(&message, utf8_cut(f->message, MESSAGE_MAX));
    errors_find(d, str_c(f->error_name), &code);
    put_begin(&b, f->uris, f->id);
    buf_put_c(&b, ',');
    put_stats(&b, d, "FAILED", false);
    buf_put_str(&b, STR(",\"error\":{\"message\":"));
    buf_put_json(&b, buf_str(&message));
    buf_printf(&b, ",\"errorCode\":%d,\"errorName\":", code.code);
    buf_put_json(&b, code.name);
    buf_put_str(&b, STR(",\"errorType\":"));
    buf_put_json(&b, code.type);
    if (d == DIALECT_PRESTO)
        buf_put_str(&b, STR(",\"retriable\":false"));
    buf_put_str(&b, STR(",\"failureInfo\":{\"type\":\"sleipnir.GatewayError\",\"message\":"));
    buf_put_json(&b, buf_str(&message));
    buf_put_str(&b, STR(",\"suppressed\":[],\"stack\":[]}},\"warnings\":[]}\n"));
    http_reply(r, 200, STR("application/json"), STR_NONE, buf_str(&b));
    buf_reset(&b);
    buf_reset(&message);
}

void answer_again(struct http_request *r, const struct uri_maker *uris, struct str next,
                  bool queued)
{
    struct buf b = buf_make(PAGE_MAX);

    put_begin(&b, uris, uris->id);
    buf_put_str(&b, STR(",\"nextUri\":"));
    put_uri(&b, uris, next);
    buf_put_c(&b, ',');
    put_stats(&b, uris->client, queued ? "QUEUED" : "RUNNING", queued);
    buf_put_str(&b, STR(",\"warnings\":[]}\n"));
    http_reply(r, 200, STR("application/json"), STR_NONE, buf_str(&b));
    buf_reset(&b);
}
