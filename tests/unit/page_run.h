/* SPDX-License-Identifier: Apache-2.0 */
/* page_run.h - runs page_translate() for tests and checks its output with jansson. */
#ifndef TESTS_UNIT_PAGE_RUN_H
#define TESTS_UNIT_PAGE_RUN_H

#include "protocol/page.h"

#include "base/json_scan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define OUT_MAX (16u << 20)
#define STATS "\"stats\":{\"state\":\"RUNNING\"}"

static inline void on_uri(void *ctx, enum page_uri kind, struct str uri, struct buf *out)
{
    (void)ctx;
    if (kind == PAGE_URI_PARTIAL_CANCEL)
        return;
    buf_put_str(out, STR("https://gw/"));
    buf_put_str(out, str_skip(uri, 8)); /* "http://x" */
}

struct run {
    enum dialect from;
    unsigned capabilities;
    struct str warning;
    size_t out_max;
};

static inline int translate(struct buf *out, struct str page, const struct run *r,
                            struct page_facts *facts, struct error *err)
{
    struct page_translation how = {
        .from = r->from,
        .to = r->from == DIALECT_PRESTO ? DIALECT_TRINO : DIALECT_PRESTO,
        .capabilities = r->capabilities,
        .id = STR("20260101_000000_00001_aaaaa"),
        .warning = r->warning,
        .uri = on_uri,
    };

    *out = buf_make(r->out_max > 0 ? r->out_max : OUT_MAX);
    return page_translate(out, page, &how, facts, err);
}

/* Checks the output with jansson, an implementation of its own. The caller frees. */
static inline json_t *parsed(struct str text)
{
    json_error_t e;
    json_t *j = json_loadb(text.p, text.n, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &e);

    if (j == NULL)
        fail_msg("%s at %d: %.*s", e.text, e.position, STR_ARG(text));
    return j;
}

static inline void must(struct buf *out, struct str page, const struct run *r)
{
    struct error err = {.text = ""};
    int rc = translate(out, page, r, NULL, &err);

    if (rc != OK)
        fail_msg("%s\n%.*s", err.text, STR_ARG(page));
    json_decref(parsed(buf_str(out)));
}

static inline void has(const struct buf *out, const char *part)
{
    if (str_search(buf_str(out), str_c(part)) == out->n)
        fail_msg("no %s in %.*s", part, STR_ARG(buf_str(out)));
}

static inline void has_not(const struct buf *out, const char *part)
{
    if (str_search(buf_str(out), str_c(part)) < out->n)
        fail_msg("%s in %.*s", part, STR_ARG(buf_str(out)));
}

static inline void put_page(struct buf *page, const char *type, const char *value)
{
    buf_put_str(page, STR("{\"id\":\"x\",\"columns\":[{\"name\":\"c\",\"type\":"));
    buf_put_json(page, str_c(type));
    buf_printf(page, "}],\"data\":[[%s],[null]]," STATS "}", value);
}

#endif
