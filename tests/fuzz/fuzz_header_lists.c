/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_header_lists.c - request and response headers in all directions. The first byte chooses the
 * direction and the rules, the rest is header lines. Whatever comes in, no line of the output holds
 * a byte that ends it early, and lists that were carried over read well on the other side. */
#include "protocol/request.h"
#include "protocol/response.h"
#include "protocol/session.h"
#include "tests/unit/header_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

/* The HTTP parser lets no CR, LF or NUL into a header. */
static struct str clean_copy(struct arena *a, const uint8_t *data, size_t n)
{
    char *p = arena_alloc(a, n);

    for (size_t i = 0; i < n; i++)
        p[i] = data[i] == '\r' || data[i] == '\0' ? ' ' : (char)data[i];
    return str_of(p, n);
}

/* Every line is "name: value CRLF". */
static void check_lines(struct str s)
{
    while (s.n > 0) {
        size_t end = str_search(s, STR("\r\n"));
        struct str line = str_of(s.p, end);

        check(end < s.n && str_search(line, STR(": ")) < line.n);
        check(str_find(line, '\r') == line.n && str_find(line, '\n') == line.n &&
              str_find(line, '\0') == line.n);
        s = str_skip(s, end + 2);
    }
}

static void check_request(struct arena *a, const struct header_text *in, unsigned flags)
{
    static const char *const drops[] = {"a", "c.d"}, *const renames[] = {"b=e.f", "g=h"};
    const struct request_rules r = {
        .to = flags & 1 ? DIALECT_TRINO : DIALECT_PRESTO,
        .spooling = flags & 2,
        .strip_hint = flags & 4,
        .poll = flags & 8,
        .drop_properties = drops,
        .drop_count = flags & 16 ? 2 : 0,
        .rename_properties = renames,
        .rename_count = flags & 32 ? 2 : 0,
        .fallback_user = flags & 64 ? STR("bob") : STR_NONE,
        .add_prepared_name = flags & 128 ? STR("gw") : STR_NONE,
        .add_prepared_sql = STR("SELECT 'x'\r\n"),
    };
    struct session before, after;
    struct header_text out_headers;
    struct buf out = buf_make(65536);
    int readable = session_read(&before, a, in->items, in->count, NULL);

    if (request_headers(&out, a, in->items, in->count, &r, NULL) == OK) {
        check_lines(buf_str(&out));
        header_text_parse(&out_headers, buf_str(&out));
        if (readable == OK && out_headers.count < HEADERS_MAX) {
            check(session_read(&after, a, out_headers.items, out_headers.count, NULL) == OK);
            check(!r.strip_hint || before.dialect == DIALECT_NONE || !after.has_hint);
            check(after.dialect == r.to || after.dialect == DIALECT_NONE);
        }
    }
    buf_reset(&out);
}

static void check_response(struct arena *a, const struct header_text *in, unsigned flags)
{
    enum dialect from = flags & 1 ? DIALECT_TRINO : DIALECT_PRESTO;
    struct response_seen seen;
    struct buf out = buf_make(65536);

    response_headers(&out, a, in->items, in->count, from, (enum dialect)(flags >> 1 & 3) % 3,
                     &seen);
    if (!out.overflow)
        check_lines(buf_str(&out));
    buf_reset(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct header_text h;

    if (size == 0)
        return 0;
    header_text_parse(&h, clean_copy(&a, data + 1, size - 1));
    check_request(&a, &h, data[0]);
    check_response(&a, &h, data[0]);
    arena_reset(&a);
    return 0;
}
