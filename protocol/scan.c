/* SPDX-License-Identifier: Apache-2.0 */
/* scan.c - see scan.h.
 *
 * Two gears. At depth 1 (and inside a spooled `data` object) a byte-wise state machine knows keys
 * from values. Everything deeper is walked by walk(): blocks of 64 bytes become bit masks of
 * quotes, brackets and backslashes; a prefix XOR over the quotes says which bytes are inside
 * strings, and only the brackets outside of them are visited. Blocks with a backslash take the slow
 * road, byte by byte. */
#include "protocol/scan.h"

#include "base/json_scan.h"

#include <assert.h>
#include <stdlib.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#define CAPTURE_MAX 16384
#define FACTS_MAX (256 * 1024)
#define SPOOL_DEPTH 63 /* what `objects` has room for */
#define BLOCK 64

enum mode { TOKENS, WALK, KEY, CAPTURE, DONE };
enum key {
    KEY_OTHER,
    KEY_ID,
    KEY_INFO_URI,
    KEY_NEXT_URI,
    KEY_PARTIAL_CANCEL_URI,
    KEY_DATA,
    KEY_ERROR,
    KEY_SEGMENT_URI,
    KEY_ACK_URI,
    KEY_ROWS_COUNT /* in the metadata of a segment */
};

static const struct {
    struct str name;
    enum key key;
} keys[] = {
    {{"id", 2}, KEY_ID},
    {{"infoUri", 7}, KEY_INFO_URI},
    {{"nextUri", 7}, KEY_NEXT_URI},
    {{"partialCancelUri", 16}, KEY_PARTIAL_CANCEL_URI},
    {{"data", 4}, KEY_DATA},
    {{"error", 5}, KEY_ERROR},
};

void scan_init(struct scan *s,
               void (*uri)(void *ctx, enum scan_uri kind, struct str uri, struct buf *out),
               void *ctx)
{
    *s = (struct scan){.uri = uri, .ctx = ctx};
    s->id = buf_make(256);
    s->capture = buf_make(CAPTURE_MAX);
    s->facts = buf_make(FACTS_MAX);
}

void scan_restart(struct scan *s)
{
    struct scan fresh = {.uri = s->uri, .ctx = s->ctx};

    fresh.id = s->id;
    fresh.capture = s->capture;
    fresh.facts = s->facts;
    buf_clear(&fresh.id);
    buf_clear(&fresh.capture);
    buf_reset(&fresh.facts); /* it may be large */
    *s = fresh;
}

void scan_reset(struct scan *s)
{
    buf_reset(&s->id);
    buf_reset(&s->capture);
    buf_reset(&s->facts);
}

static void grow_runs(struct scan_out *o)
{
    o->cap = o->cap > 0 ? o->cap * 2 : 32;
    o->iov = mem_resize(o->iov, o->cap * sizeof(*o->iov));
}

void scan_out_clear(struct scan_out *o, size_t reserved)
{
    while (o->cap < reserved)
        grow_runs(o);
    for (o->n = 0; o->n < reserved; o->n++)
        o->iov[o->n] = (struct iovec){0};
    o->bytes = 0;
    arena_clear(&o->texts);
}

void scan_out_reset(struct scan_out *o)
{
    free(o->iov);
    arena_reset(&o->texts);
    buf_reset(&o->text);
    *o = (struct scan_out){0};
}

void scan_out_add(struct scan_out *o, struct str run)
{
    if (run.n == 0)
        return;
    if (o->n == o->cap)
        grow_runs(o);
    memcpy(&o->iov[o->n].iov_base, &run.p, sizeof(run.p));
    o->iov[o->n++].iov_len = run.n;
    o->bytes += run.n;
}

static int fail(struct error *err, const char *what)
{
    return error_set(err, ERR_CORRUPT, "the cluster's answer is not a QueryResults document: %s",
                     what);
}

/* ---- the fast gear ---- */

/* One structural byte outside of strings. True when the walk is over (depth 1 reached). */
static inline bool bracket(struct scan *s, bool open)
{
    if (open) {
        if (s->depth == 2 && s->key == KEY_DATA)
            s->rows++;
        s->depth++;
        return false;
    }
    return --s->depth == 1;
}

