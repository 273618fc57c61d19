/* SPDX-License-Identifier: Apache-2.0 */
/* urlcode.c - see urlcode.h. Bytes, not characters: UTF-8 needs no knowledge here. */
#include "protocol/urlcode.h"

static const char alphabets[][65] = {
    [BASE64_PLAIN] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

static bool is_kept(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '*' || c == '_' || c == '-';
}

void url_encode(struct buf *out, struct str s)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (is_kept(c))
            buf_put_c(out, (char)c);
        else if (c == ' ')
            buf_put_c(out, '+');
        else
            buf_put(out, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool url_decode(struct str *out, struct arena *a, struct str s)
{
    char *to;
    size_t n = 0;

    if (str_find(s, '%') == s.n && str_find(s, '+') == s.n) {
        *out = s;
        return true;
    }
    to = arena_alloc(a, s.n);
    for (size_t i = 0; i < s.n; i++) {
        int high, low;

        if (s.p[i] != '%') {
            to[n++] = s.p[i] == '+' ? ' ' : s.p[i];
            continue;
        }
        if (s.n - i < 3 || (high = hex_digit(s.p[i + 1])) < 0 || (low = hex_digit(s.p[i + 2])) < 0)
            return false;
        to[n++] = (char)(high << 4 | low);
        i += 2;
    }
    *out = str_of(to, n);
    return true;
}

void base64_encode(struct buf *out, struct str s, enum base64_kind kind)
{
    const unsigned char *in = (const unsigned char *)s.p;
    const char *digits = alphabets[kind];
    char *to = buf_reserve(out, (s.n + 2) / 3 * 4);
    size_t i = 0;

    if (to == NULL)
        return;
    for (; i + 3 <= s.n; i += 3) {
        unsigned v = (unsigned)in[i] << 16 | (unsigned)in[i + 1] << 8 | in[i + 2];

        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = digits[v >> 6 & 63];
        *to++ = digits[v & 63];
    }
    if (i < s.n) {
        unsigned v = (unsigned)in[i] << 16 | (i + 1 < s.n ? (unsigned)in[i + 1] << 8 : 0);

        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = i + 1 < s.n ? digits[v >> 6 & 63] : '=';
        *to++ = '=';
    }
    out->n += (s.n + 2) / 3 * 4;
}

/* A digit's value plus one; 0 = no digit. */
static const unsigned char values[][256] = {
    [BASE64_PLAIN] =
        {['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
         ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
         ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
         ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
         ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
         ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
         ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
         ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
         ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
         ['/'] = 64},
    [BASE64_URL] =
        {['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
         ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
         ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
         ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
         ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
         ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
         ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
         ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
         ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63,
         ['_'] = 64},
};

/* Four digits to three bytes. False when one of them is none. */
static inline bool decode_group(const unsigned char *table, const char *in, char *to)
{
    unsigned a = table[(unsigned char)in[0]], b = table[(unsigned char)in[1]],
             c = table[(unsigned char)in[2]], d = table[(unsigned char)in[3]], v;

    if (a == 0 || b == 0 || c == 0 || d == 0)
        return false;
    v = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
    to[0] = (char)(v >> 16);
    to[1] = (char)(v >> 8);
    to[2] = (char)v;
    return true;
}

bool base64_decode(struct buf *out, struct str s, enum base64_kind kind)
{
    size_t n = 0, i = 0, left;
    char *to, last[4] = {'A', 'A', 'A', 'A'}, tail[3];

    if (s.n > 0 && s.n % 4 == 0)
        for (int pads = 0; pads < 2 && s.p[s.n - 1] == '='; pads++)
            s.n--;
    if (s.n % 4 == 1)
        return false;
    if (s.n == 0)
        return true;
    if ((to = buf_reserve(out, s.n / 4 * 3 + 3)) == NULL)
        return false;
    for (; i + 4 <= s.n; i += 4, n += 3)
        if (!decode_group(values[kind], s.p + i, to + n))
            return false;
    left = s.n - i; /* 0, 2 or 3 digits make 0, 1 or 2 bytes; the bits beyond must be zero */
    if (left > 0) {
        memcpy(last, s.p + i, left);
        if (!decode_group(values[kind], last, tail) || tail[2] != 0 || (left == 2 && tail[1] != 0))
            return false;
        memcpy(to + n, tail, left - 1);
        n += left - 1;
    }
    out->n += n;
    return true;
}

void url_put_prefixed(struct buf *out, struct str prefix, struct str uri)
{
    buf_put_str(out, prefix);
    if (prefix.n > 0)
        base64_encode(out, uri, BASE64_URL);
    else
        buf_put_str(out, uri);
}
