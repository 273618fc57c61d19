/* SPDX-License-Identifier: Apache-2.0 */
/* parse_literal.c - strings, numbers, binary literals, intervals, and what the coordinators check
 * of them when they build their trees. */
#include "sql/parse_expression.h"

static struct str token_text(const struct parser *p, const struct sql_token *t)
{
    return str_of(p->text.p + t->start, t->end - t->start);
}

/* A node of one token, its text as written. */
static struct sql_node *token_node(struct parser *p, enum sql_kind kind)
{
    struct sql_node *n = open_node(p, kind);

    n->text = token_text(p, p->token);
    n->end = p->token->end;
    p->token++;
    return n;
}

/* -- strings */

struct str unquote(struct parser *p, struct str text)
{
    char *out, quote = text.p[0];
    size_t n = 0;

    text = str_of(text.p + 1, text.n - 2);
    if (str_find(text, quote) == text.n)
        return text;
    out = arena_alloc(p->arena, text.n);
    for (size_t i = 0; i < text.n; i++) {
        out[n++] = text.p[i];
        if (text.p[i] == quote)
            i++;
    }
    return str_of(out, n);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* The length of the UTF-8 character that `text` begins with. */
static size_t character(struct str text)
{
    size_t n = 1;

    while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Decodes the escape whose digits `rest` begins with: XXXX or +XXXXXX. Returns the bytes of `rest`
 * that it takes, 0 when it was refused. */
static size_t decode_escape(struct parser *p, const struct sql_token *t, struct str rest, char *out,
                            size_t *n)
{
    size_t skip = rest.n > 0 && rest.p[0] == '+', digits = skip > 0 ? 6 : 4, i = 0;
    uint32_t c = 0;

    if (rest.n > 0 && skip == 0 && hex_value(rest.p[0]) < 0) {
        refuse_at(p, t, "Invalid hexadecimal digit: %.*s", (int)character(rest), rest.p);
        return 0;
    }
    rest = str_skip(rest, skip);
    for (; i < digits && i < rest.n && hex_value(rest.p[i]) >= 0; i++)
        c = c * 16 + (uint32_t)hex_value(rest.p[i]);
    if (i < digits) {
        refuse_at(p, t, "Incomplete escape sequence: %.*s", (int)i, rest.p);
        return 0;
    }
    if (c > 0x10ffff) {
        refuse_at(p, t, "Invalid escaped character: %.*s", (int)digits, rest.p);
        return 0;
    }
    if (c >= 0xd800 && c < 0xe000) {
        refuse_at(p, t,
                  "Invalid escaped character: %.*s. Escaped character is a surrogate. Use "
                  "'\\+123456' instead.",
                  (int)digits, rest.p);
        return 0;
    }
    *n += put_utf8(out + *n, c);
    return skip + digits;
}

/* The text of a U&'...' with its escapes replaced; as written when the coordinators refuse it. */
static struct str decode_unicode(struct parser *p, const struct sql_token *t, struct str raw,
                                 char escape)
{
    char *out = arena_alloc(p->arena, raw.n + 4);
    size_t n = 0;

    for (size_t i = 0; i < raw.n;) {
        size_t taken;

        if (raw.p[i] != escape) {
            out[n++] = raw.p[i++];
        } else if (i + 1 < raw.n && raw.p[i + 1] == escape) {
            out[n++] = escape;
            i += 2;
        } else if ((taken = decode_escape(p, t, str_skip(raw, i + 1), out, &n)) > 0) {
            i += 1 + taken;
        } else {
            return raw;
        }
    }
    return str_of(out, n);
}

/* UESCAPE 'x': the character, or '\\'. */
static char parse_uescape(struct parser *p, const struct sql_token *t)
{
    struct str text;
    char c;

    if (!accept(p, SQL_W_UESCAPE))
        return '\\';
    if (!at(p, SQL_T_STRING)) {
        fail_here(p);
        return '\\';
    }
    text = unquote(p, token_text(p, p->token++));
    c = text.n == 1 ? text.p[0] : '\0';
    if (text.n == 0)
        refuse_at(p, t, "Empty Unicode escape character");
    else if (c >= 0x7f || c <= 0x20 || hex_value(c) >= 0 || c == '"' || c == '+' || c == '\'')
        refuse_at(p, t, "Invalid Unicode escape character: %.*s", STR_ARG(text));
    return c;
}

static struct sql_node *parse_unicode_string(struct parser *p)
{
    const struct sql_token *t = p->token;
    struct sql_node *n = token_node(p, SQL_STRING);
    char escape = parse_uescape(p, t);

    n->flags = SQL_F_UNICODE;
    n->text = decode_unicode(p, t, unquote(p, str_skip(n->text, 2)), escape);
    return close_node(p, n);
}

bool at_string(struct parser *p)
{
    name_open(p, EXPECT_STRING);
    name_close(p);
    return is_string(peek(p, 0));
}

struct sql_node *parse_string(struct parser *p)
{
    struct sql_node *n;

    if (!at_string(p)) {
        fail_here(p);
        return NULL;
    }
    if (peek(p, 0) == SQL_T_UNICODE_STRING)
        return parse_unicode_string(p);
    n = token_node(p, SQL_STRING);
    n->text = unquote(p, n->text);
    return n;
}

/* -- numbers */

/* Whether the digits of an integer, with underscores and a base, fit in 64 signed bits. */
static bool fits(struct str text, bool negative)
{
    uint64_t limit = (uint64_t)INT64_MAX + negative, v = 0;
    unsigned base = 10;

    if (text.n > 2 && text.p[0] == '0' && hex_value(text.p[1]) != 0) {
        char c = (char)(text.p[1] | 0x20);

        base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
        text = base != 10 ? str_skip(text, 2) : text;
    }
    for (size_t i = 0; i < text.n; i++) {
        int digit = hex_value(text.p[i]);

        if (digit < 0)
            continue;
        if (v > (limit - (unsigned)digit) / base)
            return false;
        v = v * base + (unsigned)digit;
    }
    return true;
}

struct sql_node *parse_number(struct parser *p, bool negative)
{
    static const uint16_t kinds[] = {[SQL_T_INTEGER - SQL_T_INTEGER] = SQL_INTEGER,
                                     [SQL_T_DECIMAL - SQL_T_INTEGER] = SQL_DECIMAL,
                                     [SQL_T_DOUBLE - SQL_T_INTEGER] = SQL_DOUBLE};
    const struct sql_token *t = p->token;
    uint32_t start = t->start;
    struct sql_node *n;

    p->token += negative;
    n = token_node(p, kinds[peek(p, 0) - SQL_T_INTEGER]);
    n->start = start;
    n->flags = negative ? SQL_F_NEGATIVE : 0;
    if (n->kind == SQL_INTEGER && n->text.n > 18 && !fits(n->text, negative))
        refuse_at(p, p->trino ? t : NULL, "Invalid numeric literal: %s%.*s", negative ? "-" : "",
                  STR_ARG(n->text));
    return n;
}

struct sql_node *parse_integer(struct parser *p)
{
    if (!at(p, SQL_T_INTEGER)) {
        fail_here(p);
        return NULL;
    }
    return token_node(p, SQL_INTEGER);
}

/* -- binary and dollar-quoted */

struct sql_node *parse_binary(struct parser *p)
{
    const struct sql_token *t = p->token;
    struct sql_node *n = token_node(p, SQL_BINARY);
    struct str raw = str_of(n->text.p + 2, n->text.n - 3);
    char *out = arena_alloc(p->arena, raw.n);
    bool hex = true;
    size_t count = 0;

    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];

        if (c == ' ' || (c >= '\t' && c <= '\r'))
            continue;
        hex = hex && hex_value(c) >= 0;
        out[count++] = c;
    }
    n->text = str_of(out, count);
    if (!hex)
        refuse_at(p, t, "Binary literal can only contain hexadecimal digits");
    else if (count % 2 != 0)
        refuse_at(p, t, "Binary literal must contain an even number of digits");
    return n;
}

