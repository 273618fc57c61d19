/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_http_head.c - heads, chunks and URLs from any bytes. The first byte says what follows: a
 * request, a response, a chunked body or a URL. What was parsed as it grew must be what is parsed
 * in one go; no part of a head holds a control character. */
#include "base/http_head.h"

#include <stdlib.h>

#define HEADERS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_text(struct str s, struct str all)
{
    if (s.n > 0 && (s.p < all.p || s.p + s.n > all.p + all.n))
        abort();
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
            abort();
}

static void check_head(const struct http_head *h, struct str all)
{
    if (h->used > all.n || h->count > h->capacity)
        abort();
    check_text(h->method, all);
    check_text(h->target, all);
    check_text(h->reason, all);
    for (size_t i = 0; i < h->count; i++) {
        check_text(h->headers[i].name, all);
        check_text(h->headers[i].value, all);
        if (h->headers[i].name.n == 0)
            abort();
    }
}

static int parse(struct http_head *h, struct str bytes, size_t from, uint8_t kind)
{
    if (kind == 0)
        return http_parse_request(h, bytes, from, NULL);
    return http_parse_response(h, bytes, kind == 2, NULL);
}

static void fuzz_head(struct str bytes, uint8_t kind)
{
    struct header fields[HEADERS], fields2[HEADERS];
    struct http_head whole = {.headers = fields, .capacity = HEADERS};
    struct http_head grown = {.headers = fields2, .capacity = HEADERS};
    int rc = parse(&whole, bytes, 0, kind), rc2 = ERR_BUSY;
    size_t known = 0;

    for (size_t n = 0; n <= bytes.n && rc2 == ERR_BUSY; n++) {
        rc2 = parse(&grown, str_of(bytes.p, n), known, kind);
        known = n;
    }
    /* A growing head is not looked at before its end is there: an error shows later. */
    if (rc != rc2 && (rc == OK || rc2 != ERR_BUSY))
        abort();
    if (rc != OK)
        return;
    check_head(&whole, bytes);
    if (whole.used != grown.used || whole.count != grown.count || whole.body != grown.body ||
        whole.length != grown.length || whole.keep_alive != grown.keep_alive ||
        whole.expect_continue != grown.expect_continue || whole.status != grown.status)
        abort();
    for (size_t i = 0; i < whole.count; i++)
        if (!str_eq(whole.headers[i].value, grown.headers[i].value))
            abort();
}

/* In pieces of `step` bytes (0: all at once). */
static int unchunk(struct str in, size_t step, struct buf *out, size_t *used)
{
    struct http_chunks d = {0};
    size_t total = in.n;

    while (in.n > 0 && !d.done) {
        struct str now = str_of(in.p, step > 0 && step < in.n ? step : in.n), piece;
        size_t before = now.n;

        if (http_chunks_next(&d, &now, &piece, NULL) != OK)
            return ERR_INVALID;
        if (now.n == before && !d.done)
            abort(); /* no progress */
        buf_put_str(out, piece);
        in = str_skip(in, before - now.n);
    }
    *used = total - in.n;
    return d.done ? OK : ERR_BUSY;
}

static void fuzz_chunks(struct str in, size_t step)
{
    struct buf whole = buf_make(1 << 24), cut = buf_make(1 << 24);
    size_t used = 0, used2 = 0;
    int rc = unchunk(in, 0, &whole, &used), rc2 = unchunk(in, step, &cut, &used2);

    if (rc != rc2 || used != used2 || !str_eq(buf_str(&whole), buf_str(&cut)))
        abort();
    buf_reset(&whole);
    buf_reset(&cut);
}

static void fuzz_url(struct str url)
{
    struct http_url u;

    if (http_url_parse(&u, url, NULL) != OK)
        return;
    check_text(url, url);
    check_text(u.host, url);
    check_text(u.authority, url);
    check_text(u.path, url);
    if (u.host.n == 0 || u.port == 0 || u.host.n > u.authority.n ||
        (u.path.n > 0 && u.path.p[0] != '/' && u.path.p[0] != '?'))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str rest = str_of((const char *)data, n);
    uint8_t kind;

    if (n == 0)
        return 0;
    kind = data[0] % 8;
    rest = str_skip(rest, 1);
    if (kind < 3)
        fuzz_head(rest, kind);
    else if (kind < 7)
        fuzz_chunks(rest, kind - 2u);
    else
        fuzz_url(rest);
    return 0;
}
