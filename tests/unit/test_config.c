/* SPDX-License-Identifier: Apache-2.0 */
/* test_config.c - the configuration: what is taken, what is refused with which words and where. */
#include "gateway/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define B "backends: {a: {engine: trino, url: \"http://h:1\"}}\n"
#define ONE "backends: {a: {engine: trino, url: \"http://h:1\", "
#define TWO                                                                                        \
    "backends: {a: {engine: trino, url: \"http://h:1\"}, b: {engine: presto, url: "                \
    "\"http://h:2\"}}\n"
#define KEY "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"

static struct config *parse(const char *yaml)
{
    struct config *c = NULL;
    struct error err = {0};

    if (config_parse(&c, "t.yaml", str_c(yaml), NULL, &err) != OK)
        fail_msg("%s\n%s", err.text, yaml);
    return c;
}

/* All problems of a text, one a line. */
static char *problems_of(const char *yaml)
{
    struct buf more = buf_make(1 << 16);
    struct config *c = NULL;
    struct error err = {0};
    char *all;

    if (config_parse(&c, "t.yaml", str_c(yaml), &more, &err) == OK) {
        config_free(c);
        fail_msg("was taken:\n%s", yaml);
    }
    assert_null(c);
    assert_int_equal(err.code, ERR_INVALID);
    all = mem_alloc(strlen(err.text) + more.n + 2);
    snprintf(all, strlen(err.text) + more.n + 2, "%s\n%.*s", err.text, (int)more.n,
             more.p != NULL ? more.p : "");
    all[strlen(all) - 1] = '\0';
    buf_reset(&more);
    return all;
}

