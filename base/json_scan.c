/* SPDX-License-Identifier: Apache-2.0 */
/* json_scan.c - see json_scan.h.
 *
 * Result pages are mostly short strings and numbers. Strings are searched eight bytes at a time for
 * a byte that needs a look (quote, backslash, control, not ASCII); the rest is one table look-up or
 * comparison a byte. There is no state but the place: commas and brackets are handled by enter and
 * more, so nothing must be remembered between tokens. */
#include "base/json_scan.h"

#include "base/utf8.h"

#define EACH_BYTE(v) (0x0101010101010101ull * (v))

bool jscan_fail(struct jscan *s, const char *why)
{
    if (s->error == NULL)
        s->error = why;
    return false;
}

static void skip_blanks(struct jscan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
}

enum jscan_kind jscan_peek(struct jscan *s)
{
    if (s->error != NULL)
        return JSCAN_INVALID;
    skip_blanks(s);
    if (s->p == s->end)
        return JSCAN_INVALID;
    switch (*s->p) {
    case '{':
        return JSCAN_OBJECT;
    case '[':
        return JSCAN_ARRAY;
    case '"':
        return JSCAN_STRING;
    case 't':
        return JSCAN_TRUE;
    case 'f':
        return JSCAN_FALSE;
    case 'n':
        return JSCAN_NULL;
    default:
        return *s->p == '-' || (*s->p >= '0' && *s->p <= '9') ? JSCAN_NUMBER : JSCAN_INVALID;
    }
}

