/* SPDX-License-Identifier: Apache-2.0 */
/* redact.c - a lexer just good enough to tell literals from the rest of Presto and Trino SQL.
 *
 * Each rule looks at the front of the rest and says how many bytes it takes (0: not mine), and what
 * stands for them. What no rule takes is copied, byte by byte. Unterminated tokens reach to the
 * end. */
#include "history/redact.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* Length of a token in quotes that begins at s.p[0]; the quote is escaped by doubling it. */
static size_t quoted(struct str s)
{
    size_t at = 1;

    for (;;) {
        at += str_find(str_skip(s, at), s.p[0]);
        if (at >= s.n)
            return s.n;
        if (at + 1 == s.n || s.p[at + 1] != s.p[0])
            return at + 1;
        at += 2;
    }
}

static size_t take_string(struct str s, struct buf *out)
{
    size_t prefix = 0;

    if (s.p[0] == 'x' || s.p[0] == 'X')
        prefix = 1;
    else if ((s.p[0] == 'u' || s.p[0] == 'U') && s.n > 1 && s.p[1] == '&')
        prefix = 2;
    if (prefix >= s.n || s.p[prefix] != '\'')
        return 0;
    buf_put_c(out, '?');
    return prefix + quoted(str_skip(s, prefix));
}

static size_t take_identifier(struct str s, struct buf *out)
{
    size_t n = 0;

    if (s.p[0] == '"' || s.p[0] == '`') {
        n = quoted(s);
    } else if (is_word(s.p[0]) && !is_digit(s.p[0])) {
        while (n < s.n && is_word(s.p[n]))
            n++;
    }
    buf_put(out, s.p, n);
    return n;
}

/* 12, 1.5, 1e-5, 0xFF, 1_000 and whatever sticks to them. */
static size_t take_number(struct str s, struct buf *out)
{
    size_t n = 0;

    if (!is_digit(s.p[0]))
        return 0;
    while (n < s.n && (is_word(s.p[n]) || s.p[n] == '.' ||
                       ((s.p[n] == '-' || s.p[n] == '+') && (s.p[n - 1] | 0x20) == 'e' &&
                        n + 1 < s.n && is_digit(s.p[n + 1]))))
        n++;
    buf_put_c(out, '?');
    return n;
}

/* `open` … `close`, the content replaced by `?`. `keep`: with the marks around it. */
static size_t take_span(struct str s, struct str open, struct str close, bool keep, struct buf *out)
{
    struct str rest = str_skip(s, open.n);
    size_t n;

    if (!str_starts(s, open))
        return 0;
    n = str_search(rest, close);
    if (keep)
        buf_put_str(out, open);
    if (!keep || n > 0)
        buf_put_c(out, '?');
    if (keep && n < rest.n)
        buf_put_str(out, close);
    return open.n + (n < rest.n ? n + close.n : n);
}

static size_t take_line_comment(struct str s, struct buf *out)
{
    return take_span(s, STR("--"), STR("\n"), true, out);
}

static size_t take_block_comment(struct str s, struct buf *out)
{
    return take_span(s, STR("/*"), STR("*/"), true, out);
}

/* The body of an inline function. */
static size_t take_dollars(struct str s, struct buf *out)
{
    return take_span(s, STR("$$"), STR("$$"), false, out);
}

void redact_sql(struct buf *out, struct str sql)
{
    static size_t (*const rules[])(struct str, struct buf *) = {
        take_string,       take_identifier,    take_number,
        take_line_comment, take_block_comment, take_dollars,
    };

    while (sql.n > 0) {
        size_t n = 0;

        for (size_t i = 0; n == 0 && i < ARRAY_LEN(rules); i++)
            n = rules[i](sql, out);
        if (n == 0) {
            n = 1;
            buf_put_c(out, sql.p[0]);
        }
        sql = str_skip(sql, n);
    }
}
