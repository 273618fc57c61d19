/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint.h - the shape of a statement without its values: one text and one 128-bit hash for
 * all statements that differ in literals, blanks, comments and spelling alone.
 *
 * Works on tokens, so that it exists for statements that do not parse, too:
 *   - literals become ? (numbers with their sign, strings, DATE '...', INTERVAL '...', TRUE stays),
 *     and so do lists of them: IN (1, 2, 3) -> IN (?), VALUES (1, 'a'), (2, 'b') -> VALUES (?)
 *   - words are upper case, identifiers lower case without needless quotes, <> for !=
 *   - noise words (INNER, OUTER, and AS before an alias) are dropped; aliases stay */
#ifndef SQL_FINGERPRINT_H
#define SQL_FINGERPRINT_H

#include "sql/sql.h"

struct sql_fingerprint {
    struct str text; /* in the arena */
    uint64_t hash[2];
};

/* `max` cuts the text (with "..." at its end), never the hash; 0: hash only, no text. */
void sql_fingerprint(struct sql_fingerprint *out, const struct sql_statement *s, size_t max);

/* The hash as 32 hexadecimal digits, NUL-terminated. */
void sql_fingerprint_hex(char out[33], const struct sql_fingerprint *f);

#endif
