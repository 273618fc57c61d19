/* SPDX-License-Identifier: Apache-2.0 */
/* config_table.c - the rows. The order here is the order of the reference. */
#include "gateway/config_table.h"

#include <stddef.h>

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)
#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NAME_MAX_BYTES 64
#define PATH_MAX_BYTES 4096
#define URL_MAX_BYTES 2048

#define FIELD(type_, member_)                                                                      \
    .offset = offsetof(struct type_, member_), .size = sizeof(((struct type_ *)0)->member_)
#define ROOT(member_) FIELD(config, member_)
#define BACKEND(member_) FIELD(config_backend, member_)
#define SCOPE_OF(label_, struct_, rows_)                                                           \
    .label = (label_), .rows = (rows_), .row_count = ARRAY_LEN(rows_), .size = sizeof(struct_)

static const char *const engine_words[] = {"trino", "presto", NULL};
static const char *const balance_words[] = {"least_outstanding", "weighted",    "round_robin",
                                            "random_two",        "sticky_user", NULL};
static const char *const verify_words[] = {"full", "ca", "none", NULL};
static const char *const state_words[] = {"memory", "redis", NULL};
static const char *const spooling_words[] = {"strip", "pass", NULL};
static const char *const hint_words[] = {"error", "warn", NULL};
static const char *const format_words[] = {"json", "logfmt", NULL};
static const char *const level_words[] = {"debug", "info", "warn", "error", NULL};
static const char *const coding_words[] = {"gzip", "zstd", NULL}; /* bits CONFIG_CODING_* */

static const struct config_row listener_rows[] = {
    {"address", CONFIG_T_ADDRESS, FIELD(config_listener, address), .required = true,
     .restart = true, .max = 300,
     .doc = "Where clients connect: `host:port` or `[v6]:port`; port 0 takes a free one."},
    {"tls.certificate", CONFIG_T_STRING, FIELD(config_listener, certificate), .min = 1,
     .max = PATH_MAX_BYTES,
     .doc = "PEM file with the certificate and its chain. With it the listener speaks TLS only. "
            "The file is read again at a reload."},
    {"tls.key", CONFIG_T_STRING, FIELD(config_listener, key), .min = 1, .max = PATH_MAX_BYTES,
     .doc = "PEM file with the private key of the certificate."},
    {"tls.client_ca", CONFIG_T_STRING, FIELD(config_listener, client_ca), .min = 1,
     .max = PATH_MAX_BYTES,
     .doc = "PEM file of the authorities whose client certificates are demanded."},
};
static const struct config_scope listener_scope = {
    SCOPE_OF("listener", struct config_listener, listener_rows)};