static const struct {
    const char *yaml, *problems;
} bad[] = {
    /* YAML */
    {"", "t.yaml:1:1: 'backends' is missing"},
    {"# nothing\n", "t.yaml:1:1: 'backends' is missing"},
    {"- a\n", "t.yaml:1:1: not a configuration: `key: value` lines are needed"},
    {"threads\n", "t.yaml:1:1: not a configuration: `key: value` lines are needed"},
    {"a: [1\nb: 2", "t.yaml:2:2: not valid YAML: did not find expected ',' or ']' (while parsing a "
                    "flow sequence)"},
    {"\tthreads: 1", "t.yaml:1:1: not valid YAML: found character that cannot start any token "
                     "(while scanning for the next token)"},
    {"a: 1\nb: \x01", "t.yaml:2:4: not valid YAML: control characters are not allowed"},
    {"a: 1\nbc\xff", "t.yaml:2:3: not valid YAML: invalid leading UTF-8 octet"},
    {"a: &x 1\n", "t.yaml:1:4: anchors (&), aliases (*) and tags (!) are not taken"},
    {"a: *x\n", "t.yaml:1:4: anchors (&), aliases (*) and tags (!) are not taken"},
    {"threads: !!int 2\n", "t.yaml:1:10: anchors (&), aliases (*) and tags (!) are not taken"},
    {"a: 1\n---\nb: 1\n", "t.yaml:2:1: a second document: one is allowed"},
    {"? [a]\n: 1\n", "t.yaml:1:3: a key must be a plain word"},
    {"a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
     "t.yaml:1:27: nested too deeply, 24 levels are allowed"},
    /* keys */
    {"lisener: []\n" B, "t.yaml:1:1: unknown key 'lisener', did you mean 'listeners'?"},
    {B "log:\n  levle: info\n", "t.yaml:3:3: unknown key 'levle', did you mean 'level'?"},
    {B "log: {colour: red}\n",
     "t.yaml:2:7: unknown key 'colour', possible are format, level, statements"},
    {B "zebra-crossing: 1\n", "t.yaml:2:1: unknown key 'zebra-crossing'"},
    {B "log.level: info\n", "t.yaml:2:1: unknown key 'log.level'"},
    {B "history: {retention: {agee: 1d}}\n",
     "t.yaml:2:23: unknown key 'agee', did you mean 'age'?"},
    {ONE "timeouts: {conect: 1s}}}\n",
     "t.yaml:1:61: unknown key 'conect', did you mean 'connect'?"},
    {B "listeners: [{adress: \"h:1\"}]\n",
     "t.yaml:2:13: listeners[0]: 'address' is missing\n"
     "t.yaml:2:14: unknown key 'adress', did you mean 'address'?"},
    {B "\"a\\x07b\": 1\n", "t.yaml:2:1: unknown key 'a\\x07b'"},
    {B "threads: 1\nlog: {}\nthreads: 2\n",
     "t.yaml:4:1: key 'threads' occurs twice, the first is in line 2"},
    {B "? \n", "t.yaml:2:2: unknown key ''"},
    {TWO "routing: {groups: {g: {members: ~, members: [a]}}}\n",
     "t.yaml:2:36: key 'members' occurs twice, the first is in line 2\n"
     "t.yaml:2:20: routing.groups.g: 'members' is missing"},
    {B "listeners: [{address: \"h:1\"}]\nlisteners: [{address: \"h:2\"}, {address: \"h:3\"}]\n",
     "t.yaml:3:1: key 'listeners' occurs twice, the first is in line 2"},
    /* shapes */
    {B "log: info\n", "t.yaml:2:6: log: needs a mapping"},
    {B "listeners: {address: \"h:1\"}\n", "t.yaml:2:12: listeners: needs a list"},
    {B "listeners: []\n", "t.yaml:2:12: listeners: at least one listener is needed"},
    {B "listeners: [\"h:1\"]\n", "t.yaml:2:13: listeners[0]: needs a mapping"},
    {B "threads: [1]\n", "t.yaml:2:10: threads: needs a single value, here is a list"},
    {B "trusted_proxies: 10.0.0.0/8\n",
     "t.yaml:2:18: trusted_proxies: needs a list, here is a single value"},
    {B "trusted_proxies: [~]\n",
     "t.yaml:2:19: trusted_proxies: needs a single value, here is nothing"},
    {"backends: []\n", "t.yaml:1:11: backends: needs a mapping"},
    {"backends: {}\n", "t.yaml:1:11: backends: at least one backend is needed"},
    {"backends:\n", "t.yaml:1:1: 'backends' is missing"},
    /* single values */
    {B "threads: 0\n", "t.yaml:2:10: threads: '0' is out of range (1 to 64)"},
    {B "threads: 65\n", "t.yaml:2:10: threads: '65' is out of range (1 to 64)"},
    {B "threads: -1\n", "t.yaml:2:10: threads: '-1' is not a whole number"},
    {B "threads: 99999999999999999999\n",
     "t.yaml:2:10: threads: '99999999999999999999' is not a whole number"},
    {B "limits: {connections: 10000001}\n",
     "t.yaml:2:23: limits.connections: '10000001' is out of range (1 to 10000000, or 0: as many as "
     "the limit of open files allows)"},
    {B "limits: {headers_max: 2MiB}\n",
     "t.yaml:2:23: limits.headers_max: '2MiB' is out of range (8KiB to 1MiB)"},
    {B "limits: {sql_max: 16 Mb}\n",
     "t.yaml:2:19: limits.sql_max: '16 Mb' is not a size, write a whole number and KiB, MiB, GiB, "
     "kB, MB or GB"},
    {B "limits: {sql_max: 18446744073709551615GiB}\n",
     "t.yaml:2:19: limits.sql_max: '18446744073709551615GiB' is not a size, write a whole number "
     "and KiB, MiB, GiB, kB, MB or GB"},
    {B "limits: {idle: 10}\n", "t.yaml:2:16: limits.idle: '10' is not a duration, write a whole "
                               "number and ms, s, m, h or d"},
    {B "history: {flush: 2s}\n", "t.yaml:2:18: history.flush: '2s' is out of range (10ms to 1s)"},
    {B "history: {retention: {age: 1s}}\n",
     "t.yaml:2:28: history.retention.age: '1s' is out of range (1m to 36500d, or 0: for ever)"},
    {B "history: {enabled: yes}\n",
     "t.yaml:2:20: history.enabled: 'yes' is not a boolean, write true or false"},
    {B "log: {level: warning}\n",
     "t.yaml:2:14: log.level: 'warning' is none of debug, info, warn, error; did you mean 'warn'?"},
    {B "log: {format: xml}\n", "t.yaml:2:15: log.format: 'xml' is none of json, logfmt"},
    {B "compression: {clients: [gzip, br]}\n",
     "t.yaml:2:31: compression.clients: 'br' is none of gzip, zstd"},
    {B "data_dir: \"\"\n", "t.yaml:2:11: data_dir: '' must not be empty"},
    {B "data_dir: \"/a\\0b\"\n", "t.yaml:2:11: data_dir: '/a\\x00b' holds control characters"},
    {B "instance: a b\n", "t.yaml:2:11: instance: 'a b' is not a name (letters, digits, _ . -)"},
    {B "trusted_proxies: [10.0.0.0/33]\n",
     "t.yaml:2:19: trusted_proxies: '10.0.0.0/33' has no valid prefix length"},
    {B "trusted_proxies: [\"::/129\", 10.0/8, proxy]\n",
     "t.yaml:2:19: trusted_proxies: '::/129' has no valid prefix length\n"
     "t.yaml:2:29: trusted_proxies: '10.0/8' is not an IP address or a network such as "
     "10.0.0.0/8\n"
     "t.yaml:2:37: trusted_proxies: 'proxy' is not an IP address or a network such as 10.0.0.0/8"},
    {B "tickets: {keys: [secret]}\n",
     "t.yaml:2:18: tickets.keys: the value is not a key of 64 hex digits"},
    {B "tickets: {ttl: 2m}\n", "t.yaml:2:16: tickets.ttl is shorter than statements.abandon_after: "
                               "waiting clients would lose their statements"},
    /* addresses */
    {B "admin: {address: localhost}\n",
     "t.yaml:2:18: admin.address: 'localhost' needs a port, write host:port"},
    {B "admin: {address: \":80\"}\n", "t.yaml:2:18: admin.address: ':80' needs a host, for all of "
                                      "them write 0.0.0.0:port or [::]:port"},
    {B "admin: {address: \"::1:80\"}\n", "t.yaml:2:18: admin.address: '::1:80' needs a host, for "
                                         "all of them write 0.0.0.0:port or [::]:port"},
    {B "admin: {address: \"fe::1:80\"}\n", "t.yaml:2:18: admin.address: 'fe::1:80' has too many "
                                           "colons, write an IPv6 address in [ ]"},
    {B "admin: {address: \"[::g]:80\"}\n", "t.yaml:2:18: admin.address: '[::g]:80' has no valid "
                                           "IPv6 address between [ and ]"},
    {B "admin: {address: \"[::1]80\"}\n", "t.yaml:2:18: admin.address: '[::1]80' has something "
                                          "other than a port behind ]"},
    {B "admin: {address: \"h:65536\"}\n",
     "t.yaml:2:18: admin.address: 'h:65536' has no valid port"},
    {B "admin: {address: \"h:\"}\n", "t.yaml:2:18: admin.address: 'h:' has no valid port"},
    {B "admin: {address: \"1.2.3:80\"}\n",
     "t.yaml:2:18: admin.address: '1.2.3:80' has no valid host"},
    {B "admin: {address: \"127.0.0.1:8080\"}\n",
     "t.yaml:2:18: admin.address: 127.0.0.1:8080 is a listener of clients"},
    {B "listeners: [{address: \"h:1\"}, {address: \"h:1\"}]\n",
     "t.yaml:2:31: listeners: two on h:1"},
    {B "listeners: [{address: \"h:1\", tls: {}}]\n",
     "t.yaml:2:30: listeners: 'tls' needs 'tls.certificate' and 'tls.key'"},
    {B "listeners: [{address: \"h:1\", tls: {key: k}}]\n",
     "t.yaml:2:30: listeners: 'tls.certificate' and 'tls.key' go together"},
    /* backends */
    {"backends: {a: {}}\n", "t.yaml:1:12: backends.a: 'engine' is missing\n"
                            "t.yaml:1:12: backends.a: 'url' is missing"},
    {"backends: {a: }\n", "t.yaml:1:12: backends.a: 'engine' is missing\n"
                          "t.yaml:1:12: backends.a: 'url' is missing"},
    {"backends: {a b: {engine: trino, url: \"http://h\"}}\n",
     "t.yaml:1:12: 'a b' is not a name for a backend (letters, digits, _ . -, at most 64)"},
    {"backends: {a: {engine: trinoo, url: \"http://h\"}}\n",
     "t.yaml:1:24: backends.a.engine: 'trinoo' is none of trino, presto; did you mean 'trino'?"},
    {"backends: {a: {engine: trino, url: \"h:80\"}}\n",
     "t.yaml:1:36: backends.a.url: 'h:80' must begin with http:// or https://"},
    {"backends: {a: {engine: trino, url: \"http://u:p@h\"}}\n",
     "t.yaml:1:36: backends.a.url: 'http://u:p@h' must not hold a user or a password"},
    {"backends: {a: {engine: trino, url: \"http://\"}}\n",
     "t.yaml:1:36: backends.a.url: 'http://' has no valid host"},
    {"backends: {a: {engine: trino, url: \"http://h:0\"}}\n",
     "t.yaml:1:36: backends.a.url: 'http://h:0' has no valid port"},
    {"backends: {a: {engine: trino, url: \"http://h/?a\"}}\n",
     "t.yaml:1:36: backends.a.url: 'http://h/?a' must not have a query (?) or a fragment (#)"},
    {"backends: {a: {engine: trino, url: \"http://h/a b\"}}\n",
     "t.yaml:1:36: backends.a.url: 'http://h/a b' has a path with characters that are not allowed "
     "in a URL"},
    {ONE "tls: {verify: none}}}\n",
     "t.yaml:1:50: backends.a: 'tls' is set, but the url is http://"},
    {"backends: {a: {engine: trino, url: \"https://h\", tls: {certificate: c}}}\n",
     "t.yaml:1:49: backends.a: 'tls.certificate' and 'tls.key' go together"},
    {ONE "health: {interval: 2m}}}\n",
     "t.yaml:1:50: backends.a: health.backoff_max is shorter than health.interval"},
    {ONE "session_properties: {drop: [\"a=b\"]}}}\n",
     "t.yaml:1:78: backends.a.session_properties.drop: 'a=b' is not a name (letters, digits, _ . "
     "-)"},
    {ONE "session_properties: {rename: {\"a=\": b}}}}\n",
     "t.yaml:1:80: backends.a.session_properties.rename: 'a=' is not a name"},
    {ONE "weight: 0}}\n", "t.yaml:1:58: backends.a.weight: '0' is out of range (1 to 10000)"},
    /* state */
    {B "state: {kind: redis}\n",
     "t.yaml:2:15: state: kind redis needs 'state.url' or 'state.urls'"},
    {B "state: {kind: redis, urls: []}\n",
     "t.yaml:2:15: state: kind redis needs 'state.url' or 'state.urls'"},
    {B "state: {url: \"redis://h\"}\n", "t.yaml:2:9: state: 'url' needs 'kind: redis'"},
    {B "state: {kind: redis, url: \"redis://h\", urls: [\"redis://h\"]}\n",
     "t.yaml:2:40: state: 'url' or 'urls', not both"},
    {B "state: {kind: redis, url: \"http://u:secret@h\"}\n",
     "t.yaml:2:27: state.url: the value must begin with redis://, rediss:// or redis+sentinel://"},
    {B "state: {kind: redis, url: \"redis://u:sec@ret@h\"}\n",
     "t.yaml:2:27: state.url: the value has more than one @, write %40 for one in a password"},
    {B "state: {kind: redis, url: \"redis://h/x\"}\n",
     "t.yaml:2:27: state.url: the value has no valid database number"},
    {B "state: {kind: redis, urls: [\"redis+sentinel://h:1,i:2\"]}\n",
     "t.yaml:2:29: state.urls: the value needs the name of the master behind the hosts"},
    /* routing */
    {"backends: {trino-a: {engine: trino, url: \"http://h\"}}\n"
     "routing: {groups: {g: {members: [trino-b]}}}\n",
     "t.yaml:2:34: group g: there is no backend 'trino-b', did you mean 'trino-a'?"},
    {TWO "routing: {groups: {g: {members: [a, zzzz]}}}\n",
     "t.yaml:2:37: group g: there is no backend 'zzzz'"},
    {TWO "routing: {groups: {g: {members: [a, {backend: a}]}}}\n",
     "t.yaml:2:37: group g: backend 'a' occurs twice"},
    {TWO "routing: {groups: {g: {members: []}}}\n",
     "t.yaml:2:33: routing.groups.g.members: at least one member is needed"},
    {TWO "routing: {groups: {g: {}}}\n", "t.yaml:2:20: routing.groups.g: 'members' is missing"},
    {TWO "routing: {groups: {g: {members: [{weight: 2}]}}}\n",
     "t.yaml:2:34: routing.groups.g.members[0]: 'backend' is missing"},
    {TWO "routing: {groups: {a: {members: [a, b]}}}\n",
     "t.yaml:2:20: group a: a backend has this name, then the group must hold just it"},
    {TWO "routing: {groups: {g: {members: [a]}, h: {members: [b]}}}\n",
     "t.yaml:2:1: routing: 'default' is missing, there are several groups"},
    {TWO "routing: {groups: {group: {members: [a]}}, default: grou}\n",
     "t.yaml:2:53: routing.default: there is no group 'grou', did you mean 'group'?"},
    {B "routing: {default: xyz}\n", "t.yaml:2:20: routing.default: there is no group 'xyz'"},
    {"backends: {default: {engine: trino, url: \"http://h\"}, b: {engine: trino, url: "
     "\"http://i\"}}\n",
     "t.yaml:1:12: backend 'default': without routing.groups this is the name of the group of all "
     "backends, choose another"},
    /* substitution */
    {B "data_dir: ${ENV:T_NOT_SET}\n", "t.yaml:2:11: environment variable 'T_NOT_SET' is not set"},
    {B "data_dir: ${ENV:A-B}\n", "t.yaml:2:11: 'A-B' is not the name of an environment variable"},
    {B "data_dir: ${ENV:}\n", "t.yaml:2:11: '' is not the name of an environment variable"},
    {B "data_dir: ${FILE:/no/such}\n",
     "t.yaml:2:11: cannot read file '/no/such': No such file or directory"},
    {B "data_dir: ${FILE:/dev/zero}\n",
     "t.yaml:2:11: cannot read file '/dev/zero': not a regular file"},
    {B "data_dir: ${FILE:}\n", "t.yaml:2:11: cannot read file '': not a path"},
    {B "data_dir: ${HOME}\n", "t.yaml:2:11: unknown substitution '${HOME}', write ${ENV:NAME}, "
                              "${FILE:path} or $$ for $"},
    {B "data_dir: ${ENV:HOME\n", "t.yaml:2:11: '${' without '}'"},
    {B "threads: ${ENV:T_SECRET}\n",
     "t.yaml:2:10: threads: '${ENV:T_SECRET}' is not a whole number"},
    {B "${ENV:T_SECRET}: 1\n", "t.yaml:2:1: unknown key '${ENV:T_SECRET}'"},
    {"backends: {a: {engine: trino, url: \"${ENV:T_NOT_SET}\"}}\n",
     "t.yaml:1:36: environment variable 'T_NOT_SET' is not set"},
};

