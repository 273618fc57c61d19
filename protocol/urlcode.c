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
    const char *digits = alphabets[kind];

    for (size_t i = 0; i < s.n; i += 3) {
        size_t have = s.n - i < 3 ? s.n - i : 3;
        unsigned v = 0;
        char group[4] = {'=', '=', '=', '='};

        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (k < have ? (unsigned char)s.p[i + k] : 0);
        for (size_t k = 0; k <= have; k++)
            group[k] = digits[v >> (18 - 6 * k) & 63];
        buf_put(out, group, 4);
    }
}

static int base64_digit(char c, enum base64_kind kind)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == alphabets[kind][62] ? 62 : c == alphabets[kind][63] ? 63 : -1;
}

bool base64_decode(struct buf *out, struct str s, enum base64_kind kind)
{
    unsigned v = 0, bits = 0;
    size_t n = 0;
    char *to;

    if (s.n > 0 && s.n % 4 == 0)
        for (int pads = 0; pads < 2 && s.p[s.n - 1] == '='; pads++)
            s.n--;
    if (s.n % 4 == 1)
        return false;
    if (s.n == 0)
        return true;
    if ((to = buf_reserve(out, s.n / 4 * 3 + 3)) == NULL)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        int digit = base64_digit(s.p[i], kind);

        if (digit < 0)
            return false;
        v = (v << 6 | (unsigned)digit) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            to[n++] = (char)(v >> bits);
        }
    }
    if ((v & ((1u << bits) - 1)) != 0)
        return false;
    out->n += n;
    return true;
}
