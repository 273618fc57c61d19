/* SPDX-License-Identifier: Apache-2.0 */
/* registry.h - the engines there are. A new engine is one folder and one row of registry.c. */
#ifndef ENGINES_REGISTRY_H
#define ENGINES_REGISTRY_H

#include "base/mem.h"
#include "base/tls.h"
#include "engines/engine.h"

/* What a backend's configuration says, for any engine. Strings are borrowed until registry_open()
 * returned. */
struct registry_settings {
    const char *engine; /* "trino", "presto" */
    const char *name, *url;
    const char *ca, *certificate, *key;
    enum tls_verify verify;
    uint64_t connect_ms, first_byte_ms, probe_timeout_ms;
    unsigned idle_connections;
    bool gzip, spooling, forwarded;
    const char *const *drop_properties;
    size_t drop_count;
    const char *const *rename_properties;
    size_t rename_count;
    const char *probe_statement, *probe_user;
};

/* Opens the engine. Everything it needs is copied into `*kept`, which must be given back after its
 * close. Reads files (TLS): not on a loop. */
MUST_USE int registry_open(const struct registry_settings *s, struct arena *kept,
                           struct engine **out, const struct engine_ops **ops, struct error *err);

#endif