static void test_bad(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *got = problems_of(bad[i].yaml);

        if (strcmp(got, bad[i].problems) != 0) {
            print_error("case %zu: %s\n got: %s\nwant: %s\n", i, bad[i].yaml, got, bad[i].problems);
            wrong++;
        }
        free(got);
    }
    assert_int_equal(wrong, 0);
}

static void test_defaults(void **state)
{
    struct config *c;
    char *got;

    (void)state;
    setenv("XDG_DATA_HOME", "/xdg", 1);
    c = parse(B);
    assert_string_equal(c->file, "t.yaml");
    assert_string_equal(c->data_dir, "/xdg/sleipnir");
    assert_non_null(strchr(c->instance, '-'));
    assert_int_equal(c->listener_count, 1);
    assert_string_equal(c->listeners[0].address, "127.0.0.1:8080");
    assert_null(c->listeners[0].certificate);
    assert_string_equal(c->admin_address, "127.0.0.1:8081");
    assert_true(c->threads >= 1);
    assert_null(c->external_url);
    assert_int_equal(c->trusted_proxies.count, 2);
    assert_string_equal(c->trusted_proxies.items[0], "127.0.0.0/8");
    assert_string_equal(c->trusted_proxies.items[1], "::1/128");
    assert_int_equal(c->ticket_keys.count, 0);
    assert_int_equal(c->ticket_ttl_ms, 86400000);
    assert_int_equal(c->state.kind, CONFIG_STATE_MEMORY);
    assert_string_equal(c->state.prefix, "sleipnir:");
    assert_true(c->state.verify);
    assert_int_equal(c->state.memory_entries, 20000);
    assert_int_equal(c->state.timeout_ms, 1000);
    assert_true(c->history.enabled);
    assert_false(c->history.redact_literals);
    assert_null(c->history.path);
    assert_int_equal(c->history.queue_max, 100000);
    assert_int_equal(c->history.sql_max_bytes, 65536);
    assert_int_equal(c->history.retention_age_ms, 30 * 86400000ull);
    assert_int_equal(c->history.retention_size_bytes, 2ull << 30);
    assert_int_equal(c->history.flush_ms, 500);
    assert_int_equal(c->log.format, CONFIG_LOG_LOGFMT);
    assert_int_equal(c->log.level, CONFIG_LOG_INFO);
    assert_true(c->log.statements);
    assert_int_equal(c->limits.sql_max_bytes, 16 << 20);
    assert_int_equal(c->limits.header_max_bytes, 256 << 10);
    assert_int_equal(c->limits.connections, 0);
    assert_int_equal(c->limits.idle_ms, 600000);
    assert_int_equal(c->limits.request_ms, 30000);
    assert_int_equal(c->limits.send_ms, 300000);
    assert_int_equal(c->limits.page_max_bytes, 256 << 20);
    assert_int_equal(c->compression.clients, 0);
    assert_int_equal(c->compression.level, 1);
    assert_int_equal(c->compression.min_bytes, 1024);
    assert_int_equal(c->abandon_after_ms, 300000);
    assert_int_equal(c->drain_timeout_ms, 60000);
    assert_int_equal(c->unknown_hint, CONFIG_HINT_ERROR);
    config_free(c);
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "/home/u", 1);
    c = parse(B);
    assert_string_equal(c->data_dir, "/home/u/.local/share/sleipnir");
    config_free(c);
    unsetenv("HOME");
    got = problems_of(B);
    assert_string_equal(got,
                        "t.yaml:1:1: 'data_dir' is needed: neither XDG_DATA_HOME nor HOME is set");
    free(got);
    setenv("HOME", "/home/u", 1);
}