static const struct config_row backend_rows[] = {
    {"engine", CONFIG_T_ENUM, BACKEND(engine), .required = true, .words = engine_words,
     .doc = "What runs there, hence which dialect it speaks."},
    {"url", CONFIG_T_URL, BACKEND(url), .required = true, .max = URL_MAX_BYTES,
     .doc = "The coordinator: `http[s]://host[:port][/prefix]`."},
    {"weight", CONFIG_T_INT, BACKEND(weight), .min = 1, .max = 10000, .preset = "1",
     .doc = "Share in groups with `balance: weighted`; a member of a group may say otherwise."},
    {"draining", CONFIG_T_BOOL, BACKEND(draining), .preset = "false",
     .doc = "Takes no new statements; those that run there go on."},
    {"forwarded", CONFIG_T_BOOL, BACKEND(forwarded), .preset = "false",
     .doc = "Tells the cluster the client's address in `X-Forwarded-For` and the gateway's own, as "
            "the client sees it, in `X-Forwarded-Proto`, `-Host` and `-Port`. A Trino answers 406 "
            "to these headers unless it runs with `http-server.process-forwarded=true`. Needed for "
            "OAuth2."},
    {"tls.ca", CONFIG_T_STRING, BACKEND(ca), .min = 1, .max = PATH_MAX_BYTES,
     .preset_text = "the system's",
     .doc = "PEM file of the authorities that sign the cluster's certificate."},
    {"tls.certificate", CONFIG_T_STRING, BACKEND(certificate), .min = 1, .max = PATH_MAX_BYTES,
     .doc = "PEM file of the certificate that the gateway shows to the cluster."},
    {"tls.key", CONFIG_T_STRING, BACKEND(key), .min = 1, .max = PATH_MAX_BYTES,
     .doc = "PEM file with the private key of that certificate."},
    {"tls.verify", CONFIG_T_ENUM, BACKEND(verify), .words = verify_words, .preset = "full",
     .doc = "`full`: authority and host name; `ca`: authority only; `none`: nothing, for tests."},
    {"timeouts.connect", CONFIG_T_DURATION, BACKEND(connect_timeout_ms), .min = 10,
     .max = 5 * MINUTE, .preset = "3s",
     .doc = "For TCP and TLS. A statement whose connection fails goes to the next backend."},
    {"timeouts.first_byte", CONFIG_T_DURATION, BACKEND(first_byte_timeout_ms), .min = 10,
     .max = HOUR, .preset = "30s",
     .doc = "For answers that do not wait for results: a long poll is never cut off."},
    {"idle_connections", CONFIG_T_INT, BACKEND(idle_connections), .max = 65536, .preset = "64",
     .doc = "Connections kept open for later, a thread."},
    {"compression", CONFIG_T_CODINGS, BACKEND(compression), .words = coding_words, .preset = "",
     .doc = "Codings asked from the cluster. Empty: none, right for a near network."},
    {"spooling", CONFIG_T_ENUM, BACKEND(spooling), .words = spooling_words, .preset = "strip",
     .doc = "`strip`: results come in the pages; `pass`: Trino clients may get spooled segments. "
            "Unless the cluster's `protocol.spooling.retrieval-mode` is `COORDINATOR_PROXY`, "
            "clients must then reach its storage."},
    {"session_properties.drop", CONFIG_T_NAMES, BACKEND(drop_session_properties), .max = 256,
     .preset = "", .doc = "Session properties that are not sent to this backend."},
    {"session_properties.rename", CONFIG_T_RENAMES, BACKEND(rename_session_properties), .max = 256,
     .preset = "", .doc = "Session properties that this backend knows by another name."},
    {"health.interval", CONFIG_T_DURATION, BACKEND(health.interval_ms), .min = 50, .max = HOUR,
     .preset = "5s", .doc = "Time between probes of `/v1/info`."},
    {"health.timeout", CONFIG_T_DURATION, BACKEND(health.timeout_ms), .min = 10, .max = 5 * MINUTE,
     .preset = "3s", .doc = "A probe without an answer by then has failed."},
    {"health.backoff_max", CONFIG_T_DURATION, BACKEND(health.backoff_max_ms), .min = 50,
     .max = HOUR, .preset = "60s",
     .doc = "Probes of a backend that stays down get rarer, up to this interval."},
    {"health.up_after", CONFIG_T_INT, BACKEND(health.up_after), .min = 1, .max = 100, .preset = "1",
     .doc = "Good probes in a row until a backend is used again."},
    {"health.down_after", CONFIG_T_INT, BACKEND(health.down_after), .min = 1, .max = 100,
     .preset = "3", .doc = "Failed probes in a row until a backend is not used any more."},
    {"health.statement", CONFIG_T_TEXT, BACKEND(health.statement), .min = 1, .max = 64 * KIB,
     .preset_text = "none", .doc = "A statement that a probe also runs, such as `SELECT 1`."},
    {"health.user", CONFIG_T_STRING, BACKEND(health.user), .min = 1, .max = 255,
     .preset = "sleipnir", .doc = "The user that runs this statement."},
};
static const struct config_scope backend_scope = {
    SCOPE_OF("backend", struct config_backend, backend_rows),
    .name_offset = offsetof(struct config_backend, name)};

static const struct config_row member_rows[] = {
    {"backend", CONFIG_T_NAME, FIELD(config_member, backend), .required = true, .min = 1,
     .max = NAME_MAX_BYTES, .doc = "Name of a backend. A bare name stands for `{backend: name}`."},
    {"weight", CONFIG_T_INT, FIELD(config_member, weight), .min = 1, .max = 10000,
     .preset_text = "the backend's", .doc = "Share with `balance: weighted`."},
};
static const struct config_scope member_scope = {
    SCOPE_OF("member", struct config_member, member_rows), .shorthand = "backend"};

