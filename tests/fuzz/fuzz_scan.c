/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_scan.c - scan_feed: the document in pieces gives what it gives whole; and what jansson takes
 * for an object passes through as the same JSON value. The first two bytes choose the pieces. */
#include "protocol/scan.h"

#include <jansson.h>
#include <stdlib.h>

#define URI_MAX 16384 /* scan.c has a limit there */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct result {
    int rc;
    struct buf out, id;
    uint64_t rows;
    unsigned flags;
    bool complete;
};

static void same_uri(void *ctx, enum scan_uri kind, struct str uri, struct buf *out)
{
    (void)ctx, (void)kind;
    buf_put_str(out, uri);
}

static int feed(struct scan *s, struct str piece, bool whole, struct buf *joined)
{
    struct scan_out out = {0};
    char *copy = malloc(piece.n > 0 ? piece.n : 1);
    size_t bytes = 0;
    int rc;

    if (copy == NULL)
        abort();
    if (piece.n > 0)
        memcpy(copy, piece.p, piece.n);
    scan_out_clear(&out, 1);
    rc = scan_feed(s, str_of(copy, piece.n), whole, &out, NULL);
    for (size_t i = 1; i < out.n; i++) {
        buf_put(joined, out.iov[i].iov_base, out.iov[i].iov_len);
        bytes += out.iov[i].iov_len;
    }
    if (bytes != out.bytes)
        abort();
    scan_out_reset(&out);
    free(copy);
    return rc;
}

/* The facts of a last page must be a document again. */
static void check_facts(const struct scan *s)
{
    json_t *facts = json_loadb(s->facts.p, s->facts.n, 0, NULL);

    if (facts == NULL)
        abort();
    json_decref(facts);
}

/* `seed` 0: in one piece. */
static void run(struct str doc, unsigned seed, bool valid, struct result *r)
{
    struct scan s;

    *r = (struct result){.out = buf_make(1 << 26), .id = buf_make(1000)};
    scan_init(&s, same_uri, NULL);
    if (seed == 0)
        r->rc = feed(&s, doc, true, &r->out);
    while (seed != 0 && doc.n > 0 && r->rc == OK) {
        unsigned v = (unsigned)rand_r(&seed), step = v % 4 == 0 ? v / 4 % 200 : v / 4 % 9;

        r->rc = feed(&s, str_of(doc.p, step < doc.n ? step : doc.n), false, &r->out);
        doc = str_skip(doc, step);
    }
    r->rows = s.rows;
    r->complete = s.complete;
    r->flags = s.has_next + 2u * s.has_data + 4u * s.has_error + 8u * s.spooled;
    buf_put_str(&r->id, buf_str(&s.id));
    if (valid && seed != 0 && r->rc == OK && !s.has_next && !s.facts.overflow)
        check_facts(&s);
    scan_reset(&s);
}

static void check_value(const json_t *value, const struct result *r)
{
    json_t *out;

    if (r->rc != OK || !r->complete)
        abort();
    out = json_loadb(r->out.p, r->out.n, 0, NULL);
    if (out == NULL || !json_equal(out, value))
        abort();
    json_decref(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct result whole, cut;
    struct str doc;
    json_t *value;
    unsigned seed;

    if (n < 2)
        return 0;
    seed = 1u + data[0] + 256u * data[1];
    doc = str_of((const char *)data + 2, n - 2);
    value = doc.n < URI_MAX ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
    run(doc, 0, json_is_object(value), &whole);
    run(doc, seed, json_is_object(value), &cut);
    if (whole.rc != cut.rc)
        abort();
    if (whole.rc == OK &&
        (!str_eq(buf_str(&whole.out), buf_str(&cut.out)) ||
         !str_eq(buf_str(&whole.id), buf_str(&cut.id)) || whole.rows != cut.rows ||
         whole.flags != cut.flags || whole.complete != cut.complete))
        abort();
    if (json_is_object(value))
        check_value(value, &whole);
    json_decref(value);
    buf_reset(&whole.out);
    buf_reset(&whole.id);
    buf_reset(&cut.out);
    buf_reset(&cut.id);
    return 0;
}