static void test_backend_defaults(void **state)
{
    struct config *c = parse(B);
    const struct config_backend *b = &c->backends[0];

    (void)state;
    assert_int_equal(c->backend_count, 1);
    assert_string_equal(b->name, "a");
    assert_int_equal(b->engine, CONFIG_ENGINE_TRINO);
    assert_string_equal(b->url, "http://h:1");
    assert_int_equal(b->weight, 1);
    assert_int_equal(b->verify, CONFIG_VERIFY_FULL);
    assert_int_equal(b->connect_timeout_ms, 3000);
    assert_int_equal(b->first_byte_timeout_ms, 30000);
    assert_int_equal(b->idle_connections, 64);
    assert_int_equal(b->compression, 0);
    assert_int_equal(b->spooling, CONFIG_SPOOLING_STRIP);
    assert_false(b->draining);
    assert_int_equal(b->health.interval_ms, 5000);
    assert_int_equal(b->health.timeout_ms, 3000);
    assert_int_equal(b->health.backoff_max_ms, 60000);
    assert_int_equal(b->health.up_after, 1);
    assert_int_equal(b->health.down_after, 3);
    assert_null(b->health.statement);
    assert_string_equal(b->health.user, "sleipnir");
    assert_int_equal(c->group_count, 1);
    assert_string_equal(c->groups[0].name, "default");
    assert_string_equal(c->default_group, "default");
    assert_int_equal(c->groups[0].member_count, 1);
    assert_string_equal(c->groups[0].members[0].backend, "a");
    config_free(c);
}

