/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint.h - the shape of a statement without its values: one text and one 128-bit hash for
 * all statements that differ in literals, blanks, comments and spelling alone.
 *
 * Works on tokens, so that it exists for statements that do not parse, too, and is the same in both
 * dialects:
 *   - values become ?: numbers with their sign, strings of all kinds, typed literals (DATE '...'),
 *     INTERVAL '...', parameters (so that a prepared statement agrees with the one that has the
 *     values in it), and with them the numbers of LIMIT, OFFSET and of types: varchar(10)
 *   - in the lists of IN and VALUES, NULL, TRUE and FALSE are values too; a row of values becomes
 *     (?), and neighbours that look the same become one: IN (1, 2, 3) -> IN (?),
 *     VALUES (1, 'a'), (2, 'b') -> VALUES (?). Elsewhere NULL, TRUE and FALSE stay
 *   - words are upper case, identifiers lower case without needless quotes (names in quotes are
 *     case-insensitive in both dialects), <> for !=
 *   - noise is dropped: INNER and OUTER before JOIN, AS before an alias, ';' at the end; aliases
 * stay
 *   - the text of EXECUTE IMMEDIATE '...' is opened: its own fingerprint stands for it, in brackets
 */
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
