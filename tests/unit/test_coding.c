/* SPDX-License-Identifier: Apache-2.0 */
/* test_coding.c - what the encoders write, read by zlib and libzstd; what the decoder refuses. */
#include "base/mem.h"
#include "gateway/coding.h"
#include "gateway/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#define TEXT_BYTES 300000
#define BOTH (CONFIG_CODING_GZIP | CONFIG_CODING_ZSTD)

static unsigned seed;

/* kind 0: a page's rows; 1: noise; 2: one byte over and over */
static char *make_text(int kind)
{
    char *text = mem_alloc(TEXT_BYTES);

    for (size_t i = 0; i < TEXT_BYTES; i++) {
        if (kind == 0)
            text[i] = "[1,\"abc\",null],"[i % 15];
        else
            text[i] = kind == 1 ? (char)rand_r(&seed) : '\0';
        if (kind == 0 && i % 15 == 4)
            text[i] = (char)('a' + rand_r(&seed) % 26);
    }
    return text;
}

/* ---- independent readers: all that can be read of `coded` now ---- */

static size_t read_gzip(struct str coded, char *out, size_t room, bool *ended)
{
    z_stream z = {.next_out = (Bytef *)out, .avail_out = (uInt)room};
    int rc;

    memcpy(&z.next_in, &coded.p, sizeof(coded.p));
    z.avail_in = (uInt)coded.n;
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    rc = inflate(&z, Z_SYNC_FLUSH);
    assert_true(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR);
    assert_int_equal(z.avail_in, 0);
    *ended = rc == Z_STREAM_END;
    inflateEnd(&z);
    return room - z.avail_out;
}

static size_t read_zstd(struct str coded, char *out, size_t room, bool *ended)
{
    ZSTD_DCtx *d = ZSTD_createDCtx();
    ZSTD_inBuffer in = {coded.p, coded.n, 0};
    ZSTD_outBuffer to = {out, room, 0};
    size_t left = 1, before;

    do {
        before = in.pos + to.pos;
        left = ZSTD_decompressStream(d, &to, &in);
        assert_false(ZSTD_isError(left));
    } while (left > 0 && in.pos + to.pos > before);
    assert_int_equal(in.pos, in.size);
    *ended = left == 0;
    ZSTD_freeDCtx(d);
    return to.pos;
}

/* Feeds in pieces of random size, each of up to three parts; after each call all that went in must
 * come out. */
static void encode(enum coding c, unsigned level, int kind)
{
    struct encoder *e = encoder_new(c, level);
    struct buf out = buf_make(4 << 20);
    char *text = make_text(kind), *back = mem_alloc(TEXT_BYTES + 1);
    size_t at = 0;
    bool last = false, ended;

    while (!last) {
        struct iovec iov[3];
        size_t n = 1 + (size_t)rand_r(&seed) % 3, readable;

        for (size_t i = 0; i < n; i++) {
            size_t len = (size_t)rand_r(&seed) % 30000;

            len = len < TEXT_BYTES - at ? len : TEXT_BYTES - at;
            iov[i] = (struct iovec){text + at, len};
            at += len;
        }
        last = at == TEXT_BYTES;
        encoder_feed(e, iov, n, last, &out);
        assert_false(out.overflow);
        readable =
            (c == CODING_GZIP ? read_gzip : read_zstd)(buf_str(&out), back, TEXT_BYTES + 1, &ended);
        assert_int_equal(readable, at);
        assert_memory_equal(back, text, at);
        assert_int_equal(ended, last);
    }
    if (kind != 1)
        assert_true(out.n < TEXT_BYTES / 4 || level == 0);
    buf_reset(&out);
    free(text);
    free(back);
    encoder_free(e);
}

static void test_encode(void **state)
{
    static const unsigned levels[] = {1, 3, 6, 9, 19};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        for (int kind = 0; kind < 3; kind++) {
            encode(CODING_GZIP, levels[i], kind);
            encode(CODING_ZSTD, levels[i], kind);
        }
    }
    encoder_free(NULL);
}

static void test_encode_nothing(void **state)
{
    (void)state;
    for (int c = CODING_GZIP; c <= CODING_ZSTD; c++) {
        struct encoder *e = encoder_new((enum coding)c, 6);
        struct buf out = buf_make(1 << 20);
        char back[8];
        bool ended;
        size_t n;

        encoder_feed(e, NULL, 0, false, &out);
        encoder_feed(e, NULL, 0, true, &out);
        n = (c == CODING_GZIP ? read_gzip : read_zstd)(buf_str(&out), back, sizeof(back), &ended);
        assert_int_equal(n, 0);
        assert_true(ended);
        buf_reset(&out);
        encoder_free(e);
    }
}

/* The output's limit is met by its mark, not by an end without one. */
static void test_encode_overflow(void **state)
{
    char *text = make_text(1);
    struct iovec iov = {text, TEXT_BYTES};

    (void)state;
    for (int c = CODING_GZIP; c <= CODING_ZSTD; c++) {
        struct encoder *e = encoder_new((enum coding)c, 1);
        struct buf out = buf_make(200000);

        encoder_feed(e, &iov, 1, true, &out);
        assert_true(out.overflow);
        buf_reset(&out);
        encoder_free(e);
    }
    free(text);
}

