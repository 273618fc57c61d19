/* SPDX-License-Identifier: Apache-2.0 */
/* print_literal.c - identifiers, names and literals. */
#include "sql/printer.h"

/* -- identifiers */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Whether an identifier can stand without quotes. */
static bool is_regular(const struct printer *p, struct str text)
{
    enum sql_token_kind word;

    if (text.n == 0 || !is_letter(text.p[0]))
        return false;
    for (size_t i = 1; i < text.n; i++)
        if (!is_letter(text.p[i]) && !(text.p[i] >= '0' && text.p[i] <= '9'))
            return false;
    word = sql_word_find(text, p->dialect);
    return word == SQL_T_IDENTIFIER || sql_word_is_identifier(word, p->dialect);
}

/* `text` between two `quote`s, those in it doubled. */
static void put_quoted(struct printer *p, struct str text, char quote)
{
    put(p, str_of(&quote, 1));
    for (size_t at = str_find(text, quote); at < text.n; at = str_find(text, quote)) {
        buf_put(p->out, text.p, at + 1);
        buf_put_c(p->out, quote);
        text = str_skip(text, at + 1);
    }
    buf_put_str(p->out, text);
    buf_put_c(p->out, quote);
}

void print_identifier(struct printer *p, const struct sql_node *n)
{
    if (n->op != 0) /* a privilege, a kind of object */
        put_op(p, n->op);
    else if ((n->flags & SQL_F_QUOTED) || !is_regular(p, n->text))
        put_quoted(p, n->text, '"');
    else
        put(p, n->text);
}

void print_name(struct printer *p, const struct sql_node *n)
{
    for (uint32_t i = 0; i < n->count; i++) {
        if (i > 0) {
            GLUE(p, ".");
            put_open(p);
        }
        print_identifier(p, n->kid[i]);
    }
}

/* -- numbers, parameters */

void print_number(struct printer *p, const struct sql_node *n)
{
    if ((n->flags & SQL_F_NEGATIVE) && !str_starts(n->text, STR("-"))) {
        SAY(p, "-");
        put_open(p);
    }
    put(p, n->text);
}

/* -- strings */

/* The code point that `*text` begins with, cut off it; bytes that are no UTF-8 stand for themselves
 * (the parser lets none through). */
static uint32_t next_code_point(struct str *text)
{
    unsigned char c = (unsigned char)text->p[0];
    size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    uint32_t v = more == 3 ? c & 7 : more == 2 ? c & 15 : more == 1 ? c & 31 : c;

    if (more >= text->n)
        more = 0;
    for (size_t i = 1; i <= more; i++)
        v = v << 6 | ((unsigned char)text->p[i] & 0x3f);
    *text = str_skip(*text, more + 1);
    return v;
}

/* U&'...' in plain ASCII. */
static void put_unicode_string(struct printer *p, struct str text)
{
    SAY(p, "U&'");
    while (text.n > 0) {
        uint32_t c = next_code_point(&text);

        if (c == '\'' || c == '\\')
            buf_printf(p->out, "%c%c", (int)c, (int)c);
        else if (c >= ' ' && c < 0x7f)
            buf_put_c(p->out, (char)c);
        else
            buf_printf(p->out, c > 0xffff ? "\\+%06X" : "\\%04X", c);
    }
    buf_put_c(p->out, '\'');
}

void print_string(struct printer *p, const struct sql_node *n)
{
    if (n->flags & SQL_F_UNICODE)
        put_unicode_string(p, n->text);
    else
        put_quoted(p, n->text, '\'');
}

/* The definition of a function, nothing else has one. */
void print_dollar_string(struct printer *p, const struct sql_node *n)
{
    SAY(p, "AS $$");
    buf_put_str(p->out, n->text);
    buf_put_str(p->out, STR("$$"));
}

void print_binary(struct printer *p, const struct sql_node *n)
{
    SAY(p, "X");
    put_open(p);
    put_quoted(p, n->text, '\'');
}
