/* SPDX-License-Identifier: Apache-2.0 */
/* coding.c - see coding.h. */
#include "gateway/coding.h"

#include "base/mem.h"
#include "gateway/config.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define RUN_BYTES 65536
#define GZIP_WINDOW (15 + 16) /* zlib: a gzip wrapper */

static bool accepts(struct str list, struct str name)
{
    while (list.p != NULL) {
        struct str parameters = str_split(&list, ',');
        struct str token = str_trim(str_split(&parameters, ';'));

        if (!str_eq_nocase(token, name))
            continue;
        parameters = parameters.p != NULL ? str_trim(parameters) : STR_NONE;
        /* q=0, q=0.0 … refuse; anything else is a wish we grant */
        if (str_starts_nocase(parameters, STR("q=0"))) {
            for (size_t i = 3; i < parameters.n; i++)
                if (parameters.p[i] >= '1' && parameters.p[i] <= '9')
                    return true;
            return false;
        }
        return true;
    }
    return false;
}

enum coding coding_choose(unsigned allowed, struct str accept_encoding)
{
    if ((allowed & CONFIG_CODING_ZSTD) && accepts(accept_encoding, STR("zstd")))
        return CODING_ZSTD;
    if ((allowed & CONFIG_CODING_GZIP) && accepts(accept_encoding, STR("gzip")))
        return CODING_GZIP;
    return CODING_IDENTITY;
}

struct str coding_name(enum coding c)
{
    return c == CODING_GZIP ? STR("gzip") : c == CODING_ZSTD ? STR("zstd") : STR("identity");
}

struct encoder {
    enum coding coding;
    z_stream z;
    ZSTD_CCtx *zstd;
};

struct encoder *encoder_new(enum coding c, unsigned level)
{
    struct encoder *e = NEW(struct encoder);

    e->coding = c;
    if (c == CODING_GZIP) {
        if (deflateInit2(&e->z, level > 9 ? 9 : (int)level, Z_DEFLATED, GZIP_WINDOW, 8,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            abort(); /* memory */
    } else {
        e->zstd = ZSTD_createCCtx();
        if (e->zstd == NULL)
            abort();
        ZSTD_CCtx_setParameter(e->zstd, ZSTD_c_compressionLevel, (int)level);
    }
    return e;
}

static void feed_gzip(struct encoder *e, const void *p, size_t n, int flush, struct buf *out)
{
    memcpy(&e->z.next_in, &p, sizeof(p)); /* zlib does not write it */
    e->z.avail_in = (uInt)n;
    do {
        char *at = buf_reserve(out, RUN_BYTES);

        if (at == NULL)
            return;
        e->z.next_out = (Bytef *)at;
        e->z.avail_out = RUN_BYTES;
        deflate(&e->z, flush);
        out->n += RUN_BYTES - e->z.avail_out;
    } while (e->z.avail_out == 0);
}

static void feed_zstd(struct encoder *e, const void *p, size_t n, ZSTD_EndDirective end,
                      struct buf *out)
{
    ZSTD_inBuffer in = {p, n, 0};
    size_t left;

    do {
        ZSTD_outBuffer to = {buf_reserve(out, RUN_BYTES), RUN_BYTES, 0};

        if (to.dst == NULL)
            return;
        left = ZSTD_compressStream2(e->zstd, &to, &in, end);
        if (ZSTD_isError(left))
            abort(); /* memory */
        out->n += to.pos;
    } while (left > 0 || in.pos < in.size);
}

void encoder_feed(struct encoder *e, const struct iovec *iov, size_t n, bool last, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (e->coding == CODING_GZIP)
            feed_gzip(e, iov[i].iov_base, iov[i].iov_len, Z_NO_FLUSH, out);
        else
            feed_zstd(e, iov[i].iov_base, iov[i].iov_len, ZSTD_e_continue, out);
    }
    if (e->coding == CODING_GZIP)
        feed_gzip(e, "", 0, last ? Z_FINISH : Z_SYNC_FLUSH, out);
    else
        feed_zstd(e, "", 0, last ? ZSTD_e_end : ZSTD_e_flush, out);
}

void encoder_free(struct encoder *e)
{
    if (e == NULL)
        return;
    if (e->coding == CODING_GZIP)
        deflateEnd(&e->z);
    ZSTD_freeCCtx(e->zstd);
    free(e);
}

struct decoder {
    z_stream z;
    bool done;
    char run[RUN_BYTES];
};

struct decoder *decoder_new(void)
{
    struct decoder *d = NEW(struct decoder);

    if (inflateInit2(&d->z, GZIP_WINDOW) != Z_OK)
        abort(); /* memory */
    return d;
}

int decoder_feed(struct decoder *d, struct str piece, bool (*fn)(void *arg, struct str run),
                 void *arg, struct error *err)
{
    memcpy(&d->z.next_in, &piece.p, sizeof(piece.p)); /* zlib does not write it */
    d->z.avail_in = (uInt)piece.n;
    d->z.avail_out = 0;
    /* A full run may have left more behind in zlib, of input that it has taken already. */
    while (!d->done && (d->z.avail_in > 0 || d->z.avail_out == 0)) {
        size_t n;
        int rc;

        d->z.next_out = (Bytef *)d->run;
        d->z.avail_out = RUN_BYTES;
        rc = inflate(&d->z, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return error_set(err, ERR_CORRUPT, "the cluster's gzip data is damaged");
        d->done = rc == Z_STREAM_END;
        n = RUN_BYTES - d->z.avail_out;
        if (n > 0 && !fn(arg, str_of(d->run, n)))
            return OK;
        if (rc == Z_BUF_ERROR && n == 0)
            break;
    }
    return OK;
}

bool decoder_done(const struct decoder *d)
{
    return d->done;
}

void decoder_free(struct decoder *d)
{
    if (d == NULL)
        return;
    inflateEnd(&d->z);
    free(d);
}
