/* SPDX-License-Identifier: Apache-2.0 */
/* list.h - the comma-separated lists of header values and their `name=value` entries, split as the
 * coordinators split them. */
#ifndef PROTOCOL_LIST_H
#define PROTOCOL_LIST_H

#include "protocol/header_table.h"

struct list_entry {
    struct str name, value; /* still encoded */
};

/* Cuts the next entry that is not empty off `*rest`, without blanks at its ends. */
static inline bool list_next(struct str *rest, struct str *entry)
{
    while (rest->p != NULL) {
        *entry = str_trim(str_split(rest, ','));
        if (entry->n > 0)
            return true;
    }
    return false;
}

/* Splits at the first '='. False when there is none, or a second one under LIST_ONE_EQUALS. */
static inline bool list_split(struct str entry, unsigned syntax, struct list_entry *out)
{
    size_t at = str_find(entry, '=');

    if (at == entry.n)
        return false;
    out->name = str_trim(str_of(entry.p, at));
    out->value = str_trim(str_skip(entry, at + 1));
    return !(syntax & LIST_ONE_EQUALS) || str_find(out->value, '=') == out->value.n;
}

/* The client's wish where to run, as an entry of Extra-Credential: `routing=group`, or
 * `routing:group` where somebody wrote the header by hand. `*value` is still encoded. */
static inline bool list_is_hint(struct str entry, struct str *value)
{
    struct str name = STR("routing"), rest = str_trim(str_skip(entry, name.n));

    if (!str_starts(entry, name) || rest.n == 0 || (rest.p[0] != '=' && rest.p[0] != ':'))
        return false;
    *value = str_trim(str_skip(rest, 1));
    return true;
}

#endif
