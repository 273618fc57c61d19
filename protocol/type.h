/* SPDX-License-Identifier: Apache-2.0 */
/* type.h - SQL types as both dialects write them: read into one tree, written in either form.
 *
 * Four forms: the text of a column's "type" (`map(varchar, row(a bigint))`, Presto without the
 * blanks) and the object of its "typeSignature". A tree lives in the arena it was read into and may
 * be shared by others. Pure functions. Source: docs/protocol.md, "Column JSON". */
#ifndef PROTOCOL_TYPE_H
#define PROTOCOL_TYPE_H

#include "base/mem.h"
#include "protocol/dialect.h"

#define TYPE_DEPTH_MAX 64

enum type_kind {
    TYPE_OTHER, /* a name we do not know: its values pass unchanged */
    TYPE_BOOLEAN,
    TYPE_TINYINT,
    TYPE_SMALLINT,
    TYPE_INTEGER,
    TYPE_BIGINT,
    TYPE_REAL,
    TYPE_DOUBLE,
    TYPE_DECIMAL,
    TYPE_NUMBER,
    TYPE_VARCHAR,
    TYPE_CHAR,
    TYPE_VARBINARY,
    TYPE_JSON,
    TYPE_VARIANT,
    TYPE_JSON_PATH,
    TYPE_DATE,
    TYPE_TIME,
    TYPE_TIME_TZ,
    TYPE_TIMESTAMP,
    TYPE_TIMESTAMP_TZ,
    TYPE_TIMESTAMP_MICROS,
    TYPE_INTERVAL_YM,
    TYPE_INTERVAL_DS,
    TYPE_UUID,
    TYPE_IPADDRESS,
    TYPE_IPPREFIX,
    TYPE_UNKNOWN,
    TYPE_HYPERLOGLOG,
    TYPE_P4HYPERLOGLOG,
    TYPE_KHYPERLOGLOG,
    TYPE_QDIGEST,
    TYPE_TDIGEST,
    TYPE_SETDIGEST,
    TYPE_KLLSKETCH,
    TYPE_SFMSKETCH,
    TYPE_ARRAY,
    TYPE_MAP,
    TYPE_ROW,
    TYPE_KIND_COUNT
};

/* How values of a type look in "data", alike in both dialects but for nested ones. */
enum type_shape {
    TYPE_SHAPE_ANY,
    TYPE_SHAPE_BOOLEAN,
    TYPE_SHAPE_INTEGER,
    TYPE_SHAPE_FLOAT, /* a number with '.' or exponent, or "NaN", "Infinity", "-Infinity" */
    TYPE_SHAPE_STRING,
    TYPE_SHAPE_NESTED
};

struct type;

struct type_arg {
    const struct type *type; /* NULL: a number */
    uint64_t number;
    bool named;
    struct str field; /* of a row, when `named` */
};

struct type {
    enum type_kind kind;
    struct str name; /* canonical, as in rawType */
    size_t n;
    const struct type_arg *args;
};

/* Reads the text form of either dialect. ERR_INVALID, ERR_LIMIT (depth). */
MUST_USE int type_parse(struct arena *a, struct str text, const struct type **out,
                        struct error *err);

/* Reads the object form (JSON) of either dialect, old and new names of kinds. */
MUST_USE int type_parse_signature(struct arena *a, struct str json, const struct type **out,
                                  struct error *err);

/* What a client of dialect `to` with `capabilities` is told instead of `t`: types it does not know
 * become those it has, recursively. */
const struct type *type_for_client(struct arena *a, const struct type *t, enum dialect to,
                                   unsigned capabilities);

enum type_shape type_shape(const struct type *t);

/* Fraction digits of values of a time type, 3 unless the type says otherwise. */
unsigned type_fraction_digits(const struct type *t);

/* Whether values of a time type have a fraction at all. */
bool type_is_time(const struct type *t);

/* Appends the text form (not escaped for JSON) or the object form. */
void type_put_text(struct buf *out, const struct type *t, enum dialect d);
void type_put_signature(struct buf *out, const struct type *t, enum dialect d);

#endif
