/* SPDX-License-Identifier: Apache-2.0 */
/* response.c - see response.h. */
#include "protocol/response.h"

#include "protocol/list.h"
#include "protocol/prepared.h"
#include "protocol/urlcode.h"

static bool is_token_challenge(struct str value)
{
    return str_search(value, STR("x_token_server=")) < value.n ||
           str_search(value, STR("x_redirect_server=")) < value.n;
}

static void note_plain(struct response_seen *seen, enum plain_id id, struct str value)
{
    struct str *const places[] = {
        [PLAIN_LOCATION] = &seen->location,
        [PLAIN_CACHE_CONTROL] = &seen->cache_control,
        [PLAIN_CONTENT_TYPE] = &seen->content_type,
        [PLAIN_CONTENT_ENCODING] = &seen->content_encoding,
        [PLAIN_WWW_AUTHENTICATE] = NULL,
    };

    if (id < ARRAY_LEN(places) && places[id] != NULL)
        *places[id] = value;
}

static void put_plain(struct buf *out, const struct header *h, struct response_seen *seen)
{
    unsigned ends_here;
    enum plain_id id = plain_id_of(h->name, &ends_here);

    if (id == PLAIN_WWW_AUTHENTICATE && is_token_challenge(h->value)) {
        seen->token_challenge = h->value;
        return;
    }
    note_plain(seen, id, h->value);
    if (!(ends_here & PLAIN_NOT_IN_RESPONSE))
        header_put(out, STR_NONE, h->name, h->value);
}

/* Unpacks each `name=$zstd:..` of the list. What cannot be unpacked stays: the client sends it back
 * to where it came from. */
static void put_unpacked(struct buf *out, struct arena *a, struct str list)
{
    struct buf scratch = buf_make(PREPARED_MAX_BYTES);
    size_t start = out->n;
    struct str entry;

    while (!out->overflow && list_next(&list, &entry)) {
        struct list_entry e;
        struct str value, sql;

        if (out->n > start)
            buf_put_c(out, ',');
        if (list_split(entry, 0, &e) && url_decode(&value, a, e.value) &&
            prepared_unpack(&sql, value, &scratch, NULL) == OK && sql.p != value.p) {
            buf_put_str(out, e.name);
            buf_put_c(out, '=');
            url_encode(out, sql);
        } else {
            buf_put_str(out, entry);
        }
    }
    buf_reset(&scratch);
}

static void put_crossed(struct buf *out, struct arena *a, enum response_id id, struct str value,
                        enum dialect to)
{
    const struct header_row *row = &response_rows[id];

    if (id == RESPONSE_UNKNOWN || (row->known_by & BY_BOTH) != BY_BOTH)
        return;
    if (id != RESPONSE_ADDED_PREPARE || to != DIALECT_PRESTO) {
        header_put(out, dialect_prefix(to), row->suffix, value);
        return;
    }
    buf_put_str(out, dialect_prefix(to));
    buf_put_str(out, row->suffix);
    buf_put(out, ": ", 2);
    put_unpacked(out, a, value);
    buf_put(out, "\r\n", 2);
}

void response_headers(struct buf *out, struct arena *a, const struct header *h, size_t n,
                      enum dialect from, enum dialect to, struct response_seen *seen)
{
    bool named = connection_names_any(h, n);

    *seen = (struct response_seen){0};
    for (size_t i = 0; i < n; i++) {
        struct str suffix;
        enum dialect d = header_dialect(h[i].name, &suffix);
        enum response_id id;

        if (named && connection_names(h, n, h[i].name))
            continue;
        if (d == DIALECT_NONE) {
            put_plain(out, &h[i], seen);
            continue;
        }
        id = response_id_of(suffix);
        if (id == RESPONSE_STARTED_TRANSACTION_ID)
            seen->started_transaction_id = h[i].value;
        seen->clear_transaction |= id == RESPONSE_CLEAR_TRANSACTION_ID;
        if (to == DIALECT_NONE || (d == to && d == from))
            header_put(out, STR_NONE, h[i].name, h[i].value);
        else if (d == from)
            put_crossed(out, a, id, h[i].value, to);
    }
}
