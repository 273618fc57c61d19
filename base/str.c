/* SPDX-License-Identifier: Apache-2.0 */
/* str.c - see str.h. */
#include "base/str.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

bool str_eq_nocase(struct str a, struct str b)
{
    return a.n == b.n && str_starts_nocase(a, b);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
    if (s.n < prefix.n)
        return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (fold(s.p[i]) != fold(prefix.p[i]))
            return false;
    return true;
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
        s.p++, s.n--;
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

size_t str_find(struct str s, char c)
{
    const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

    return at != NULL ? (size_t)(at - s.p) : s.n;
}

size_t str_search(struct str s, struct str needle)
{
    const char *at = s.n > 0 ? memmem(s.p, s.n, needle.p, needle.n) : NULL;

    return at != NULL ? (size_t)(at - s.p) : s.n;
}

struct str str_split(struct str *rest, char sep)
{
    size_t at = str_find(*rest, sep);
    struct str part = {rest->p, at};

    *rest = at < rest->n ? (struct str){rest->p + at + 1, rest->n - at - 1} : STR_NONE;
    return part;
}

bool str_to_u64(struct str s, uint64_t *out)
{
    uint64_t v = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned d = (unsigned)(unsigned char)s.p[i] - '0';

        if (d > 9 || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, d, &v))
            return false;
    }
    *out = v;
    return true;
}

char *str_dup(struct str s)
{
    char *copy = mem_alloc(s.n + 1);

    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return copy;
}

void buf_reset(struct buf *b)
{
    free(b->p);
    *b = buf_make(b->max);
}

char *buf_reserve(struct buf *b, size_t n)
{
    size_t need, cap;

    if (n <= b->cap - b->n && b->p != NULL)
        return b->p + b->n;
    if (b->overflow || n > b->max - b->n) {
        b->overflow = true;
        return NULL;
    }
    need = b->n + n;
    cap = b->cap < 128 ? 256 : b->cap * 2;
    if (cap < need)
        cap = need;
    if (cap > b->max)
        cap = b->max;
    b->p = mem_resize(b->p, cap > 0 ? cap : 1);
    b->cap = cap;
    return b->p + b->n;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
    char *at;

    if (n == 0 || (at = buf_reserve(b, n)) == NULL)
        return;
    memcpy(at, p, n);
    b->n += n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    char *at;
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n > 0 && (at = buf_reserve(b, (size_t)n + 1)) != NULL) {
        vsnprintf(at, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
    char text[20];
    size_t at = sizeof(text);

    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    buf_put(b, text + at, sizeof(text) - at);
}

void buf_consume(struct buf *b, size_t n)
{
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

void buf_put_json(struct buf *b, struct str s)
{
    size_t done = 0;

    buf_put_c(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_put(b, s.p + done, i - done);
        done = i + 1;
        switch (c) {
        case '"':
            buf_put(b, "\\\"", 2);
            break;
        case '\\':
            buf_put(b, "\\\\", 2);
            break;
        case '\n':
            buf_put(b, "\\n", 2);
            break;
        case '\r':
            buf_put(b, "\\r", 2);
            break;
        case '\t':
            buf_put(b, "\\t", 2);
            break;
        default:
            buf_printf(b, "\\u%04X", c);
        }
    }
    buf_put_str(b, str_skip(s, done));
    buf_put_c(b, '"');
}
