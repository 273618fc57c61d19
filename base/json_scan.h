/* SPDX-License-Identifier: Apache-2.0 */
/* json_scan.h - strict pull tokenizer for JSON (RFC 8259) over a byte range. Allocates nothing.
 *
 * The caller walks the document along its own knowledge of it:
 *
 *     for (bool more = json_enter(&s, '['); more; more = json_more(&s, ']'))
 *         if (json_peek(&s) == JSON_STRING) json_string(&s, &text) ... else json_skip(&s, NULL);
 *
 * The first error is kept in `error`, with `p` at the place; from then on every call fails (peek
 * gives JSON_INVALID), so that a caller may check once, at its end. Strings come as the bytes
 * between the quotes with their escapes; escapes and UTF-8 are checked. A lone surrogate escape is
 * legal JSON and accepted. Numbers stay text. Duplicate keys are the caller's matter. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include "base/str.h"

#define JSON_DEPTH_MAX 128

enum json_kind {
    JSON_INVALID, /* an error, or the end of the bytes */
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

struct json_scan {
    const char *p, *start, *end;
    const char *error; /* static text, or NULL */
    unsigned depth;
};

static inline struct json_scan json_scan_of(struct str text)
{
    return (struct json_scan){.p = text.p, .start = text.p, .end = text.p + text.n};
}

/* Offset of the current place, or of the error. */
static inline size_t json_at(const struct json_scan *s)
{
    return (size_t)(s->p - s->start);
}

/* Sets `error` unless one is set. Returns false. */
bool json_fail(struct json_scan *s, const char *why);

/* Kind of the value that comes next, told by its first byte. Skips blanks. */
enum json_kind json_peek(struct json_scan *s);

/* Steps into an array ('[') or object ('{'): true when it has an element, which is next. */
bool json_enter(struct json_scan *s, char open);

/* After an element: true when one more follows, false at the end (`close`, consumed) or on error.
 */
bool json_more(struct json_scan *s, char close);

/* The next member's key and its colon. `key` has its escapes. */
bool json_key(struct json_scan *s, struct str *key);

/* A string; `text` are the bytes between the quotes. */
bool json_string(struct json_scan *s, struct str *text);

bool json_number(struct json_scan *s, struct str *text);

/* true, false or null, whichever `kind` says. */
bool json_literal(struct json_scan *s, enum json_kind kind);

/* Any value; `raw` (may be NULL) gets its bytes. */
bool json_skip(struct json_scan *s, struct str *raw);

/* True when nothing but blanks is left and no error happened. */
bool json_end(struct json_scan *s);

/* Reads an object: values[i] becomes the bytes of member names[i], or n == 0 when it is absent or
 * null. Other members are skipped; one of `names` standing twice is an error. */
bool json_pick(struct json_scan *s, const char *const *names, size_t n, struct str *values);

/* Whether all of `text` is one JSON document. */
bool json_is_valid(struct str text);

/* Appends the meaning of `text`, the checked inside of a string, as UTF-8. A lone surrogate becomes
 * U+FFFD. */
void json_unescape(struct buf *out, struct str text);

#endif