static void test_values(void **state)
{
    struct config *c = parse(
        "instance: gw-1\nthreads: \"3\"\nexternal_url: https://x.y:443/p/\n"
        "trusted_proxies: [10.1.2.3, \"2001:db8::1\"]\n"
        "listeners:\n- {address: \"[::]:0\", tls: {certificate: c, key: k, client_ca: a}}\n"
        "- {address: \"0.0.0.0:0\"}\n- {address: \"0.0.0.0:0\"}\n"
        "tickets: {keys: [" KEY "]}\n"
        "state: {kind: redis, url: \"redis+sentinel://u:p%40@h:1,[::1]:2/m/3\", tls: {verify: "
        "false}}\n"
        "history: {sql_max: 0, retention: {age: 0, size: 3GB}, path: }\n"
        "log:\ncompression: {clients: [zstd, gzip], min: 5kB}\nhints: {unknown: warn}\n"
        "backends:\n  p.1_-x:\n    engine: presto\n    url: HTTPS://[::1]:8443/a/b//\n"
        "    weight: 7\n    tls: {ca: ca, certificate: c, key: k, verify: ca}\n"
        "    compression: [gzip]\n    spooling: pass\n"
        "    session_properties: {drop: [x, c.y], rename: {a: b, c.d: e}}\n"
        "    health: {statement: \"SELECT 1\\n\"}\n"
        "  q: {engine: trino, url: \"http://q\", draining: true}\n"
        "routing: {groups: {g: {members: [q, {backend: p.1_-x, weight: 2}], balance: random_two},\n"
        "  q: {members: [q]}}, default: q}\n");
    const struct config_backend *b = &c->backends[0];

    (void)state;
    assert_string_equal(c->instance, "gw-1");
    assert_int_equal(c->threads, 3);
    assert_string_equal(c->external_url, "https://x.y:443/p");
    assert_string_equal(c->trusted_proxies.items[0], "10.1.2.3/32");
    assert_string_equal(c->trusted_proxies.items[1], "2001:db8::1/128");
    assert_int_equal(c->listener_count, 3);
    assert_string_equal(c->listeners[0].client_ca, "a");
    assert_string_equal(c->ticket_keys.items[0], KEY);
    assert_int_equal(c->state.urls.count, 1);
    assert_false(c->state.verify);
    assert_int_equal(c->history.sql_max_bytes, 0);
    assert_int_equal(c->history.retention_age_ms, 0);
    assert_int_equal(c->history.retention_size_bytes, 3000000000ull);
    assert_int_equal(c->compression.clients, CONFIG_CODING_GZIP | CONFIG_CODING_ZSTD);
    assert_int_equal(c->compression.min_bytes, 5000);
    assert_int_equal(c->unknown_hint, CONFIG_HINT_WARN);
    assert_string_equal(b->name, "p.1_-x");
    assert_int_equal(b->engine, CONFIG_ENGINE_PRESTO);
    assert_string_equal(b->url, "HTTPS://[::1]:8443/a/b");
    assert_int_equal(b->verify, CONFIG_VERIFY_CA);
    assert_int_equal(b->compression, CONFIG_CODING_GZIP);
    assert_int_equal(b->spooling, CONFIG_SPOOLING_PASS);
    assert_string_equal(b->drop_session_properties.items[1], "c.y");
    assert_string_equal(b->rename_session_properties.items[1], "c.d=e");
    assert_string_equal(b->health.statement, "SELECT 1");
    assert_true(c->backends[1].draining);
    assert_int_equal(c->groups[0].balance, BALANCE_RANDOM_TWO);
    assert_int_equal(c->groups[0].members[0].weight, 1);
    assert_int_equal(c->groups[0].members[1].weight, 2);
    assert_string_equal(c->default_group, "q");
    config_free(c);
}

