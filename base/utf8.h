/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - what is and what is not UTF-8 (RFC 3629: no surrogates, nothing overlong). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"

/* Bytes (1..4) of the character at the front of `s`; 0 when it is no UTF-8 or `s` is empty. */
size_t utf8_char(struct str s);

bool utf8_valid(struct str s);

/* The longest front of `s` of at most `max` bytes that splits no character. */
struct str utf8_cut(struct str s, size_t max);

/* Appends `s` with every byte that is no UTF-8 replaced by U+FFFD. */
void utf8_put_clean(struct buf *out, struct str s);

#define UTF8_REPLACEMENT "\xef\xbf\xbd"

#endif
