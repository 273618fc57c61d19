/* SPDX-License-Identifier: Apache-2.0 */
/* type_build.h - building types while they are read; only for the files of type.h. */
#ifndef PROTOCOL_TYPE_BUILD_H
#define PROTOCOL_TYPE_BUILD_H

#include "protocol/type.h"

/* Looks a name up in the table, without regard to case. */
enum type_kind type_kind_of(struct str name);

/* Arguments while they are read. */
struct type_builder {
    struct type_arg *args;
    size_t n, cap;
};

void type_add_arg(struct arena *a, struct type_builder *b, struct type_arg arg);

/* A type of these arguments; NULL when an array, map or row has the wrong ones. */
const struct type *type_build(struct arena *a, struct str name, const struct type_builder *b);

#endif
