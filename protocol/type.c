/* SPDX-License-Identifier: Apache-2.0 */
/* type.c - the table of types and what the other dialect's client is told; type_text.c and
 * type_signature.c read, type_print.c writes. */
#include "protocol/type.h"

#include "protocol/type_build.h"

struct type_facts {
    const char *name; /* as in rawType */
    enum type_shape shape;
    enum type_kind presto, trino; /* what a client of that dialect is told instead */
};

#define F(kind, name, shape, presto, trino)                                                        \
    [TYPE_##kind] = {name, TYPE_SHAPE_##shape, TYPE_##presto, TYPE_##trino}

/* Canonical name, shape of its values, kind shown to a Presto client, kind shown to a Trino one. */
static const struct type_facts table[TYPE_KIND_COUNT] = {
    F(OTHER, "", ANY, OTHER, OTHER),
    F(BOOLEAN, "boolean", BOOLEAN, BOOLEAN, BOOLEAN),
    F(TINYINT, "tinyint", INTEGER, TINYINT, TINYINT),
    F(SMALLINT, "smallint", INTEGER, SMALLINT, SMALLINT),
    F(INTEGER, "integer", INTEGER, INTEGER, INTEGER),
    F(BIGINT, "bigint", INTEGER, BIGINT, BIGINT),
    F(REAL, "real", FLOAT, REAL, REAL),
    F(DOUBLE, "double", FLOAT, DOUBLE, DOUBLE),
    F(DECIMAL, "decimal", STRING, DECIMAL, DECIMAL),
    F(NUMBER, "number", STRING, VARCHAR, NUMBER),
    F(VARCHAR, "varchar", STRING, VARCHAR, VARCHAR),
    F(CHAR, "char", STRING, CHAR, CHAR),
    F(VARBINARY, "varbinary", STRING, VARBINARY, VARBINARY),
    F(JSON, "json", STRING, JSON, JSON),
    F(VARIANT, "variant", ANY, JSON, VARIANT),
    F(JSON_PATH, "JsonPath", STRING, VARCHAR, JSON_PATH),
    F(DATE, "date", STRING, DATE, DATE),
    F(TIME, "time", STRING, TIME, TIME),
    F(TIME_TZ, "time with time zone", STRING, TIME_TZ, TIME_TZ),
    F(TIMESTAMP, "timestamp", STRING, TIMESTAMP, TIMESTAMP),
    F(TIMESTAMP_TZ, "timestamp with time zone", STRING, TIMESTAMP_TZ, TIMESTAMP_TZ),
    F(TIMESTAMP_MICROS, "timestamp microseconds", STRING, TIMESTAMP_MICROS, TIMESTAMP),
    F(INTERVAL_YM, "interval year to month", STRING, INTERVAL_YM, INTERVAL_YM),
    F(INTERVAL_DS, "interval day to second", STRING, INTERVAL_DS, INTERVAL_DS),
    F(UUID, "uuid", STRING, UUID, UUID),
    F(IPADDRESS, "ipaddress", STRING, IPADDRESS, IPADDRESS),
    F(IPPREFIX, "ipprefix", STRING, IPPREFIX, VARCHAR),
    F(UNKNOWN, "unknown", ANY, UNKNOWN, UNKNOWN),
    F(HYPERLOGLOG, "HyperLogLog", STRING, HYPERLOGLOG, HYPERLOGLOG),
    F(P4HYPERLOGLOG, "P4HyperLogLog", STRING, P4HYPERLOGLOG, P4HYPERLOGLOG),
    F(KHYPERLOGLOG, "KHyperLogLog", STRING, KHYPERLOGLOG, VARBINARY),
    F(QDIGEST, "qdigest", STRING, QDIGEST, QDIGEST),
    F(TDIGEST, "tdigest", STRING, TDIGEST, TDIGEST),
    F(SETDIGEST, "SetDigest", STRING, SETDIGEST, SETDIGEST),
    F(KLLSKETCH, "kllsketch", STRING, KLLSKETCH, VARBINARY),
    F(SFMSKETCH, "SfmSketch", STRING, SFMSKETCH, VARBINARY),
    F(ARRAY, "array", NESTED, ARRAY, ARRAY),
    F(MAP, "map", NESTED, MAP, MAP),
    F(ROW, "row", NESTED, ROW, ROW),
};

enum type_shape type_shape(const struct type *t)
{
    return table[t->kind].shape;
}

bool type_is_time(const struct type *t)
{
    return t->kind >= TYPE_TIME && t->kind <= TYPE_TIMESTAMP_MICROS;
}

unsigned type_fraction_digits(const struct type *t)
{
    if (t->kind == TYPE_TIMESTAMP_MICROS)
        return 6;
    return t->n == 1 && t->args[0].type == NULL && t->args[0].number <= 12
               ? (unsigned)t->args[0].number
               : 3;
}

enum type_kind type_kind_of(struct str name)
{
    for (int k = TYPE_OTHER + 1; k < TYPE_KIND_COUNT; k++)
        if (str_eq_nocase(str_c(table[k].name), name))
            return (enum type_kind)k;
    return TYPE_OTHER;
}

/* ---- building ---- */

void type_add_arg(struct arena *a, struct type_builder *b, struct type_arg arg)
{
    if (b->n == b->cap) {
        struct type_arg *bigger = arena_alloc(a, (b->cap = b->cap * 2 + 2) * sizeof(*bigger));

        if (b->n > 0)
            memcpy(bigger, b->args, b->n * sizeof(*bigger));
        b->args = bigger;
    }
    b->args[b->n++] = arg;
}

/* Nested kinds with the wrong arguments would have no values we could follow. */
static bool fits(enum type_kind kind, const struct type_builder *b)
{
    if (table[kind].shape != TYPE_SHAPE_NESTED)
        return true;
    for (size_t i = 0; i < b->n; i++)
        if (b->args[i].type == NULL)
            return false;
    return kind == TYPE_ARRAY ? b->n == 1 : kind == TYPE_MAP ? b->n == 2 : b->n > 0;
}

const struct type *type_build(struct arena *a, struct str name, const struct type_builder *b)
{
    struct type *t = arena_zalloc(a, sizeof(*t));

    t->kind = type_kind_of(name);
    if (!fits(t->kind, b))
        return NULL;
    t->name = t->kind == TYPE_OTHER ? arena_str(a, name) : str_c(table[t->kind].name);
    t->args = b->args;
    t->n = b->n;
    return t;
}

/* ---- what the other dialect's client is told ---- */

static const struct type *of_kind(struct arena *a, enum type_kind kind, const struct type_arg *arg)
{
    struct type *t = arena_zalloc(a, sizeof(*t));

    t->kind = kind;
    t->name = str_c(table[kind].name);
    if (arg != NULL) {
        t->args = memcpy(arena_alloc(a, sizeof(*arg)), arg, sizeof(*arg));
        t->n = 1;
    }
    return t;
}

/* Presto knows no precision; Trino tells it to clients that asked for it only. */
static const struct type *time_for_client(struct arena *a, const struct type *t,
                                          enum type_kind kind, bool parametric)
{
    struct type_arg digits = {.number = type_fraction_digits(t)};

    return of_kind(a, kind, parametric ? &digits : NULL);
}

static const struct type *nested_for_client(struct arena *a, const struct type *t, enum dialect to,
                                            unsigned capabilities)
{
    struct type *copy = memcpy(arena_alloc(a, sizeof(*t)), t, sizeof(*t));
    struct type_arg *args = arena_zalloc(a, (t->n + 1) * sizeof(*args));

    for (size_t i = 0; i < t->n; i++) {
        args[i] = t->args[i];
        if (args[i].type != NULL)
            args[i].type = type_for_client(a, args[i].type, to, capabilities);
    }
    copy->args = args;
    return copy;
}

const struct type *type_for_client(struct arena *a, const struct type *t, enum dialect to,
                                   unsigned capabilities)
{
    const struct type_facts *f = &table[t->kind];
    enum type_kind kind = to == DIALECT_PRESTO ? f->presto : f->trino;
    struct type_arg of_double = {0};

    if (type_is_time(t))
        return time_for_client(a, t, kind,
                               to == DIALECT_TRINO && (capabilities & CAP_PARAMETRIC_DATETIME));
    if (kind == TYPE_TDIGEST && to == DIALECT_PRESTO) {
        of_double.type = of_kind(a, TYPE_DOUBLE, NULL);
        return of_kind(a, kind, &of_double);
    }
    if (kind != t->kind || kind == TYPE_TDIGEST || kind == TYPE_INTERVAL_YM ||
        kind == TYPE_INTERVAL_DS)
        return of_kind(a, kind, NULL);
    return nested_for_client(a, t, to, capabilities);
}