/* Byte by byte up to `end`; returns where the walk ended, or `end`. */
static const char *walk_bytes(struct scan *s, const char *p, const char *end)
{
    for (; p < end; p++) {
        char c = *p;

        if (s->escape) {
            s->escape = false;
        } else if (s->in_string) {
            s->escape = c == '\\';
            s->in_string = c != '"';
        } else if (c == '"') {
            s->in_string = true;
        } else if ((c | 0x20) == '{') {
            bracket(s, true);
        } else if ((c | 0x20) == '}' && bracket(s, false)) {
            return p + 1;
        }
    }
    return end;
}

#ifdef __x86_64__
struct masks {
    uint64_t quote, open, close, backslash;
};

#define TARGET_AVX2 __attribute__((target("avx2,bmi")))

static inline void masks_sse2(const char *p, struct masks *m)
{
    const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), open = _mm_set1_epi8('{'),
                  close = _mm_set1_epi8('}'), bit5 = _mm_set1_epi8(0x20);

    *m = (struct masks){0};
    for (int i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        __m128i folded = _mm_or_si128(v, bit5); /* '[' -> '{', ']' -> '}' */
        int shift = 16 * i;

        m->quote |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, quote)) << shift;
        m->backslash |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, back)) << shift;
        m->open |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, open)) << shift;
        m->close |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, close)) << shift;
    }
}

TARGET_AVX2 static inline uint64_t equal_avx2(__m256i a, __m256i b, __m256i what)
{
    return (uint64_t)(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, what)) << 32 |
           (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, what));
}

TARGET_AVX2 static inline void masks_avx2(const char *p, struct masks *m)
{
    const __m256i bit5 = _mm256_set1_epi8(0x20);
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));

    m->quote = equal_avx2(a, b, _mm256_set1_epi8('"'));
    m->backslash = equal_avx2(a, b, _mm256_set1_epi8('\\'));
    a = _mm256_or_si256(a, bit5);
    b = _mm256_or_si256(b, bit5);
    m->open = equal_avx2(a, b, _mm256_set1_epi8('{'));
    m->close = equal_avx2(a, b, _mm256_set1_epi8('}'));
}

