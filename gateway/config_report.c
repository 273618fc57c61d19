/* SPDX-License-Identifier: Apache-2.0 */
/* config_report.c - problems of a configuration file: their form, and what was probably meant.
 *
 * A problem is `file:line:column: text`, the form that editors and CI jump to. */
#include "gateway/config_node.h"

#include <stdarg.h>
#include <stdio.h>

#define PROBLEMS_MAX 200
#define FILE_SHOWN_MAX 100 /* the rest of struct error's text is for the problem */
#define WORD_MAX 64

void config_problem(struct config_report *r, struct config_place at, const char *fmt, ...)
{
    size_t n = strlen(r->file);
    bool cut = n > FILE_SHOWN_MAX;
    char text[512];
    va_list args;

    if (++r->problems > PROBLEMS_MAX)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (r->problems == 1)
        error_set(r->err, ERR_INVALID, "%s%s:%u:%u: %s", cut ? "..." : "",
                  r->file + (cut ? n - FILE_SHOWN_MAX : 0), at.line, at.column, text);
    else if (r->more != NULL)
        buf_printf(r->more, "%s:%u:%u: %s\n", r->file, at.line, at.column, text);
}

const char *config_quote(struct config_quote *q, struct str s)
{
    size_t n = 0, i;

    for (i = 0; i < s.n && n < sizeof(q->text) - 8; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c < 0x20 || c == 0x7f)
            n += (size_t)snprintf(q->text + n, 5, "\\x%02x", c);
        else
            q->text[n++] = (char)c;
    }
    if (i < s.n) {
        while (n > 0 && ((unsigned char)s.p[i] & 0xc0) == 0x80)
            n--, i--; /* not in the middle of a UTF-8 character */
        memcpy(q->text + n, "...", 3);
        n += 3;
    }
    q->text[n] = '\0';
    return q->text;
}

/* Optimal string alignment: insertions, deletions, changes and swaps of neighbours. */
static size_t edit_distance(struct str a, struct str b)
{
    size_t rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];

    for (size_t j = 0; j <= b.n; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *reuse = before;

        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t d = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);

            d = last[j] + 1 < d ? last[j] + 1 : d;
            d = now[j - 1] + 1 < d ? now[j - 1] + 1 : d;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
                before[j - 2] + 1 < d)
                d = before[j - 2] + 1;
            now[j] = d;
        }
        before = last;
        last = now;
        now = reuse;
    }
    return last[b.n];
}

void config_nearest_offer(struct config_nearest *best, struct str wrong, struct str candidate)
{
    size_t limit = wrong.n < 3 ? 1 : wrong.n < 6 ? 2 : 3, d;

    if (wrong.n == 0 || wrong.n > WORD_MAX || candidate.n == 0 || candidate.n > WORD_MAX)
        return;
    d = edit_distance(wrong, candidate);
    if (d > limit || d >= candidate.n || (best->name.n > 0 && d >= best->distance))
        return;
    best->name = candidate;
    best->distance = d;
}