/* ---- Accept-Encoding ---- */

static void test_choose(void **state)
{
    static const struct {
        unsigned allowed;
        const char *accept;
        enum coding wanted;
    } cases[] = {
        {BOTH, NULL, CODING_IDENTITY},
        {BOTH, "", CODING_IDENTITY},
        {BOTH, "gzip", CODING_GZIP},
        {BOTH, "GZip", CODING_GZIP},
        {BOTH, "gzip, zstd", CODING_ZSTD},
        {BOTH, "zstd, gzip", CODING_ZSTD},
        {BOTH, "deflate, br,gzip", CODING_GZIP},
        {BOTH, " gzip ;q=0.5 , identity", CODING_GZIP},
        {BOTH, "gzip;q=0", CODING_IDENTITY},
        {BOTH, "gzip; q=0", CODING_IDENTITY},
        {BOTH, "gzip;Q=0", CODING_IDENTITY},
        {BOTH, "gzip;q=0.0", CODING_IDENTITY},
        {BOTH, "gzip;q=0.000", CODING_IDENTITY},
        {BOTH, "gzip;q=0.001", CODING_GZIP},
        {BOTH, "gzip;q=1.000", CODING_GZIP},
        {BOTH, "zstd;q=0, gzip;q=0.1", CODING_GZIP},
        {BOTH, "zstd;q=0,gzip;q=0", CODING_IDENTITY},
        {BOTH, "*", CODING_IDENTITY}, /* no wish in particular */
        {BOTH, "*;q=0", CODING_IDENTITY},
        {BOTH, "identity", CODING_IDENTITY},
        {BOTH, "gzipx, xgzip, x-zstd, gz", CODING_IDENTITY},
        {BOTH, ",,,gzip,,", CODING_GZIP},
        {BOTH, ";;;,;q=,=;gzip", CODING_IDENTITY},
        {BOTH, "gzip zstd", CODING_IDENTITY},
        {BOTH, "\x01\xff\"gzip\"", CODING_IDENTITY},
        {CONFIG_CODING_GZIP, "zstd, gzip", CODING_GZIP},
        {CONFIG_CODING_GZIP, "zstd", CODING_IDENTITY},
        {CONFIG_CODING_ZSTD, "zstd, gzip", CODING_ZSTD},
        {CONFIG_CODING_ZSTD, "gzip", CODING_IDENTITY},
        {0, "gzip, zstd", CODING_IDENTITY},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (coding_choose(cases[i].allowed, str_c(cases[i].accept)) != cases[i].wanted)
            fail_msg("'%s' chose %d", cases[i].accept,
                     (int)coding_choose(cases[i].allowed, str_c(cases[i].accept)));
    assert_true(str_eq(coding_name(CODING_GZIP), STR("gzip")));
    assert_true(str_eq(coding_name(CODING_ZSTD), STR("zstd")));
}

/* ---- decoder ---- */

struct sink {
    struct buf text;
    size_t stop_after; /* bytes, 0 = never */
    unsigned calls;
};

static bool on_run(void *arg, struct str run)
{
    struct sink *s = arg;

    assert_true(run.n > 0);
    s->calls++;
    buf_put_str(&s->text, run);
    return s->stop_after == 0 || s->text.n < s->stop_after;
}

static struct buf gzip_of(const char *text, size_t n)
{
    struct encoder *e = encoder_new(CODING_GZIP, 6);
    struct buf out = buf_make(8 << 20);
    struct iovec iov = {(void *)(uintptr_t)text, n};

    encoder_feed(e, &iov, 1, true, &out);
    encoder_free(e);
    return out;
}

static void test_decode_pieces(void **state)
{
    static const size_t sizes[] = {1, 7, 1000, 65536, 1 << 20};

    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        char *text = make_text(kind);
        struct buf coded = gzip_of(text, TEXT_BYTES);

        for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
            struct sink sink = {.text = buf_make(1 << 20)};
            struct decoder *d = decoder_new();
            struct error err;

            for (size_t at = 0; at < coded.n; at += sizes[s]) {
                size_t n = coded.n - at < sizes[s] ? coded.n - at : sizes[s];

                assert_false(decoder_done(d));
                assert_int_equal(decoder_feed(d, str_of(coded.p + at, n), on_run, &sink, &err), OK);
            }
            assert_true(decoder_done(d));
            assert_int_equal(sink.text.n, TEXT_BYTES);
            assert_memory_equal(sink.text.p, text, TEXT_BYTES);
            /* What follows the end is nobody's. */
            assert_int_equal(decoder_feed(d, STR("trailing bytes"), on_run, &sink, &err), OK);
            assert_int_equal(sink.text.n, TEXT_BYTES);
            buf_reset(&sink.text);
            decoder_free(d);
        }
        buf_reset(&coded);
        free(text);
    }
    decoder_free(NULL);
}

