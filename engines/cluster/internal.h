/* SPDX-License-Identifier: Apache-2.0 */
/* internal.h - what the files of the cluster engine share. */
#ifndef ENGINES_CLUSTER_INTERNAL_H
#define ENGINES_CLUSTER_INTERNAL_H

#include "engines/cluster/cluster.h"

#include <pthread.h>

struct resolve;

struct engine {
    struct cluster_config config;
    struct http_url url; /* views of `text` */
    char *text;
    struct str prefix; /* path of the URL without a slash at its end */
    struct resolve *resolve;
    pthread_mutex_t info_lock;
    struct buf info; /* body of the last good /v1/info */
};

struct engine_lane {
    struct engine *engine;
    struct loop *loop;
    struct http_pool *pool;
    struct buf request; /* the one being written */
};

/* probe.c */
void cluster_probe(struct engine_lane *lane, struct engine_probe *p);
void cluster_probe_cancel(struct engine_probe *p);

/* cluster.c: one request with these header lines. */
void cluster_send(struct engine_lane *lane, struct str method, struct str path, struct str headers,
                  struct str body, uint64_t first_byte_ms, struct engine_call *c);

#endif
