/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c - see utf8.h. */
#include "base/utf8.h"

/* By first byte: length, and the range of the second byte (Unicode 15, table 3-7). */
static const struct {
    unsigned char first, last, n, low, high;
} leads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_char(struct str s)
{
    unsigned char c, next;

    if (s.n == 0)
        return 0;
    c = (unsigned char)s.p[0];
    if (c < 0x80)
        return 1;
    for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
        if (c < leads[i].first || c > leads[i].last)
            continue;
        if (s.n < leads[i].n)
            return 0;
        next = (unsigned char)s.p[1];
        if (next < leads[i].low || next > leads[i].high)
            return 0;
        for (size_t k = 2; k < leads[i].n; k++)
            if (!is_tail(s.p[k]))
                return 0;
        return leads[i].n;
    }
    return 0;
}

/* Length of the front that is ASCII, or a little less: eight bytes at a time. */
static size_t ascii_front(struct str s)
{
    size_t at = 0;
    uint64_t eight;

    for (; at + sizeof(eight) <= s.n; at += sizeof(eight)) {
        memcpy(&eight, s.p + at, sizeof(eight));
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    return at;
}

/* Length of the valid front. */
static size_t valid_front(struct str s)
{
    size_t at = ascii_front(s), n;

    while (at < s.n) {
        if ((unsigned char)s.p[at] < 0x80) {
            at++;
            continue;
        }
        n = utf8_char(str_skip(s, at));
        if (n == 0)
            break;
        at += n;
        at += ascii_front(str_skip(s, at));
    }
    return at;
}

bool utf8_valid(struct str s)
{
    return valid_front(s) == s.n;
}

struct str utf8_cut(struct str s, size_t max)
{
    size_t at = max;

    if (s.n <= max)
        return s;
    for (unsigned back = 0; back < 3 && at > 0 && is_tail(s.p[at]); back++)
        at--;
    if (is_tail(s.p[at])) /* no UTF-8: nothing to keep whole */
        at = max;
    return str_of(s.p, at);
}

void utf8_put_clean(struct buf *out, struct str s)
{
    while (s.n > 0) {
        size_t n = valid_front(s);

        buf_put(out, s.p, n);
        s = str_skip(s, n);
        if (s.n > 0) {
            buf_put(out, UTF8_REPLACEMENT, 3);
            s = str_skip(s, 1);
        }
    }
}
