/* SPDX-License-Identifier: Apache-2.0 */
/* str.h - borrowed byte ranges and bounded growing buffers.
 *
 * `struct str` never owns its bytes and is not NUL-terminated: wire data has no strlen.
 * `struct buf` owns its bytes and is born with a maximum; running into the maximum sets the sticky
 * `overflow` mark and drops what does not fit, so that an encoder checks once, at its end.
 * Memory exhaustion aborts, as everywhere for small control-plane allocations. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})
#define STR_NONE ((struct str){NULL, 0})
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

static inline struct str str_of(const char *p, size_t n)
{
    return (struct str){p, n};
}

/* A borrowed view of a C string; NULL gives the empty string. */
static inline struct str str_c(const char *c)
{
    return (struct str){c, c != NULL ? strlen(c) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* `s` without its first `n` bytes (all of them when it has fewer). */
static inline struct str str_skip(struct str s, size_t n)
{
    n = n < s.n ? n : s.n;
    return (struct str){n > 0 ? s.p + n : s.p, s.n - n};
}

/* ASCII only: header names, schemes, keywords. */
bool str_eq_nocase(struct str a, struct str b);
bool str_starts_nocase(struct str s, struct str prefix);

/* Without blanks and tabs at both ends (RFC 9110 OWS). */
struct str str_trim(struct str s);

/* Position of `c`, or s.n when it does not occur. */
size_t str_find(struct str s, char c);

/* Position of the first `needle`, or s.n when it does not occur. */
size_t str_search(struct str s, struct str needle);

/* Cuts the part before the first `sep` off the front of `*rest` and returns it; without `sep` all
 * of `*rest` is returned and `*rest` becomes STR_NONE (p == NULL), which ends a loop. */
struct str str_split(struct str *rest, char sep);

/* Decimal digits only, no sign, no blanks; false on anything else or on overflow. */
bool str_to_u64(struct str s, uint64_t *out);

/* malloc'ed, NUL-terminated copy. The caller frees it. */
char *str_dup(struct str s);

struct buf {
    char *p;
    size_t n, cap, max;
    bool overflow;
};

/* An empty buffer that may grow to `max` bytes. No allocation yet. */
static inline struct buf buf_make(size_t max)
{
    return (struct buf){.max = max};
}

/* Frees the bytes; the buffer is empty and may be used again with the same maximum. */
void buf_reset(struct buf *b);

/* Forgets the content and the overflow mark, keeps the memory. */
static inline void buf_clear(struct buf *b)
{
    b->n = 0;
    b->overflow = false;
}

/* Room for `n` more bytes at the returned place, or NULL (and overflow) beyond the maximum. The
 * caller writes there and adds what it wrote to b->n. */
char *buf_reserve(struct buf *b, size_t n);

void buf_put(struct buf *b, const void *p, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_put_u64(struct buf *b, uint64_t v);

static inline void buf_put_str(struct buf *b, struct str s)
{
    buf_put(b, s.p, s.n);
}

static inline void buf_put_c(struct buf *b, char c)
{
    if (b->n < b->cap)
        b->p[b->n++] = c;
    else
        buf_put(b, &c, 1);
}

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p, b->n};
}

/* Removes the first `n` bytes by moving the rest down. */
void buf_consume(struct buf *b, size_t n);

/* Appends `s` as a JSON string literal with quotes (RFC 8259); bytes >= 0x80 are copied. */
void buf_put_json(struct buf *b, struct str s);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
