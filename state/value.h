/* SPDX-License-Identifier: Apache-2.0 */
/* value.h - a state entry as compact bytes: what memory keeps and what Redis stores under a key.
 *
 * Layout: version (1), dialect (1), since_ms (8, little endian), then backend, cluster_id, user and
 * instance, each with a length of 2 bytes, little endian. The id is the key and not repeated.
 * Another instance, an older version or a stranger wrote what comes back: it is checked in full. */
#ifndef STATE_VALUE_H
#define STATE_VALUE_H

#include "state/state.h"

enum { VALUE_ID_MAX = 255, VALUE_NAME_MAX = 255, VALUE_USER_MAX = 4096, VALUE_MAX_BYTES = 5120 };

bool value_id_ok(struct str id);

/* Appends the encoded entry. ERR_LIMIT or ERR_INVALID when a field does not fit; nothing was
 * appended then. */
MUST_USE int value_encode(struct buf *out, const struct state_entry *e, struct error *err);

/* Fills everything of `e` but the id with views into `value`. ERR_CORRUPT on anything unexpected,
 * with `e` untouched. */
MUST_USE int value_decode(struct str value, struct state_entry *e, struct error *err);

#endif
