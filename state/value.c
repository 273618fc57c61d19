/* SPDX-License-Identifier: Apache-2.0 */
/* value.c - see value.h. One table of fields serves both directions, so that nothing can be written
 * that would not be accepted when it comes back. */
#include "state/value.h"

#include "protocol/dialect.h"

#define VERSION_BYTE 1
#define HEAD_BYTES 10

static const struct field {
    const char *name;
    size_t offset, max;
    bool may_be_empty;
} fields[] = {
    {"backend", offsetof(struct state_entry, backend), VALUE_NAME_MAX, false},
    {"cluster_id", offsetof(struct state_entry, cluster_id), VALUE_NAME_MAX, true},
    {"user", offsetof(struct state_entry, user), VALUE_USER_MAX, true},
    {"instance", offsetof(struct state_entry, instance), VALUE_NAME_MAX, true},
};

static struct str *field_of(struct state_entry *e, const struct field *f)
{
    return (struct str *)(void *)((char *)e + f->offset);
}

static const struct str *field_in(const struct state_entry *e, const struct field *f)
{
    return (const struct str *)(const void *)((const char *)e + f->offset);
}

/* Control characters have no place in any of these names; they would end up in logs. */
static bool is_clean(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static bool fits(struct str s, const struct field *f)
{
    return s.n <= f->max && (s.n > 0 || f->may_be_empty) && is_clean(s);
}

bool value_id_ok(struct str id)
{
    return id.n > 0 && id.n <= VALUE_ID_MAX;
}

int value_encode(struct buf *out, const struct state_entry *e, struct error *err)
{
    if (e->dialect > DIALECT_TRINO)
        return error_set(err, ERR_INVALID, "state: entry has dialect %u", e->dialect);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!fits(*field_in(e, &fields[i]), &fields[i]))
            return error_set(err, ERR_LIMIT, "state: %s of an entry cannot be stored",
                             fields[i].name);
    buf_put_c(out, VERSION_BYTE);
    buf_put_c(out, (char)e->dialect);
    for (unsigned shift = 0; shift < 64; shift += 8)
        buf_put_c(out, (char)(e->since_ms >> shift));
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        struct str s = *field_in(e, &fields[i]);

        buf_put_c(out, (char)s.n);
        buf_put_c(out, (char)(s.n >> 8));
        buf_put_str(out, s);
    }
    return out->overflow ? error_set(err, ERR_LIMIT, "state: entry too large") : OK;
}

static bool take_field(struct str *rest, const struct field *f, struct str *out)
{
    size_t n;

    if (rest->n < 2)
        return false;
    n = (size_t)(unsigned char)rest->p[0] | (size_t)(unsigned char)rest->p[1] << 8;
    *rest = str_skip(*rest, 2);
    if (n > rest->n)
        return false;
    *out = str_of(rest->p, n);
    *rest = str_skip(*rest, n);
    return fits(*out, f);
}

int value_decode(struct str value, struct state_entry *e, struct error *err)
{
    struct state_entry got = {.id = e->id};
    struct str rest;

    if (value.n < HEAD_BYTES || value.n > VALUE_MAX_BYTES)
        return error_set(err, ERR_CORRUPT, "state: value of %zu bytes", value.n);
    if (value.p[0] != VERSION_BYTE)
        return error_set(err, ERR_CORRUPT, "state: value of version %u", (unsigned char)value.p[0]);
    got.dialect = (uint8_t)value.p[1];
    if (got.dialect > DIALECT_TRINO)
        return error_set(err, ERR_CORRUPT, "state: value with dialect %u", got.dialect);
    for (unsigned i = 0; i < 8; i++)
        got.since_ms |= (uint64_t)(unsigned char)value.p[2 + i] << (8 * i);
    rest = str_skip(value, HEAD_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!take_field(&rest, &fields[i], field_of(&got, &fields[i])))
            return error_set(err, ERR_CORRUPT, "state: value with a bad %s", fields[i].name);
    if (rest.n != 0)
        return error_set(err, ERR_CORRUPT, "state: %zu bytes after the value", rest.n);
    *e = got;
    return OK;
}