static const struct config_row group_rows[] = {
    {"members", CONFIG_T_LIST, FIELD(config_group, members), .required = true,
     .count_offset = offsetof(struct config_group, member_count), .scope = &member_scope, .min = 1,
     .doc = "The backends of the group."},
    {"balance", CONFIG_T_ENUM, FIELD(config_group, balance), .words = balance_words,
     .preset = "least_outstanding",
     .doc = "How one of the members that are up is chosen. `sticky_user` sends a user to the same "
            "backend as long as it is up."},
};
static const struct config_scope group_scope = {SCOPE_OF("group", struct config_group, group_rows),
                                                .name_offset = offsetof(struct config_group, name)};

static const struct config_row root_rows[] = {
    {"data_dir", CONFIG_T_STRING, ROOT(data_dir), .restart = true, .min = 1, .max = PATH_MAX_BYTES,
     .preset_text = "`$XDG_DATA_HOME/sleipnir` or `~/.local/share/sleipnir`",
     .doc = "Folder of the ticket key and the history."},
    {"instance", CONFIG_T_NAME, ROOT(instance), .restart = true, .min = 1, .max = 128,
     .preset_text = "host name, `-`, process id",
     .doc = "Name of this gateway, unique among those that share a state."},
    {"threads", CONFIG_T_INT, ROOT(threads), .restart = true, .min = 1, .max = CONFIG_THREADS_MAX,
     .preset_text = "one a core", .doc = "Event loops."},
    {"external_url", CONFIG_T_URL, ROOT(external_url), .max = URL_MAX_BYTES,
     .preset_text = "from the request",
     .doc = "The URL by which clients reach the gateway, when `Host` and forwarding headers do not "
            "tell it."},
    {"trusted_proxies", CONFIG_T_CIDRS, ROOT(trusted_proxies), .max = 256,
     .preset = "127.0.0.0/8,::1/128",
     .doc = "Peers whose `Forwarded` and `X-Forwarded-*` headers are believed."},

    {"listeners", CONFIG_T_LIST, ROOT(listeners), .restart = true,
     .count_offset = offsetof(struct config, listener_count), .scope = &listener_scope, .min = 1,
     .preset_text = "one on 127.0.0.1:8080", .doc = "Where clients connect."},

    {"admin", CONFIG_T_SECTION, .doc = "The listener for operators: metrics, health, the API."},
    {"admin.address", CONFIG_T_ADDRESS, ROOT(admin_address), .restart = true, .max = 300,
     .preset = "127.0.0.1:8081", .doc = "Keep it away from clients: it asks for no password."},

    {"tickets", CONFIG_T_SECTION,
     .doc = "URIs given to clients are sealed. Gateways that share keys can answer for each "
            "other."},
    {"tickets.keys", CONFIG_T_KEYS, ROOT(ticket_keys), .max = 16, .preset = "",
     .preset_text = "one made at the first start, in `data_dir`",
     .doc = "64 hex digits each (`openssl rand -hex 32`). The first seals, all open: to rotate, "
            "put the new key last everywhere, then first, then drop the old one."},
    {"tickets.ttl", CONFIG_T_DURATION, ROOT(ticket_ttl_ms), .min = MINUTE, .max = 365 * DAY,
     .preset = "24h", .doc = "A URI older than this is refused."},

    {"state", CONFIG_T_SECTION,
     .doc = "What gateways share: which backend runs which statement or transaction. No SQL and no "
            "secret goes there, and no poll waits for it."},
    {"state.kind", CONFIG_T_ENUM, ROOT(state.kind), .restart = true, .words = state_words,
     .preset = "memory", .doc = "`memory` for a single gateway, `redis` for several."},
    {"state.url", CONFIG_T_STATE_URL, ROOT(state.urls), .restart = true, .alias = true,
     .max = URL_MAX_BYTES,
     .doc = "`redis://[user[:password]@]host[:port][/db]`, `rediss://…` for TLS or "
            "`redis+sentinel://[user:password@]host:port[,host:port]/master[/db]`."},
    {"state.urls", CONFIG_T_STATE_URLS, ROOT(state.urls), .restart = true, .max = 16, .preset = "",
     .doc = "Several of them: the first that is a writable master is used."},
    {"state.prefix", CONFIG_T_STRING, ROOT(state.prefix), .restart = true, .max = 64,
     .preset = "sleipnir:", .doc = "Begins every key in Redis."},
    {"state.ttl", CONFIG_T_DURATION, ROOT(state.ttl_ms), .restart = true, .min = SECOND,
     .max = 365 * DAY, .preset = "24h", .doc = "Life of an entry since it was last written."},
    {"state.timeout", CONFIG_T_DURATION, ROOT(state.timeout_ms), .restart = true, .min = 10,
     .max = MINUTE, .preset = "1s", .doc = "A command to Redis older than this has failed."},
    {"state.memory_entries", CONFIG_T_INT, ROOT(state.memory_entries), .restart = true, .min = 1000,
     .max = 100000000, .preset = "20000",
     .doc =
         "Statements and transactions whose owner this gateway remembers itself, each; the oldest "
         "make room. Statements that still run, and those in the history, are known anyway."},
    {"state.tls.ca", CONFIG_T_STRING, ROOT(state.ca), .restart = true, .min = 1,
     .max = PATH_MAX_BYTES, .preset_text = "the system's",
     .doc = "PEM file of the authorities for `rediss://`."},
    {"state.tls.verify", CONFIG_T_BOOL, ROOT(state.verify), .restart = true, .preset = "true",
     .doc = "Check certificate and host name of Redis."},

    {"history", CONFIG_T_SECTION, .doc = "The durable record: one row a statement, in SQLite."},
    {"history.enabled", CONFIG_T_BOOL, ROOT(history.enabled), .restart = true, .preset = "true",
     .doc = "Keep it at all."},
    {"history.path", CONFIG_T_STRING, ROOT(history.path), .restart = true, .min = 1,
     .max = PATH_MAX_BYTES, .preset_text = "`history.db` in `data_dir`",
     .doc = "The database file, on a local disk."},
    {"history.queue", CONFIG_T_INT, ROOT(history.queue_max), .restart = true, .min = 100,
     .max = 10000000, .preset = "100000",
     .doc = "Records that may wait for the disk; beyond that they are dropped and counted."},
    {"history.sql_max", CONFIG_T_SIZE, ROOT(history.sql_max_bytes), .restart = true,
     .max = 64 * MIB, .preset = "64KiB", .doc = "Longer SQL texts are cut."},
    {"history.redact_literals", CONFIG_T_BOOL, ROOT(history.redact_literals), .restart = true,
     .preset = "false", .doc = "Literals in SQL texts and error messages become `?`."},
    {"history.retention.age", CONFIG_T_DURATION, ROOT(history.retention_age_ms), .restart = true,
     .min = MINUTE, .max = 36500 * DAY, .zero = "for ever", .preset = "30d",
     .doc = "Older rows are removed."},
    {"history.retention.size", CONFIG_T_SIZE, ROOT(history.retention_size_bytes), .restart = true,
     .min = MIB, .max = 65536 * GIB, .zero = "unlimited", .preset = "2GiB",
     .doc = "Beyond this size of the file the oldest rows are removed."},
    {"history.flush", CONFIG_T_DURATION, ROOT(history.flush_ms), .restart = true, .min = 10,
     .max = SECOND, .preset = "500ms",
     .doc = "Longest wait of a record for the disk: what a crash can lose."},

    {"log", CONFIG_T_SECTION, .doc = "One record a line on standard error."},
    {"log.format", CONFIG_T_ENUM, ROOT(log.format), .words = format_words, .preset = "logfmt",
     .doc = "Form of the lines."},
    {"log.level", CONFIG_T_ENUM, ROOT(log.level), .words = level_words, .preset = "info",
     .doc = "Lines below this level are not written."},
    {"log.statements", CONFIG_T_BOOL, ROOT(log.statements), .preset = "true",
     .doc = "One line at the end of a statement."},

    {"limits", CONFIG_T_SECTION, .doc = "What a client may do to the gateway."},
    {"limits.sql_max", CONFIG_T_SIZE, ROOT(limits.sql_max_bytes), .min = KIB, .max = GIB,
     .preset = "16MiB", .doc = "Longest SQL text; more is QUERY_TEXT_TOO_LARGE."},
    {"limits.sql_nesting", CONFIG_T_INT, ROOT(limits.sql_nesting), .restart = true, .min = 10,
     .max = 1000, .preset = "500",
     .doc =
         "Deepest SQL that is parsed for its tables and fingerprint; deeper is passed on unread."},
    {"limits.sql_tokens", CONFIG_T_INT, ROOT(limits.sql_tokens), .restart = true, .min = 1000,
     .max = 100000000, .preset = "4000000",
     .doc = "Most words and signs of SQL that is parsed; more is passed on unread."},
    {"limits.headers_max", CONFIG_T_SIZE, ROOT(limits.header_max_bytes), .min = 8 * KIB, .max = MIB,
     .preset = "256KiB", .doc = "All headers of a request together."},
    {"limits.connections", CONFIG_T_INT, ROOT(limits.connections), .min = 1, .max = 10000000,
     .zero = "as many as the limit of open files allows", .preset = "0",
     .doc = "Connections of clients."},
    {"limits.idle", CONFIG_T_DURATION, ROOT(limits.idle_ms), .min = 100, .max = 30 * DAY,
     .preset = "10m", .doc = "A connection without a request this long is closed."},
    {"limits.request", CONFIG_T_DURATION, ROOT(limits.request_ms), .min = 100, .max = DAY,
     .preset = "30s", .doc = "A request must have come whole by then."},
    {"limits.send", CONFIG_T_DURATION, ROOT(limits.send_ms), .min = 100, .max = 30 * DAY,
     .preset = "5m", .doc = "A client that takes no byte of its answer this long is cut off."},
    {"limits.page_max", CONFIG_T_SIZE, ROOT(limits.page_max_bytes), .min = MIB, .max = 4 * GIB,
     .preset = "256MiB",
     .doc = "Largest page that may be held, because it is translated or compressed."},

    {"compression", CONFIG_T_SECTION, .doc = "Of answers to clients that accept it."},
    {"compression.clients", CONFIG_T_CODINGS, ROOT(compression.clients), .words = coding_words,
     .preset = "", .doc = "Codings offered; empty: off."},
    {"compression.level", CONFIG_T_INT, ROOT(compression.level), .min = 1, .max = 9, .preset = "1",
     .doc = "1 is fast, 9 is small."},
    {"compression.min", CONFIG_T_SIZE, ROOT(compression.min_bytes), .max = GIB, .preset = "1KiB",
     .doc = "Smaller answers are sent as they are."},

    {"statements", CONFIG_T_SECTION, .doc = "The life of statements."},
    {"statements.abandon_after", CONFIG_T_DURATION, ROOT(abandon_after_ms), .min = 100,
     .max = 30 * DAY, .preset = "5m",
     .doc = "A statement that nobody asks for this long is cancelled."},
    {"statements.drain_timeout", CONFIG_T_DURATION, ROOT(drain_timeout_ms), .max = DAY,
     .preset = "60s", .doc = "At the end of the gateway, how long running statements may go on."},

    {"hints", CONFIG_T_SECTION,
     .doc = "A client may name a group or a backend: `X-Trino-Routing-Group`, "
            "`X-Presto-Routing-Group` or the extra credential `routing`."},
    {"hints.unknown", CONFIG_T_ENUM, ROOT(unknown_hint), .words = hint_words, .preset = "error",
     .doc = "A name that does not exist: refuse the statement or warn in its result."},

    {"backends", CONFIG_T_MAP, ROOT(backends), .required = true,
     .count_offset = offsetof(struct config, backend_count), .scope = &backend_scope, .min = 1,
     .doc = "The clusters, by name. At least one."},

    {"routing", CONFIG_T_SECTION,
     .doc = "Groups of backends. A group and a backend may have the same name only when the group "
            "holds just this backend, because a hint may name either."},
    {"routing.default", CONFIG_T_NAME, ROOT(default_group), .min = 1, .max = NAME_MAX_BYTES,
     .preset_text = "the only group",
     .doc = "The group of statements without a hint. Needed when there are several."},
    {"routing.groups", CONFIG_T_MAP, ROOT(groups),
     .count_offset = offsetof(struct config, group_count), .scope = &group_scope,
     .preset_text = "one, named `default`, of all backends", .doc = "The groups, by name."},
};
const struct config_scope config_root = {SCOPE_OF("configuration", struct config, root_rows)};

const struct config_row *config_scope_find(const struct config_scope *s, struct str path)
{
    for (size_t i = 0; i < s->row_count; i++)
        if (s->rows[i].type != CONFIG_T_SECTION && str_eq(str_c(s->rows[i].path), path))
            return &s->rows[i];
    return NULL;
}

bool config_scope_has_section(const struct config_scope *s, struct str path)
{
    for (size_t i = 0; i < s->row_count; i++) {
        struct str row = str_c(s->rows[i].path);

        if (row.n > path.n && str_starts(row, path) && row.p[path.n] == '.')
            return true;
    }
    return false;
}
