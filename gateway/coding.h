/* SPDX-License-Identifier: Apache-2.0 */
/* coding.h - content codings of pages: gzip and zstd to clients, gzip from clusters. Streaming. */
#ifndef GATEWAY_CODING_H
#define GATEWAY_CODING_H

#include "base/str.h"

#include <sys/uio.h>

enum coding { CODING_IDENTITY, CODING_GZIP, CODING_ZSTD };

/* The best of `allowed` (CONFIG_CODING_* bits) that an Accept-Encoding value accepts (RFC 9110
 * 12.5.3, quality 0 refuses). */
enum coding coding_choose(unsigned allowed, struct str accept_encoding);
struct str coding_name(enum coding c);

struct encoder;
struct encoder *encoder_new(enum coding c, unsigned level);
/* Appends the coded form to `out`; each call ends on a flush point, so that the client can read all
 * that was fed. */
void encoder_feed(struct encoder *e, const struct iovec *iov, size_t n, bool last, struct buf *out);
void encoder_free(struct encoder *e); /* NULL is a no-op */

struct decoder; /* gzip */
struct decoder *decoder_new(void);
/* Hands decoded runs to `fn` (views of a buffer of the decoder), which returns false to stop.
 * ERR_CORRUPT on damaged data. */
MUST_USE int decoder_feed(struct decoder *d, struct str piece,
                          bool (*fn)(void *arg, struct str run), void *arg, struct error *err);
bool decoder_done(const struct decoder *d);
void decoder_free(struct decoder *d);

#endif
