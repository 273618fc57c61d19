/* SPDX-License-Identifier: Apache-2.0 */
/* config_node.h - a configuration file as a tree with places, and the collector of its problems.
 *
 * Inside of the configuration only; others use config.h. Nodes live in the arena given to
 * config_yaml_read() and die with it: the snapshot copies what it keeps. */
#ifndef GATEWAY_CONFIG_NODE_H
#define GATEWAY_CONFIG_NODE_H

#include "base/mem.h"

struct config_place {
    unsigned line, column; /* both from 1 */
};

enum config_node_kind {
    CONFIG_NODE_NULL, /* nothing, `~` or `null`: as if the key were absent */
    CONFIG_NODE_SCALAR,
    CONFIG_NODE_LIST,
    CONFIG_NODE_MAP
};

struct config_node {
    enum config_node_kind kind;
    struct str key; /* when the parent is a map */
    struct config_place key_place;
    struct str raw;  /* the scalar as written: what messages may quote */
    struct str text; /* the scalar after substitution: may be a secret */
    struct config_place place;
    bool broken;                             /* its substitution failed, which was reported */
    struct config_node *first, *last, *next; /* children in file order; siblings */
    size_t count;
};

/* Problems of one file: the first goes to `err`, all further ones to `more`, one a line. */
struct config_report {
    const char *file;
    struct error *err; /* may be NULL */
    struct buf *more;  /* may be NULL */
    unsigned problems;
};

void config_problem(struct config_report *r, struct config_place at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* A printable, shortened copy for messages: `'…'` is added by the caller. */
struct config_quote {
    char text[64];
};
const char *config_quote(struct config_quote *q, struct str s);

/* Picks the candidate nearest to `wrong`; offered one by one, best starts as {0}. */
struct config_nearest {
    struct str name;
    size_t distance;
};
void config_nearest_offer(struct config_nearest *best, struct str wrong, struct str candidate);

/* Reads the bytes into a tree and substitutes in all scalar values. NULL when the bytes are no
 * YAML that we take (a problem was reported); softer problems are reported and reading goes on. */
struct config_node *config_yaml_read(struct arena *a, struct str yaml, struct config_report *r);

/* `${ENV:NAME}`, `${FILE:path}` and `$$` in node->raw; sets node->text. `*budget` bytes are left
 * for all substitutions of the file. */
void config_substitute(struct arena *a, struct config_node *node, size_t *budget,
                       struct config_report *r);

/* The child of a map, or NULL (also when it is null or `map` is no map or NULL). */
struct config_node *config_node_get(const struct config_node *map, const char *key);
/* The same over a dotted path. */
struct config_node *config_node_at(const struct config_node *root, const char *path);

#endif