static void test_member_inherits_weight(void **state)
{
    struct config *c = parse(ONE "weight: 7}}\nrouting: {groups: {g: {members: [a]}}}\n");

    (void)state;
    assert_int_equal(c->groups[0].members[0].weight, 7);
    assert_string_equal(c->default_group, "g");
    config_free(c);
}

static void test_substitution(void **state)
{
    char path[] = "/tmp/sleipnir-config-XXXXXX", yaml[512];
    int fd = mkstemp(path);
    struct config *c;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "from ${ENV:T_SECRET}: file\r\n", 28), 28);
    close(fd);
    setenv("T_EMPTY", "", 1);
    snprintf(yaml, sizeof(yaml),
             B "data_dir: /a/${ENV:T_SECRET}$$x$y${ENV:T_EMPTY}$\n"
               "history: {path: \"${FILE:%s}\"}\n",
             path);
    c = parse(yaml);
    assert_string_equal(c->data_dir, "/a/hush$x$y$");
    assert_string_equal(c->history.path, "from ${ENV:T_SECRET}: file");
    config_free(c);
    unlink(path);
}

static void test_bounds(void **state)
{
    struct buf yaml = buf_make(2 << 20);
    char *got;

    (void)state;
    buf_printf(&yaml, B "trusted_proxies: [");
    for (int i = 0; i < 1001; i++)
        buf_printf(&yaml, "1.1,");
    buf_put(&yaml, "]", 2);
    got = problems_of(yaml.p);
    assert_string_equal(got, "t.yaml:2:4019: too many entries, 1000 are allowed");
    free(got);
    buf_clear(&yaml);
    while (yaml.n <= 1 << 20)
        buf_printf(&yaml, "# comment\n");
    got = problems_of(yaml.p);
    assert_string_equal(got, "t.yaml:1:1: the file is too large, 1MiB is allowed");
    free(got);
    buf_reset(&yaml);
}

