/* SPDX-License-Identifier: Apache-2.0 */
/* config.h - the configuration: one YAML file, one immutable snapshot.
 *
 * All settings, their types, ranges, defaults and texts stand in one table (config_table.h) from
 * which the parser, `--check`, `--print-config-reference` and docs/configuration.md come.
 * A snapshot never changes after config_load(); a reload makes a new one. All strings belong to the
 * snapshot's arena and are NUL-terminated. */
#ifndef GATEWAY_CONFIG_H
#define GATEWAY_CONFIG_H

#include "base/mem.h"

#include <stdio.h>

#define CONFIG_THREADS_MAX 64

enum config_engine { CONFIG_ENGINE_TRINO, CONFIG_ENGINE_PRESTO };
enum config_balance {
    BALANCE_LEAST_OUTSTANDING,
    BALANCE_WEIGHTED,
    BALANCE_ROUND_ROBIN,
    BALANCE_RANDOM_TWO,
    BALANCE_STICKY_USER
};
enum config_verify { CONFIG_VERIFY_FULL, CONFIG_VERIFY_CA, CONFIG_VERIFY_NONE };
enum config_state { CONFIG_STATE_MEMORY, CONFIG_STATE_REDIS };
enum config_spooling { CONFIG_SPOOLING_STRIP, CONFIG_SPOOLING_PASS };
enum config_unknown_hint { CONFIG_HINT_ERROR, CONFIG_HINT_WARN };
enum config_log_format { CONFIG_LOG_JSON, CONFIG_LOG_LOGFMT };
enum config_log_level { CONFIG_LOG_DEBUG, CONFIG_LOG_INFO, CONFIG_LOG_WARN, CONFIG_LOG_ERROR };

/* Bits of compression.clients and of a backend's `compression`. */
enum { CONFIG_CODING_GZIP = 1, CONFIG_CODING_ZSTD = 2 };

struct config_strings {
    const char **items;
    size_t count;
};

struct config_listener {
    const char *address;                       /* host:port, [v6]:port; port 0 = any */
    const char *certificate, *key, *client_ca; /* NULL = plain HTTP */
};

struct config_health {
    uint64_t interval_ms, timeout_ms, backoff_max_ms;
    unsigned up_after, down_after; /* probes in a row */
    const char *statement;         /* NULL = only /v1/info */
    const char *user;              /* of that statement */
};

struct config_backend {
    const char *name;
    enum config_engine engine;
    const char *url; /* http[s]://host[:port][/prefix] */
    unsigned weight;
    const char *ca, *certificate, *key;
    enum config_verify verify;
    uint64_t connect_timeout_ms,
        first_byte_timeout_ms; /* first byte: of answers that do not wait */
    unsigned idle_connections; /* kept a loop */
    unsigned compression;      /* CONFIG_CODING_* asked from the cluster; 0 = identity */
    enum config_spooling spooling;
    struct config_strings drop_session_properties;   /* names not sent to this backend */
    struct config_strings rename_session_properties; /* "from=to" */
    bool forwarded;                                  /* X-Forwarded-For to the cluster */
    bool draining;                                   /* takes no new statements */
    struct config_health health;
};

struct config_member {
    const char *backend;
    unsigned weight;
};

struct config_group {
    const char *name;
    enum config_balance balance;
    struct config_member *members;
    size_t member_count;
};

struct config {
    struct arena arena;
    const char *file;
    const char *data_dir, *instance;
    struct config_listener *listeners;
    size_t listener_count;
    const char *admin_address;
    unsigned threads;
    const char *external_url;              /* NULL = from the request */
    struct config_strings trusted_proxies; /* CIDRs whose Forwarded/X-Forwarded-* count */
    struct config_strings ticket_keys;     /* 64 hex digits each; the first seals, all open */
    uint64_t ticket_ttl_ms;
    struct {
        enum config_state kind;
        struct config_strings urls;
        const char *prefix, *ca;
        bool verify;
        uint64_t ttl_ms, timeout_ms;
        size_t memory_entries;
    } state;
    struct {
        bool enabled, redact_literals;
        const char *path; /* NULL = data_dir/history.db */
        size_t queue_max, sql_max_bytes;
        uint64_t retention_age_ms, retention_size_bytes, flush_ms;
    } history;
    struct {
        enum config_log_format format;
        enum config_log_level level;
        bool statements; /* one line a statement end */
    } log;
    struct {
        size_t sql_max_bytes, header_max_bytes;
        unsigned sql_nesting, sql_tokens; /* of what is parsed for its facts */
        unsigned connections;             /* of clients, all loops; 0 = as many as files allow */
        uint64_t idle_ms;                 /* keep-alive without a request */
        uint64_t request_ms;              /* to receive a whole request */
        uint64_t send_ms;                 /* a client that takes no byte of its answer this long */
        size_t page_max_bytes;            /* a page that must be translated or compressed */
    } limits;
    struct {
        unsigned clients; /* CONFIG_CODING_*; 0 = off */
        unsigned level;
        size_t min_bytes;
    } compression;
    uint64_t abandon_after_ms, drain_timeout_ms;
    enum config_unknown_hint unknown_hint;
    struct config_backend *backends;
    size_t backend_count;
    struct config_group *groups;
    size_t group_count;
    const char *default_group;
};

/* Reads, substitutes, checks. On failure `*out` is untouched and the error says file:line:column.
 * Further problems of the same file go to `more` (one a line) when it is not NULL. Blocks (disk).
 */
MUST_USE int config_load(struct config **out, const char *file, struct buf *more,
                         struct error *err);
/* The same over bytes; `file` is only a name. */
MUST_USE int config_parse(struct config **out, const char *file, struct str yaml, struct buf *more,
                          struct error *err);
void config_free(struct config *c); /* NULL is a no-op */

/* Names (paths) of settings that differ between the two and need a restart, comma-separated. */
void config_restart_needed(const struct config *a, const struct config *b, struct buf *out);

/* Markdown of every setting, made from the table; docs/configuration.md is this text. */
void config_print_reference(struct buf *out);

#endif
