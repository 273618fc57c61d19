/* SPDX-License-Identifier: Apache-2.0 */
/* route.h - which backends may run a statement, in order of preference.
 *
 * Pure functions over an immutable table and the backends' atomics; no I/O, no locks. A hint or the
 * default names a group or a single backend; the group's balance orders its members; those that
 * take no statements now are left out. Rules and queues will come between hint and group. */
#ifndef ROUTING_ROUTE_H
#define ROUTING_ROUTE_H

#include "engines/backend.h"

enum route_balance {
    ROUTE_LEAST_OUTSTANDING, /* fewest running statements for its weight */
    ROUTE_WEIGHTED,          /* random by weight */
    ROUTE_ROUND_ROBIN,
    ROUTE_RANDOM_TWO, /* the better of two random ones */
    ROUTE_STICKY_USER /* rendezvous hash of the user: the same member as long as it is up */
};

struct route_member {
    struct backend *backend;
    unsigned weight;
};

struct route_group {
    const char *name;
    enum route_balance balance;
    struct route_member *members;
    size_t count;
    atomic_uint turn;         /* of round robin */
    struct counter *accepted; /* statements */
};

struct route_table {
    struct route_group *groups;
    size_t group_count;
    struct backend **backends;
    size_t backend_count;
    struct route_group *fallback; /* routing.default */
};

struct route_query {
    struct str hint; /* the client's wish, or empty */
    struct str user;
    uint64_t random;
    enum dialect prefer; /* among equals, a backend of the client's own dialect comes first */
};

#define ROUTE_CANDIDATES_MAX 32

struct route {
    struct str group;                                 /* or the single backend's name */
    const struct route_group *from;                   /* NULL: a single backend */
    char reason[96];                                  /* for history: why there */
    struct backend *candidates[ROUTE_CANDIDATES_MAX]; /* best first */
    size_t count;                                     /* 0: all members are away */
    bool unknown_hint;                                /* the default was used instead */
};

/* Chooses. An unknown hint sets `unknown_hint` and the default group answers; whether that is an
 * error is the caller's configuration. */
void route_choose(const struct route_table *t, const struct route_query *q, struct route *out);

/* Names that a hint may have: groups and backends, comma-separated. */
void route_names(const struct route_table *t, struct buf *out);

struct backend *route_backend(const struct route_table *t, struct str name);

#endif
