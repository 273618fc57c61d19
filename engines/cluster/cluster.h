/* SPDX-License-Identifier: Apache-2.0 */
/* cluster.h - the engine of Presto and Trino clusters: one coordinator behind one URL. */
#ifndef ENGINES_CLUSTER_CLUSTER_H
#define ENGINES_CLUSTER_CLUSTER_H

#include "base/tls.h"
#include "engines/engine.h"

struct cluster_config {
    const char *name;
    enum dialect dialect;
    struct str url;          /* http[s]://host[:port][/prefix] */
    struct tls_context *tls; /* for https; referenced */
    uint64_t connect_ms, first_byte_ms;
    unsigned idle_connections;
    bool gzip; /* ask the cluster for gzip */
    bool spooling, forwarded;
    const char *const *drop_properties; /* live as long as the instance, as the next ones do */
    size_t drop_count;
    const char *const *rename_properties;
    size_t rename_count;
    uint64_t probe_timeout_ms;
    const char *probe_statement; /* NULL = /v1/info alone */
    const char *probe_user;
};

MUST_USE int cluster_open(struct engine **out, const struct engine_ops **ops,
                          const struct cluster_config *c, struct error *err);

#endif
