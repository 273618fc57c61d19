/* SPDX-License-Identifier: Apache-2.0 */
/* time_text.c - see time_text.h. A value is cut in three: up to the seconds, fraction, rest. */
#include "protocol/time_text.h"

#include "protocol/zone.h"

#include <stdlib.h>

#define DIGITS_MAX 12

struct parts {
    struct str head, fraction, rest;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The seconds are the two digits after the second colon; zones come later. */
static bool split(struct str text, struct parts *out)
{
    size_t at = str_find(text, ':');

    at = at < text.n ? at + 1 + str_find(str_skip(text, at + 1), ':') : at;
    at += 3;
    if (at > text.n || !is_digit(text.p[at - 2]) || !is_digit(text.p[at - 1]))
        return false;
    out->head = str_of(text.p, at);
    out->rest = str_skip(text, at);
    out->fraction = STR_NONE;
    if (out->rest.n > 0 && *out->rest.p == '.') {
        size_t n = 1;

        while (n < out->rest.n && is_digit(out->rest.p[n]))
            n++;
        out->fraction = str_of(out->rest.p + 1, n - 1);
        out->rest = str_skip(out->rest, n);
    }
    return true;
}

/* Rounds up in place; leaves all nines alone, as the carry would reach the calendar. */
static void round_up(char *digits, unsigned n)
{
    unsigned i = n;

    while (i > 0 && digits[i - 1] == '9')
        i--;
    if (i == 0)
        return;
    digits[i - 1]++;
    for (; i < n; i++)
        digits[i] = '0';
}

static void put_fraction(struct buf *out, struct str fraction, unsigned want)
{
    char digits[DIGITS_MAX];

    if (want == 0)
        return;
    for (unsigned i = 0; i < want; i++)
        digits[i] = i < fraction.n ? fraction.p[i] : '0';
    if (fraction.n > want && fraction.p[want] >= '5')
        round_up(digits, want);
    buf_put_c(out, '.');
    buf_put(out, digits, want);
}

static bool is_offset(struct str zone)
{
    return zone.n > 0 && (*zone.p == '+' || *zone.p == '-');
}

static const char *put_zone(struct buf *out, struct str zone, enum dialect to)
{
    int minutes;

    while (zone.n > 0 && *zone.p == ' ')
        zone = str_skip(zone, 1);
    if (to == DIALECT_PRESTO) {
        buf_put_c(out, ' ');
        buf_put_str(out, str_eq(zone, STR("+00:00")) ? STR("UTC") : zone);
        return NULL;
    }
    if (is_offset(zone)) {
        buf_put_str(out, zone);
        return NULL;
    }
    if (!zone_epoch_offset(zone, &minutes))
        return "a time zone is unknown";
    buf_printf(out, "%c%02d:%02d", minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
    return NULL;
}

const char *time_text_put(struct buf *out, struct str text, const struct time_style *style)
{
    size_t digits = style->digits;
    struct parts parts;

    if (!split(text, &parts))
        return "a value is no time";
    if (style->keeps_more && parts.fraction.n > digits)
        digits = parts.fraction.n;
    buf_put_str(out, parts.head);
    put_fraction(out, parts.fraction, digits < DIGITS_MAX ? (unsigned)digits : DIGITS_MAX);
    if (style->with_zone)
        return put_zone(out, parts.rest, style->to);
    buf_put_str(out, parts.rest);
    return NULL;
}