/* Bit n of the result is the XOR of the bits 0..n: set inside strings. */
static inline uint64_t prefix_xor(uint64_t x)
{
    for (int shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

/* The walk in registers. */
struct walker {
    uint64_t inside; /* all ones: the block begins within a string */
    unsigned depth, rows;
    bool counts; /* rows: this is `data` */
};

/* One block without backslashes. Returns where the walk ended, or NULL. */
static inline const char *walk_block(struct walker *w, const char *p, const struct masks *m)
{
    uint64_t inside = prefix_xor(m->quote) ^ w->inside;
    uint64_t open = m->open & ~inside, close = m->close & ~inside, marks = open | close;

    w->inside = (uint64_t)((int64_t)inside >> 63);
    /* Between two rows stands `],[`: nothing but such pairs leaves the depth where it was. */
    if (w->depth == 3 && (close << 2) == open && close >> 62 == 0) {
        w->rows += w->counts ? (unsigned)__builtin_popcountll(open) : 0;
        return NULL;
    }
    for (; marks != 0; marks &= marks - 1) {
        unsigned at = (unsigned)__builtin_ctzll(marks);

        if (open >> at & 1) {
            w->rows += w->counts && w->depth == 2;
            w->depth++;
        } else if (--w->depth == 1) {
            w->inside = 0;
            return p + at + 1;
        }
    }
    return NULL;
}

static inline struct walker walker_of(const struct scan *s)
{
    return (struct walker){s->in_string ? ~0ULL : 0, s->depth, 0, s->key == KEY_DATA};
}

static inline void walker_store(const struct walker *w, struct scan *s)
{
    s->in_string = w->inside != 0;
    s->depth = w->depth;
    s->rows += w->rows;
}

/* The loop of both instruction sets: inlined into each, and `get` into it. */
__attribute__((always_inline)) static inline const char *
walk_blocks(struct scan *s, const char *p, const char *end,
            void (*get)(const char *p, struct masks *m))
{
    struct walker w = walker_of(s);
    const char *stop = NULL;

    for (; stop == NULL && end - p >= BLOCK; p += BLOCK) {
        struct masks m;

        get(p, &m);
        if (m.backslash == 0 && !s->escape) {
            stop = walk_block(&w, p, &m);
            continue;
        }
        walker_store(&w, s);
        stop = walk_bytes(s, p, p + BLOCK);
        stop = s->depth == 1 ? stop : NULL;
        w = walker_of(s);
    }
    walker_store(&w, s);
    return stop != NULL ? stop : p;
}

static const char *walk_blocks_sse2(struct scan *s, const char *p, const char *end)
{
    return walk_blocks(s, p, end, masks_sse2);
}

TARGET_AVX2 static const char *walk_blocks_avx2(struct scan *s, const char *p, const char *end)
{
    return walk_blocks(s, p, end, masks_avx2);
}
#endif

/* From inside a container at depth >= 2 to its end or to the end of the piece. */
static const char *walk(struct scan *s, const char *p, const char *end)
{
#ifdef __x86_64__
    p = __builtin_cpu_supports("avx2") ? walk_blocks_avx2(s, p, end) : walk_blocks_sse2(s, p, end);
    if (s->depth == 1)
        return p;
#endif
    return walk_bytes(s, p, end);
}

/* ---- strings that are replaced ---- */

/* Undoes the escapes of the captured string; false when those are malformed. */
static bool unescape(struct buf *capture)
{
    struct buf quoted = buf_make(CAPTURE_MAX + 2);
    struct jscan s;
    struct str text;
    bool ok;

    buf_put_c(&quoted, '"');
    buf_put_str(&quoted, buf_str(capture));
    buf_put_c(&quoted, '"');
    s = jscan_of(buf_str(&quoted));
    ok = jscan_string(&s, &text);
    buf_clear(capture);
    if (ok)
        jscan_unescape(capture, text);
    buf_reset(&quoted);
    return ok;
}

/* The text between the quotes; only a URI that holds what JSON must escape takes the second step.
 */
static struct str quote_uri(struct scan_out *out, struct buf *text)
{
    struct str plain = str_skip(buf_str(text), 1);
    struct buf quoted = buf_make(12 * CAPTURE_MAX + 2);
    struct str kept;
    bool clean = true;

    for (size_t i = 0; i < plain.n; i++)
        clean &= (unsigned char)plain.p[i] >= 0x20 && plain.p[i] != '"' && plain.p[i] != '\\';
    if (clean) {
        buf_put_c(text, '"');
        return arena_str(&out->texts, buf_str(text));
    }
    buf_put_json(&quoted, plain);
    kept = arena_str(&out->texts, buf_str(&quoted));
    buf_reset(&quoted);
    return kept;
}

/* False when the URI is malformed, or it or its replacement too long. */
static bool replace(struct scan *s, struct scan_out *out)
{
    static const enum scan_uri kinds[] = {
        [KEY_INFO_URI] = SCAN_INFO_URI,
        [KEY_NEXT_URI] = SCAN_NEXT_URI,
        [KEY_PARTIAL_CANCEL_URI] = SCAN_PARTIAL_CANCEL_URI,
        [KEY_SEGMENT_URI] = SCAN_SEGMENT_URI,
        [KEY_ACK_URI] = SCAN_ACK_URI,
    };

    if (s->capture.overflow ||
        (str_find(buf_str(&s->capture), '\\') < s->capture.n && !unescape(&s->capture)))
        return false;
    out->text.max = 2 * CAPTURE_MAX;
    buf_clear(&out->text);
    buf_put_c(&out->text, '"');
    s->uri(s->ctx, kinds[s->capturing], buf_str(&s->capture), &out->text);
    if (out->text.overflow)
        return false;
    scan_out_add(out, quote_uri(out, &out->text));
    s->has_next = s->has_next || s->capturing == KEY_NEXT_URI;
    return true;
}

/* ---- the slow gear ---- */

static void name_key(struct scan *s)
{
    struct str name = str_of(s->key_text, s->key_n);

    s->key = KEY_OTHER;
    if (s->depth > 1) {
        if (str_eq(name, STR("uri")))
            s->key = KEY_SEGMENT_URI;
        else if (str_eq(name, STR("ackUri")))
            s->key = KEY_ACK_URI;
        else if (str_eq(name, STR("rowsCount")))
            s->key = KEY_ROWS_COUNT;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (!str_eq(name, keys[i].name))
            continue;
        s->key = keys[i].key;
        s->has_error = s->has_error || s->key == KEY_ERROR;
    }
}

static const char *in_key(struct scan *s, const char *p, const char *end)
{
    for (; p < end; p++) {
        if (*p == '"' && !s->escape) {
            name_key(s);
            s->mode = TOKENS;
            return p + 1;
        }
        s->escape = !s->escape && *p == '\\';
        if (s->key_n < sizeof(s->key_text))
            s->key_text[s->key_n++] = *p; /* a longer key is none of ours, cut or not */
    }
    return end;
}

/* NULL when a URI cannot be replaced. */
static const char *in_capture(struct scan *s, const char *p, const char *end, struct scan_out *out,
                              const char **run)
{
    while (p < end) {
        const char *quote = s->escape ? p : memchr(p, '"', (size_t)(end - p));
        const char *stop = quote != NULL ? quote : end, *back;

        /* Up to the quote at once, unless an escape is on the way. */
        back = memchr(p, '\\', (size_t)(stop - p));
        if (!s->escape && back == NULL) {
            buf_put(&s->capture, p, (size_t)(stop - p));
            p = stop;
        }
        if (p == end)
            return p;
        if (*p == '"' && !s->escape) {
            s->mode = TOKENS;
            if (s->capturing == KEY_ID) {
                buf_clear(&s->id);
                buf_put_str(&s->id, buf_str(&s->capture));
            } else {
                if (!replace(s, out))
                    return NULL;
                *run = p + 1;
            }
            s->capturing = KEY_OTHER;
            return p + 1;
        }
        s->escape = !s->escape && *p == '\\';
        buf_put_c(&s->capture, *p++);
    }
    return end;
}

static void begin_string(struct scan *s, const char *p, struct scan_out *out, const char **run)
{
    if (s->expect_key) {
        s->key_n = 0;
        s->mode = KEY;
        return;
    }
    if (s->key == KEY_OTHER || s->key == KEY_DATA || s->key == KEY_ERROR ||
        s->key == KEY_ROWS_COUNT) {
        s->in_string = true;
        return;
    }
    s->capturing = s->key;
    s->mode = CAPTURE;
    buf_clear(&s->capture);
    if (s->key != KEY_ID) { /* the quote belongs to the replacement */
        scan_out_add(out, str_of(*run, (size_t)(p - *run)));
        *run = p + 1;
    }
}

static void open_container(struct scan *s, bool object)
{
    s->depth++;
    if (s->depth < 64)
        s->objects = (s->objects & ~(1ULL << s->depth)) | (uint64_t)object << s->depth;
    s->expect_key = object;
    if (s->key == KEY_ROWS_COUNT) /* no number */
        s->key = KEY_OTHER;
    if (s->depth == 1)
        return;
    if (s->depth == 2 && s->key == KEY_DATA) {
        s->has_data = true;
        s->spooled = s->in_spool = object;
    }
    /* All but the document itself and spooled data is walked without looking at keys. */
    if (!s->in_spool || s->depth > SPOOL_DEPTH) {
        s->mode = WALK;
        s->expect_key = false;
    }
}

static void end_value(struct scan *s)
{
    s->rows += s->segment_rows;
    s->segment_rows = 0;
    if (s->depth == 1 || s->key == KEY_ROWS_COUNT)
        s->key = KEY_OTHER;
}

/* A character of a number or a word: only the number of a segment's rows is read. */
static void other(struct scan *s, char c)
{
    if (s->key == KEY_ROWS_COUNT && c >= '0' && c <= '9' && s->segment_rows < UINT32_MAX)
        s->segment_rows = s->segment_rows * 10 + (uint64_t)(c - '0');
}

/* One byte outside of strings at depth <= 1 or in spooled data. */
static int token(struct scan *s, char c, struct error *err)
{
    if (s->depth == 0 && c != '{' && c != ' ' && c != '\n' && c != '\r' && c != '\t')
        return fail(err, "it does not begin with '{'");
    switch (c) {
    case '{':
    case '[':
        open_container(s, c == '{');
        return OK;
    case '}':
    case ']':
        s->depth--;
        s->expect_key = false;
        if (s->depth == 1)
            s->in_spool = false;
        end_value(s);
        if (s->depth == 0) {
            s->mode = DONE;
            s->complete = true;
        }
        return OK;
    case ',':
        s->expect_key = s->depth < 64 && (s->objects >> s->depth & 1);
        end_value(s);
        return OK;
    case ':':
        s->expect_key = false;
        return OK;
    default:
        other(s, c);
        return OK;
    }
}

static const char *in_plain_string(struct scan *s, const char *p, const char *end)
{
    const char *quote = s->escape ? NULL : memchr(p, '"', (size_t)(end - p));

    if (quote != NULL && memchr(p, '\\', (size_t)(quote - p)) == NULL) {
        s->in_string = false;
        return quote + 1;
    }
    for (; p < end; p++) {
        if (*p == '"' && !s->escape) {
            s->in_string = false;
            return p + 1;
        }
        s->escape = !s->escape && *p == '\\';
    }
    return end;
}

static int in_tokens(struct scan *s, const char **at, const char *end, struct scan_out *out,
                     const char **run, struct error *err)
{
    const char *p = *at;

    while (p < end && s->mode == TOKENS) {
        if (s->in_string) {
            p = in_plain_string(s, p, end);
            continue;
        }
        if (*p == '"' && s->depth > 0)
            begin_string(s, p, out, run);
        else
            TRY(token(s, *p, err));
        p++;
    }
    *at = p;
    return OK;
}

static int only_blanks(const char **at, const char *end, struct error *err)
{
    for (; *at < end; (*at)++)
        if (strchr(" \n\r\t", **at) == NULL || **at == '\0')
            return fail(err, "something follows its end");
    return OK;
}

/* Keeps what a last page says, without its rows: a valid document with `"data":[]`. */
static void keep_facts(struct scan *s, const char *from, const char *to, bool in_data)
{
    if (!in_data)
        buf_put(&s->facts, from, (size_t)(to - from));
    else if (s->depth == 1)
        buf_put_c(&s->facts, ']');
}

static const char *in_walk(struct scan *s, const char *p, const char *end)
{
    p = walk(s, p, end);
    if (s->depth == 1) {
        s->mode = TOKENS;
        s->in_string = s->escape = s->in_spool = false;
    }
    return p;
}

int scan_feed(struct scan *s, struct str piece, bool whole, struct scan_out *out, struct error *err)
{
    const char *p = piece.p, *end = piece.p + piece.n, *run = p;

    while (p < end) {
        const char *from = p;
        bool in_data = s->mode == WALK && s->key == KEY_DATA;

        assert(p != NULL);
        if (s->mode == TOKENS)
            TRY(in_tokens(s, &p, end, out, &run, err));
        else if (s->mode == WALK)
            p = in_walk(s, p, end);
        else if (s->mode == KEY)
            p = in_key(s, p, end);
        else if (s->mode == CAPTURE)
            p = in_capture(s, p, end, out, &run);
        else
            TRY(only_blanks(&p, end, err));
        if (p == NULL)
            return fail(err, "a URI is malformed or too long");
        if (!whole && !s->has_next)
            keep_facts(s, from, p, in_data);
    }
    if (s->has_next)
        buf_reset(&s->facts);
    if (s->mode != CAPTURE || s->capturing == KEY_ID)
        scan_out_add(out, str_of(run, (size_t)(end - run)));
    return OK;
}