/* All that a piece lets know comes out with it: a cluster that flushes is not held up. */
static void test_decode_flushed(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct sink sink = {.text = buf_make(1 << 20)};
        struct encoder *e = encoder_new(CODING_GZIP, 9);
        struct decoder *d = decoder_new();
        struct buf coded = buf_make(1 << 20);
        char *text = make_text(kind);
        struct error err;

        for (size_t at = 0, n; at < TEXT_BYTES; at += n) {
            struct iovec iov = {text + at, n = 1 + (size_t)rand_r(&seed) % 20000};

            iov.iov_len = n = n < TEXT_BYTES - at ? n : TEXT_BYTES - at;
            buf_clear(&coded);
            encoder_feed(e, &iov, 1, false, &coded);
            assert_int_equal(decoder_feed(d, buf_str(&coded), on_run, &sink, &err), OK);
            assert_int_equal(sink.text.n, at + n);
        }
        assert_false(decoder_done(d)); /* cut: it never ended */
        buf_reset(&coded);
        buf_reset(&sink.text);
        free(text);
        encoder_free(e);
        decoder_free(d);
    }
}

/* The bytes of runs that are not the end of a stream: never more than was there, never lost. */
static void test_decode_run_boundary(void **state)
{
    char *zeros = mem_zalloc(1 << 20);

    (void)state;
    for (size_t n = 65536 - 300; n < 65536 + 300; n += 7) {
        struct encoder *e = encoder_new(CODING_GZIP, 9);
        struct decoder *d = decoder_new();
        struct sink sink = {.text = buf_make(1 << 20)};
        struct buf coded = buf_make(1 << 20);
        struct iovec iov = {zeros, n};
        struct error err;

        encoder_feed(e, &iov, 1, false, &coded);
        /* without the flush's own marker, which would bring the rest out */
        assert_int_equal(decoder_feed(d, str_of(coded.p, coded.n - 4), on_run, &sink, &err), OK);
        assert_int_equal(sink.text.n, n);
        buf_reset(&coded);
        buf_reset(&sink.text);
        encoder_free(e);
        decoder_free(d);
    }
    free(zeros);
}

static void test_decode_damaged(void **state)
{
    char *text = make_text(0);
    struct buf coded = gzip_of(text, 3000);
    unsigned refused = 0;

    (void)state;
    for (size_t i = 0; i < coded.n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            struct sink sink = {.text = buf_make(1 << 20)};
            struct decoder *d = decoder_new();
            struct error err = {OK, ""};
            int rc;

            coded.p[i] ^= (char)(1 << bit);
            rc = decoder_feed(d, buf_str(&coded), on_run, &sink, &err);
            assert_true(rc == OK || rc == ERR_CORRUPT);
            refused += rc != OK;
            if (rc == OK && decoder_done(d)) { /* a header field that changes no text */
                assert_int_equal(sink.text.n, 3000);
                assert_memory_equal(sink.text.p, text, 3000);
            }
            coded.p[i] ^= (char)(1 << bit);
            buf_reset(&sink.text);
            decoder_free(d);
        }
    }
    assert_true(refused > coded.n * 7);
    buf_reset(&coded);
    free(text);
}

static void test_decode_garbage(void **state)
{
    static const char *const cases[] = {"{\"id\":1}", "\x1f\x8b\x09\x01----", "\x1f\x8c\x08----",
                                        "\x28\xb5\x2f\xfd plain zstd"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sink sink = {.text = buf_make(1000)};
        struct decoder *d = decoder_new();
        struct error err;

        assert_int_equal(decoder_feed(d, STR_NONE, on_run, &sink, &err), OK);
        assert_int_equal(decoder_feed(d, str_c(cases[i]), on_run, &sink, &err), ERR_CORRUPT);
        assert_int_equal(sink.calls, 0);
        decoder_free(d);
    }
}

/* 64 MB in 64 kB: the one who listens stops it, and no run is longer than the decoder's buffer. */
static void test_decode_bomb(void **state)
{
    char *zeros = mem_zalloc(64 << 20);
    struct buf coded = gzip_of(zeros, 64 << 20);
    struct sink sink = {.text = buf_make(4 << 20), .stop_after = 1 << 20};
    struct decoder *d = decoder_new();
    struct error err;

    (void)state;
    assert_true(coded.n < 100000);
    assert_int_equal(decoder_feed(d, buf_str(&coded), on_run, &sink, &err), OK);
    assert_false(decoder_done(d));
    assert_in_range(sink.text.n, 1 << 20, (1 << 20) + 65536);
    decoder_free(d);
    buf_reset(&coded);
    buf_reset(&sink.text);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_encode_nothing),
        cmocka_unit_test(test_encode_overflow),
        cmocka_unit_test(test_choose),
        cmocka_unit_test(test_decode_pieces),
        cmocka_unit_test(test_decode_flushed),
        cmocka_unit_test(test_decode_run_boundary),
        cmocka_unit_test(test_decode_damaged),
        cmocka_unit_test(test_decode_garbage),
        cmocka_unit_test(test_decode_bomb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