static void test_all_problems_and_null_receivers(void **state)
{
    struct config *c = NULL;
    char *got = problems_of("threads: x\nlog: {level: y}\nbackends: {a: {engine: trino}}\n");

    (void)state;
    assert_string_equal(got, "t.yaml:1:10: threads: 'x' is not a whole number\n"
                             "t.yaml:2:14: log.level: 'y' is none of debug, info, warn, error\n"
                             "t.yaml:3:12: backends.a: 'url' is missing");
    free(got);
    assert_int_equal(config_parse(&c, "t.yaml", STR("threads: x\n"), NULL, NULL), ERR_INVALID);
    assert_null(c);
}

static void test_long_file_name_keeps_the_problem(void **state)
{
    struct config *c = NULL;
    struct error err;
    char name[301];

    (void)state;
    memset(name, 'd', 300);
    name[300] = '\0';
    assert_int_equal(config_parse(&c, name, STR("a: [\n"), NULL, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "dd:2:1: not valid YAML"));
}

static void test_load(void **state)
{
    static const char *const files[] = {"conf/minimal.yaml", "conf/example.yaml"};
    struct config *c = NULL;
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (config_load(&c, files[i], NULL, &err) != OK)
            fail_msg("%s", err.text);
        assert_string_equal(c->file, files[i]);
        config_free(c);
        c = NULL;
    }
    assert_int_equal(config_load(&c, "/no/such.yaml", NULL, &err), ERR_NOT_FOUND);
    assert_string_equal(err.text, "/no/such.yaml: cannot open: No such file or directory");
    assert_int_equal(config_load(&c, "/", NULL, &err), ERR_INVALID);
    assert_string_equal(err.text, "/: cannot read: Is a directory");
    assert_int_equal(config_load(&c, "/dev/zero", NULL, &err), ERR_INVALID);
    assert_string_equal(err.text, "/dev/zero:1:1: the file is too large, 1MiB is allowed");
    assert_null(c);
    config_free(NULL);
}