/* -- intervals */

bool is_interval_field(enum sql_token_kind kind)
{
    return kind == SQL_W_YEAR || kind == SQL_W_MONTH || kind == SQL_W_DAY || kind == SQL_W_HOUR ||
           kind == SQL_W_MINUTE || kind == SQL_W_SECOND;
}

/* INTERVAL is not reserved: it opens a literal only when all of one follows. */
bool is_interval(const struct parser *p)
{
    uint32_t i = 1;

    if (peek(p, 0) != SQL_W_INTERVAL)
        return false;
    if (peek(p, i) == SQL_T_PLUS || peek(p, i) == SQL_T_MINUS)
        i++;
    if (!is_string(peek(p, i)))
        return false;
    if (peek(p, i++) == SQL_T_UNICODE_STRING && peek(p, i) == SQL_W_UESCAPE)
        i += 2;
    return is_interval_field(peek(p, i));
}

uint16_t parse_interval_field(struct parser *p)
{
    return (uint16_t)expect_any(
        p, KINDS(SQL_W_YEAR, SQL_W_MONTH, SQL_W_DAY, SQL_W_HOUR, SQL_W_MINUTE, SQL_W_SECOND));
}

struct sql_node *parse_interval(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_INTERVAL);

    expect(p, SQL_W_INTERVAL);
    if (accept(p, SQL_T_PLUS))
        n->flags = SQL_F_PLUS;
    else if (accept(p, SQL_T_MINUS))
        n->flags = SQL_F_NEGATIVE;
    n->kid[SQL_INTERVAL_VALUE] = parse_string(p);
    n->op = parse_interval_field(p);
    wish(p, SQL_W_TO);
    if (peek(p, 0) == SQL_W_TO &&
        (is_interval_field(peek(p, 1)) || (p->trino && !follows_alias(p, 1)))) {
        p->token++;
        n->op2 = parse_interval_field(p);
    }
    return close_node(p, n);
}
