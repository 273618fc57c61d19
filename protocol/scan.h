/* SPDX-License-Identifier: Apache-2.0 */
/* scan.h - passes a QueryResults document through, byte for byte, but for its URIs.
 *
 * The document is never held or parsed whole: pieces go in as they arrive, runs of bytes come out
 * (views of the piece, or of replaced text). Only top-level keys are looked at; their values are
 * walked 64 bytes at a time. On the way it counts rows, and keeps a bounded copy of what the last
 * page says about the statement. The document is trusted as far as a cluster is: brackets and
 * strings must balance, everything else is the client's to judge. */
#ifndef PROTOCOL_SCAN_H
#define PROTOCOL_SCAN_H

#include "base/mem.h"

#include <sys/uio.h>

enum scan_uri {
    SCAN_INFO_URI,
    SCAN_NEXT_URI,
    SCAN_PARTIAL_CANCEL_URI,
    SCAN_SEGMENT_URI, /* data.segments[].uri of a spooled result */
    SCAN_ACK_URI      /* data.segments[].ackUri */
};

struct scan {
    /* Writes the client's URI for the cluster's `uri` (unescaped) to `out`, as plain text. */
    void (*uri)(void *ctx, enum scan_uri kind, struct str uri, struct buf *out);
    void *ctx;

    /* Results, readable at any time. */
    struct buf id; /* the value of "id" */
    uint64_t rows; /* entries of "data" so far, or what its segments say */
    bool has_next, has_data, has_error, spooled;
    bool complete;    /* the document ended */
    struct buf facts; /* the last page without its rows, when it did not come in one piece */

    /* The scanner's own. */
    uint64_t objects;      /* bit n: the container at depth n+1 is an object */
    uint64_t segment_rows; /* rowsCount as far as it was read */
    unsigned depth;
    uint8_t mode, key, capturing;
    bool expect_key, in_string, escape, in_spool;
    uint8_t key_n;
    char key_text[24];
    struct buf capture; /* a URI or id that began */
};

/* The runs that replace one piece. */
struct scan_out {
    struct iovec *iov;
    size_t n, cap;
    size_t bytes;       /* of all runs */
    struct arena texts; /* replaced text */
    struct buf text;    /* one of them in the making */
};

void scan_init(struct scan *s,
               void (*uri)(void *ctx, enum scan_uri kind, struct str uri, struct buf *out),
               void *ctx);
/* Begins another document with the memory of the last one. */
void scan_restart(struct scan *s);

/* Frees what the scanner holds. */
void scan_reset(struct scan *s);

/* Takes the next piece of the document and appends the runs that replace it to `out`; they are
 * valid as long as the piece and `out`. `whole`: this piece is the whole document, and the caller
 * reads its facts from there. ERR_CORRUPT: this is no JSON object, a URI in it is malformed or
 * longer than 16 KiB, or something follows it. */
MUST_USE int scan_feed(struct scan *s, struct str piece, bool whole, struct scan_out *out,
                       struct error *err);

/* Forgets the runs; the memory is kept for the next piece. The first `reserved` runs are left to
 * the caller to fill (they do not count in `bytes`). */
void scan_out_clear(struct scan_out *o, size_t reserved);
void scan_out_reset(struct scan_out *o);
void scan_out_add(struct scan_out *o, struct str run);

#endif
