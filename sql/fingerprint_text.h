/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint_text.h - the text of a fingerprint while it is written; included by
 * sql/fingerprint*.c alone. One check of the room for each token, the rest is inline. */
#ifndef SQL_FINGERPRINT_TEXT_H
#define SQL_FINGERPRINT_TEXT_H

#include "base/mem.h"

struct text {
    struct arena *arena;
    char *p;
    size_t n, cap;
    bool glued;      /* no blank before the next token */
    bool after_name; /* the last one was a name: f( */
};

#define TEXT_SLACK 16 /* what a token may need beside its own bytes */

/* A bigger one, for `n` more bytes. */
void text_grow(struct text *t, size_t n);

static inline void text_room(struct text *t, size_t n)
{
    if (t->n + n + TEXT_SLACK > t->cap)
        text_grow(t, n + TEXT_SLACK);
}

/* Makes room for a token of `n` bytes and sets the blank before it. */
static inline void text_token(struct text *t, size_t n, bool blank)
{
    text_room(t, n);
    t->p[t->n] = ' ';
    t->n += blank && !t->glued;
    t->glued = t->after_name = false;
}

/* Both need room that was made before. */
static inline void text_put(struct text *t, const char *p, size_t n)
{
    memcpy(t->p + t->n, p, n);
    t->n += n;
}

static inline void text_put_c(struct text *t, char c)
{
    t->p[t->n++] = c;
}

/* Eight letters at a time: those from `first` on in the alphabet get the other case. */
static inline uint64_t swap_case(uint64_t w, char first)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t low = w & ~high;
    uint64_t from = low + ones * (uint64_t)(128 - first),
             past = low + ones * (uint64_t)(102 - first);

    return w ^ (((from ^ past) & ~w & high) >> 2);
}

/* As text_put(), in lower (`first` is 'A') or upper case ('a'). ASCII alone. */
static inline void text_put_case(struct text *t, struct str s, char first)
{
    char *to = t->p + t->n;
    uint64_t w = 0;
    size_t at = 0;

    for (; at + 8 <= s.n; at += 8) {
        memcpy(&w, s.p + at, 8);
        w = swap_case(w, first);
        memcpy(to + at, &w, 8);
    }
    if (s.n >= 8) {
        memcpy(&w, s.p + s.n - 8, 8);
        w = swap_case(w, first);
        memcpy(to + s.n - 8, &w, 8);
    } else {
        memcpy(&w, s.p, s.n);
        w = swap_case(w, first);
        memcpy(to, &w, 8); /* into the slack */
    }
    t->n += s.n;
}

#endif
