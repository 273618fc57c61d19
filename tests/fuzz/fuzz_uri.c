/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_uri.c - a request target, a cluster's URI and header lines, one a line: what comes out is
 * made of characters that a URI may have, and what we hand out can be read back. */
#include "base/clock.h"
#include "gateway/uri.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every peer is a trusted proxy. */
void http_peer(const struct http_request *r, struct sockaddr_storage *out)
{
    (void)r;
    memset(out, 0, sizeof(*out));
    out->ss_family = AF_INET;
}

static struct lane *the_lane(void)
{
    static const unsigned char keys[1][TICKET_KEY_BYTES] = {{7}};
    static struct network all = {.bits = 0};
    static struct config config;
    static struct snapshot snapshot = {.config = &config, .trusted = &all, .trusted_count = 1};
    static struct lane lane = {.snapshot = &snapshot};
    struct error err;

    if (lane.tickets == NULL && ticket_box_new(&lane.tickets, keys, 1, 3600000, &err) != OK)
        abort();
    return &lane;
}

static void check_base(struct lane *l, struct str lines, struct buf *out)
{
    struct header headers[8];
    struct http_request r = {.head.headers = headers};

    while (lines.p != NULL && r.head.count < ARRAY_LEN(headers)) {
        struct str line = str_split(&lines, '\n');

        headers[r.head.count].name = str_split(&line, ':');
        headers[r.head.count++].value = str_trim(line);
    }
    r.head.host = http_header(&r.head, STR("host"));
    uri_base(l, &r, out);
    if (!str_starts(buf_str(out), STR("http")))
        abort();
    for (size_t i = 0; i < out->n; i++)
        if (out->p[i] <= ' ' || out->p[i] > '~' || strchr("\"'<>\\?#@", out->p[i]) != NULL)
            abort();
}

static void check_poll(struct lane *l, struct str uri, enum dialect client)
{
    const struct uri_maker m = {.lane = l,
                                .base = STR(""),
                                .client = client,
                                .cluster = DIALECT_TRINO,
                                .backend = STR("b")};
    struct buf out = buf_make(1 << 16);
    struct uri_target target;
    struct ticket t;

    if (uri_for_client(&m, SCAN_NEXT_URI, uri, &out) && uri_read_poll(buf_str(&out), &target) &&
        str_find(uri, '?') == uri.n && /* a token may hold what ends it */
        (ticket_open(l->tickets, target.ticket, target.id, clock_wall_ms(), &t, NULL) != OK ||
         !str_ends(uri, t.path)))
        abort();
    buf_clear(&out);
    if (!uri_for_client(&m, SCAN_SEGMENT_URI, uri, &out) && !out.overflow)
        abort();
    buf_reset(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size), target = str_split(&rest, '\n');
    struct str uri = str_split(&rest, '\n');
    struct buf base = buf_make(1 << 16);
    struct lane *l = the_lane();
    struct uri_target t;

    if (uri_read_poll(target, &t) && (t.id.n == 0 || t.ticket.n == 0 || t.token.n == 0))
        abort();
    if (uri_query_id(target).n > QUERY_ID_MAX)
        abort();
    check_poll(l, uri, DIALECT_TRINO);
    check_poll(l, uri, DIALECT_PRESTO);
    check_base(l, rest, &base);
    buf_reset(&base);
    return 0;
}