static const struct {
    const char *a, *b, *changed;
} diffs[] = {
    {B, B, ""},
    {B, TWO, ""},
    {B, B "threads: 60\nadmin: {address: \"h:1\"}\n", "threads, admin.address"},
    {B, B "log: {level: debug}\nlimits: {idle: 1m}\ntickets: {keys: [" KEY "]}\n", ""},
    {B, B "state: {kind: redis, url: \"redis://h\"}\n", "state.kind, state.urls"},
    {B "state: {kind: redis, urls: [\"redis://h\"]}\n",
     B "state: {kind: redis, url: \"redis://h\"}\n", ""},
    {B, B "history: {path: /x, flush: 10ms}\n", "history.path, history.flush"},
    {B, B "listeners: [{address: \"127.0.0.1:8080\"}]\n", ""},
    {B, B "listeners: [{address: \"h:1\"}, {address: \"h:2\"}]\n", "listeners"},
    {B, B "listeners: [{address: \"h:1\", tls: {certificate: c, key: k}}]\n",
     "listeners[0].address, listeners[0].tls"},
    {B "listeners: [{address: \"h:1\", tls: {certificate: c, key: k}}]\n",
     B "listeners: [{address: \"h:1\", tls: {certificate: d, key: l}}]\n", ""},
};

static void test_restart_needed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(diffs); i++) {
        struct config *a = parse(diffs[i].a), *b = parse(diffs[i].b);
        struct buf out = buf_make(1024);

        config_restart_needed(a, b, &out);
        buf_put(&out, "", 1);
        assert_string_equal(out.p, diffs[i].changed);
        buf_reset(&out);
        config_free(a);
        config_free(b);
    }
}

static struct buf read_file(const char *path)
{
    struct buf b = buf_make(1 << 20);
    FILE *f = fopen(path, "r");
    char *at = buf_reserve(&b, 1 << 19);

    if (f != NULL) {
        b.n = fread(at, 1, 1 << 19, f);
        fclose(f);
    }
    return b;
}

/* docs/configuration.md is the reference, byte for byte. */
static void test_reference(void **state)
{
    static const char path[] = "docs/configuration.md";
    static const char *const lines[] = {
        "| `trusted_proxies` | list of networks | `127.0.0.0/8`, `::1/128` | yes | ",
        "| `listeners[].address` | address | *required* | restart | ",
        "| `tickets.ttl` | duration 1m … 365d | `24h` | yes | ",
        "| `limits.headers_max` | size 8KiB … 1MiB | `256KiB` | yes | ",
        "| `backends.<name>.tls.verify` | one of `full`, `ca`, `none` | `full` | yes | ",
        "| `compression.clients` | list of `gzip`, `zstd` | empty | yes | ",
        "| `routing.groups.<name>.members[].weight` | number 1 … 10000 | the backend's | yes | ",
    };
    struct buf want = buf_make(1 << 20), got;
    bool same;

    (void)state;
    config_print_reference(&want);
    assert_false(want.overflow);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (str_search(buf_str(&want), str_c(lines[i])) == want.n)
            fail_msg("the reference lacks: %s", lines[i]);
    if (getenv("SLEIPNIR_UPDATE_DOCS") != NULL) {
        FILE *f = fopen(path, "w");

        assert_non_null(f);
        assert_int_equal(fwrite(want.p, 1, want.n, f), want.n);
        assert_int_equal(fclose(f), 0);
    }
    got = read_file(path);
    same = str_eq(buf_str(&want), buf_str(&got));
    buf_reset(&want);
    buf_reset(&got);
    if (!same)
        fail_msg("%s is not up to date; write it anew from the project's root:\n"
                 "  build/release/sleipnir --print-config-reference > %s",
                 path, path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_backend_defaults),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_member_inherits_weight),
        cmocka_unit_test(test_substitution),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_all_problems_and_null_receivers),
        cmocka_unit_test(test_long_file_name_keeps_the_problem),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_restart_needed),
        cmocka_unit_test(test_reference),
    };

    setenv("T_SECRET", "hush", 1);
    setenv("SLEIPNIR_TICKET_KEY", KEY, 1);        /* of conf/example.yaml */
    setenv("SLEIPNIR_REDIS_PASSWORD", "p%40", 1); /* the same */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