/* Consumes `c` after blanks. */
static bool take(struct jscan *s, char c)
{
    if (s->error != NULL)
        return false;
    skip_blanks(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

bool jscan_enter(struct jscan *s, char open)
{
    if (!take(s, open))
        return jscan_fail(s, open == '[' ? "an array is expected" : "an object is expected");
    if (take(s, open == '[' ? ']' : '}'))
        return false;
    if (++s->depth > JSCAN_DEPTH_MAX)
        return jscan_fail(s, "nested too deeply");
    return true;
}

bool jscan_more(struct jscan *s, char close)
{
    if (take(s, ','))
        return true;
    if (!take(s, close))
        return jscan_fail(s, close == ']' ? "',' or ']' is expected" : "',' or '}' is expected");
    s->depth--;
    return false;
}

bool jscan_key(struct jscan *s, struct str *key)
{
    if (!jscan_string(s, key))
        return false;
    return take(s, ':') || jscan_fail(s, "':' is expected");
}

static bool is_hex4(const char *p)
{
    for (int i = 0; i < 4; i++) {
        char c = (char)(p[i] | 0x20);

        if (!(p[i] >= '0' && p[i] <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

/* At a backslash. */
static bool check_escape(struct jscan *s)
{
    if (s->end - s->p >= 2 && s->p[1] != '\0' && strchr("\"\\/bfnrt", s->p[1]) != NULL) {
        s->p += 2;
        return true;
    }
    if (s->end - s->p >= 6 && s->p[1] == 'u' && is_hex4(s->p + 2)) {
        s->p += 6;
        return true;
    }
    return jscan_fail(s, "an escape is wrong");
}

/* The first byte in [p, end) that is a quote, a backslash, a control or not ASCII. */
static const char *find_special(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t w, quote, slash, found;

        memcpy(&w, p, 8);
        quote = w ^ EACH_BYTE('"');
        slash = w ^ EACH_BYTE('\\');
        /* A borrow may mark a byte above a true hit, never below: the lowest mark is exact. */
        found = ((w - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) | (slash - EACH_BYTE(1)) | w) &
                EACH_BYTE(0x80);
        if (found != 0)
            return p + (__builtin_ctzll(found) >> 3);
    }
    while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' &&
           *p != '\\')
        p++;
    return p;
}

bool jscan_string(struct jscan *s, struct str *text)
{
    const char *from;

    if (!take(s, '"'))
        return jscan_fail(s, "a string is expected");
    from = s->p;
    for (;;) {
        size_t n;

        s->p = find_special(s->p, s->end);
        if (s->p == s->end)
            return jscan_fail(s, "a string has no end");
        if (*s->p == '"')
            break;
        if (*s->p == '\\') {
            if (!check_escape(s))
                return false;
            continue;
        }
        if ((unsigned char)*s->p < 0x20)
            return jscan_fail(s, "a control character stands in a string");
        n = utf8_char(str_of(s->p, (size_t)(s->end - s->p)));
        if (n == 0)
            return jscan_fail(s, "a string is not UTF-8");
        s->p += n;
    }
    *text = str_of(from, (size_t)(s->p - from));
    s->p++;
    return true;
}

static bool skip_digits(struct jscan *s)
{
    const char *from = s->p;

    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return s->p > from;
}

bool jscan_number(struct jscan *s, struct str *text)
{
    const char *from;

    if (jscan_peek(s) != JSCAN_NUMBER)
        return jscan_fail(s, "a number is expected");
    from = s->p;
    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (!skip_digits(s))
        return jscan_fail(s, "a number is wrong");
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!skip_digits(s))
            return jscan_fail(s, "a number is wrong");
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        if (!skip_digits(s))
            return jscan_fail(s, "a number is wrong");
    }
    *text = str_of(from, (size_t)(s->p - from));
    return true;
}

bool jscan_literal(struct jscan *s, enum jscan_kind kind)
{
    struct str want = kind == JSCAN_TRUE    ? STR("true")
                      : kind == JSCAN_FALSE ? STR("false")
                                            : STR("null");

    if (jscan_peek(s) != kind || !str_starts(str_of(s->p, (size_t)(s->end - s->p)), want))
        return jscan_fail(s, "a value is expected");
    s->p += want.n;
    return true;
}

static bool skip_members(struct jscan *s)
{
    struct str key;

    for (bool more = jscan_enter(s, '{'); more; more = jscan_more(s, '}'))
        if (!jscan_key(s, &key) || !jscan_skip(s, NULL))
            return false;
    return s->error == NULL;
}

static bool skip_elements(struct jscan *s)
{
    for (bool more = jscan_enter(s, '['); more; more = jscan_more(s, ']'))
        if (!jscan_skip(s, NULL))
            return false;
    return s->error == NULL;
}

bool jscan_skip(struct jscan *s, struct str *raw)
{
    enum jscan_kind kind = jscan_peek(s);
    const char *from = s->p;
    struct str text;
    bool ok;

    switch (kind) {
    case JSCAN_OBJECT:
        ok = skip_members(s);
        break;
    case JSCAN_ARRAY:
        ok = skip_elements(s);
        break;
    case JSCAN_STRING:
        ok = jscan_string(s, &text);
        break;
    case JSCAN_NUMBER:
        ok = jscan_number(s, &text);
        break;
    case JSCAN_INVALID:
        ok = jscan_fail(s, "a value is expected");
        break;
    default:
        ok = jscan_literal(s, kind);
    }
    if (ok && raw != NULL)
        *raw = str_of(from, (size_t)(s->p - from));
    return ok;
}

static size_t index_of(const char *const *names, size_t n, struct str key)
{
    size_t i = 0;

    while (i < n && !str_eq(str_c(names[i]), key))
        i++;
    return i;
}

bool jscan_pick(struct jscan *s, const char *const *names, size_t n, struct str *values)
{
    struct str key, raw;

    for (size_t i = 0; i < n; i++)
        values[i] = STR_NONE;
    for (bool more = jscan_enter(s, '{'); more; more = jscan_more(s, '}')) {
        size_t i;

        if (!jscan_key(s, &key) || !jscan_skip(s, &raw))
            return false;
        i = index_of(names, n, key);
        if (i == n || *raw.p == 'n')
            continue;
        if (values[i].n > 0)
            return jscan_fail(s, "a member stands twice");
        values[i] = raw;
    }
    return s->error == NULL;
}

bool jscan_end(struct jscan *s)
{
    if (s->error != NULL)
        return false;
    skip_blanks(s);
    return s->p == s->end || jscan_fail(s, "text follows the document");
}

bool jscan_is_valid(struct str text)
{
    struct jscan s = jscan_of(text);

    return jscan_skip(&s, NULL) && jscan_end(&s);
}

static unsigned hex4(const char *p)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 4 | (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    return v;
}

static void put_utf8(struct buf *out, unsigned c)
{
    char b[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};

    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        b[i] = (char)(0x80 | (c & 0x3F));
    b[0] = (char)(lead[n] | c);
    buf_put(out, b, n);
}

/* `p` is at the 'u'. Returns the bytes used from there. */
static size_t unescape_unicode(struct buf *out, const char *p, size_t n)
{
    unsigned hi = hex4(p + 1), lo;

    if (hi < 0xD800 || hi > 0xDFFF) {
        put_utf8(out, hi);
        return 5;
    }
    if (hi < 0xDC00 && n >= 11 && p[5] == '\\' && p[6] == 'u') {
        lo = hex4(p + 7);
        if (lo >= 0xDC00 && lo <= 0xDFFF) {
            put_utf8(out, 0x10000 + ((hi - 0xD800) << 10) + (lo - 0xDC00));
            return 11;
        }
    }
    put_utf8(out, 0xFFFD);
    return 5;
}

void jscan_unescape(struct buf *out, struct str text)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *p = text.n > 0 ? text.p : "", *end = p + text.n;

    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p)), *at;

        buf_put(out, p, (size_t)((slash != NULL ? slash : end) - p));
        if (slash == NULL)
            return;
        p = slash + 1;
        if (*p == 'u') {
            p += unescape_unicode(out, p, (size_t)(end - p));
            continue;
        }
        at = strchr(from, *p);
        buf_put_c(out, at != NULL ? to[at - from] : *p);
        p++;
    }
}
