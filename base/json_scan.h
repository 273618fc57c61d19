/* SPDX-License-Identifier: Apache-2.0 */
/* json_scan.h - strict pull tokenizer for JSON (RFC 8259) over a byte range. Allocates nothing.
 *
 * The caller walks the document along its own knowledge of it:
 *
 *     for (bool more = jscan_enter(&s, '['); more; more = jscan_more(&s, ']'))
 *         ok = jscan_peek(&s) == JSCAN_STRING ? jscan_string(&s, &text) : jscan_skip(&s, NULL);
 *
 * (The prefix is jscan_ because libjansson owns json_string and its kin.)
 *
 * The first error is kept in `error`, with `p` at the place; from then on every call fails (peek
 * gives JSCAN_INVALID), so that a caller may check once, at its end. Strings come as the bytes
 * between the quotes with their escapes; escapes and UTF-8 are checked. A lone surrogate escape is
 * legal JSON and accepted. Numbers stay text. Duplicate keys are the caller's matter. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include "base/str.h"

#define JSCAN_DEPTH_MAX 512 /* a typeSignature takes four for each level of its type */

enum jscan_kind {
    JSCAN_INVALID, /* an error, or the end of the bytes */
    JSCAN_OBJECT,
    JSCAN_ARRAY,
    JSCAN_STRING,
    JSCAN_NUMBER,
    JSCAN_TRUE,
    JSCAN_FALSE,
    JSCAN_NULL
};

struct jscan {
    const char *p, *start, *end;
    const char *error; /* static text, or NULL */
    unsigned depth;
};

static inline struct jscan jscan_of(struct str text)
{
    const char *p = text.p != NULL ? text.p : "";

    return (struct jscan){.p = p, .start = p, .end = p + text.n};
}

/* Offset of the current place, or of the error. */
static inline size_t jscan_at(const struct jscan *s)
{
    return (size_t)(s->p - s->start);
}

/* Sets `error` unless one is set. Returns false. */
bool jscan_fail(struct jscan *s, const char *why);

/* Kind of the value that comes next, told by its first byte. Skips blanks. */
enum jscan_kind jscan_peek(struct jscan *s);

/* Steps into an array ('[') or object ('{'): true when it has an element, which is next. */
bool jscan_enter(struct jscan *s, char open);

/* After an element: true when one more follows, false at the end (`close`, consumed) or on error.
 */
bool jscan_more(struct jscan *s, char close);

/* The next member's key and its colon. `key` has its escapes. */
bool jscan_key(struct jscan *s, struct str *key);

/* A string; `text` are the bytes between the quotes. */
bool jscan_string(struct jscan *s, struct str *text);

bool jscan_number(struct jscan *s, struct str *text);

/* true, false or null, whichever `kind` says. */
bool jscan_literal(struct jscan *s, enum jscan_kind kind);

/* Any value; `raw` (may be NULL) gets its bytes. */
bool jscan_skip(struct jscan *s, struct str *raw);

/* True when nothing but blanks is left and no error happened. */
bool jscan_end(struct jscan *s);

/* Reads an object: values[i] becomes the bytes of member names[i], or n == 0 when it is absent or
 * null. Other members are skipped; one of `names` standing twice is an error. */
bool jscan_pick(struct jscan *s, const char *const *names, size_t n, struct str *values);

/* Whether all of `text` is one JSON document. */
bool jscan_is_valid(struct str text);

/* Appends the meaning of `text`, the checked inside of a string, as UTF-8. A lone surrogate becomes
 * U+FFFD. */
void jscan_unescape(struct buf *out, struct str text);

#endif
