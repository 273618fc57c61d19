/* SPDX-License-Identifier: Apache-2.0 */
/* test_snapshot.c - what a configuration becomes: keys, networks, TLS, backends across reloads. */
#include "base/log.h"
#include "gateway/backends.h"
#include "gateway/snapshot.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define KEY_B "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00"

static char folder[] = "/tmp/sleipnir-snapshot-XXXXXX";
static struct gateway gateway;

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/sleipnir-snapshot-XXXXXX");
    gateway = (struct gateway){.metrics = metrics_new()};
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    DIR *d = opendir(folder);
    struct dirent *e;

    (void)state;
    backends_close(&gateway);
    metrics_free(gateway.metrics);
    while (d != NULL && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    if (d != NULL)
        closedir(d);
    return rmdir(folder);
}

static const char *file(const char *name)
{
    static char path[2][300];
    static int turn;

    turn = !turn;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
    return path[turn];
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(file(name), "we");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Every %s of `yaml` is the folder. */
static int load(struct snapshot **out, const char *yaml, const struct snapshot *before,
                struct error *err)
{
    struct buf text = buf_make(65536), more = buf_make(65536);
    struct config *c;

    buf_printf(&text, "data_dir: %s\n", folder);
    for (const char *p = yaml; *p != '\0'; p++) {
        if (p[0] == '%' && p[1] == 's') {
            buf_put_str(&text, str_c(folder));
            p++;
        } else {
            buf_put_c(&text, *p);
        }
    }
    if (config_parse(&c, "test.yaml", buf_str(&text), &more, err) != OK)
        fail_msg("%s\n%.*s", err->text, STR_ARG(buf_str(&more)));
    buf_reset(&text);
    buf_reset(&more);
    return snapshot_new(out, &gateway, c, before, err);
}

static struct snapshot *load_good(const char *yaml, const struct snapshot *before)
{
    struct snapshot *s = NULL;
    struct error err;

    if (load(&s, yaml, before, &err) != OK)
        fail_msg("%s", err.text);
    return s;
}

static void load_bad(const char *yaml, const struct snapshot *before, const char *why)
{
    struct snapshot *s = (struct snapshot *)&gateway; /* untouched on failure */
    struct error err = {OK, ""};

    assert_int_not_equal(load(&s, yaml, before, &err), OK);
    assert_ptr_equal(s, &gateway);
    if (strstr(err.text, why) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static size_t count_backends(void)
{
    size_t n = 0;

    for (struct backend *b = gateway.backends; b != NULL; b = b->next_of_process)
        n++;
    return n;
}

static size_t count_files(void)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    size_t n = 0;

    assert_non_null(d);
    while ((e = readdir(d)) != NULL)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

#define ONE "backends: {a: {engine: trino, url: 'http://127.0.0.1:1'}}\n"

/* ---- keys ---- */

static void test_key_file(void **state)
{
    struct snapshot *s = load_good(ONE, NULL), *again;
    struct stat st;

    (void)state;
    assert_int_equal(stat(file("ticket.key"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 65);
    assert_int_equal(count_files(), 1); /* nothing is left beside it */
    again = load_good(ONE, NULL);
    assert_int_equal(s->keys.count, 1);
    assert_int_equal(again->keys.count, 1);
    assert_memory_equal(s->keys.key[0], again->keys.key[0], TICKET_KEY_BYTES);
    snapshot_unref(again);
    unlink(file("ticket.key")); /* another one is another key */
    again = load_good(ONE, NULL);
    assert_memory_not_equal(s->keys.key[0], again->keys.key[0], TICKET_KEY_BYTES);
    snapshot_unref(again);
    snapshot_unref(s);
}

static void test_key_file_by_hand(void **state)
{
    static const char *const good[] = {KEY_A, KEY_A "\n"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct snapshot *s;

        write_file("ticket.key", good[i]);
        s = load_good(ONE, NULL);
        assert_int_equal(s->keys.key[0][1], 0x11);
        assert_int_equal(s->keys.key[0][TICKET_KEY_BYTES - 2], 0xee);
        snapshot_unref(s);
    }
}

static void test_bad_key_file(void **state)
{
    static const char *const bad[] = {
        "",
        "\n",
        "0011",
        "0x112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        " 0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0",
        "+0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0",
        "g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        KEY_A "0",
        KEY_A "\n\n",
        KEY_A "\n" KEY_B,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        write_file("ticket.key", bad[i]);
        load_bad(ONE, NULL, "is not a key of 64 hexadecimal digits");
    }
    assert_int_equal(unlink(file("ticket.key")), 0);
    assert_int_equal(mkdir(file("ticket.key"), 0700), 0);
    load_bad(ONE, NULL, "ticket.key");
    assert_int_equal(rmdir(file("ticket.key")), 0);
    assert_int_equal(count_backends(), 0);
}

static void test_no_folder(void **state)
{
    struct error err;
    struct keys keys;
    const struct config_strings none = {0};

    (void)state;
    assert_int_equal(keys_load(&keys, &none, "/tmp/no/such/folder", &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "/tmp/no/such/folder/ticket.key"));
}

struct starter {
    pthread_t thread;
    struct keys keys;
    int rc;
};

static void *start(void *arg)
{
    struct starter *s = arg;
    const struct config_strings none = {0};
    struct error err;

    s->rc = keys_load(&s->keys, &none, folder, &err);
    return NULL;
}

/* Instances that start on one folder at the same time agree. */
static void test_key_race(void **state)
{
    struct starter s[8];

    (void)state;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < ARRAY_LEN(s); i++)
            assert_int_equal(pthread_create(&s[i].thread, NULL, start, &s[i]), 0);
        for (size_t i = 0; i < ARRAY_LEN(s); i++) {
            pthread_join(s[i].thread, NULL);
            assert_int_equal(s[i].rc, OK);
            assert_memory_equal(s[i].keys.key[0], s[0].keys.key[0], TICKET_KEY_BYTES);
        }
        assert_int_equal(count_files(), 1);
        unlink(file("ticket.key"));
    }
}

static void test_configured_keys(void **state)
{
    struct snapshot *s = load_good(ONE "tickets: {keys: ['" KEY_A "', '" KEY_B "']}\n", NULL);

    (void)state;
    assert_int_equal(s->keys.count, 2);
    assert_int_equal(s->keys.key[0][15], 0xff);
    assert_int_equal(s->keys.key[1][31], 0x00);
    assert_int_equal(s->keys.key[1][0], 0xff);
    assert_int_equal(count_files(), 0); /* none of our own is made */
    snapshot_unref(s);
}

/* ---- networks ---- */

static void test_trusted(void **state)
{
    static const struct {
        const char *address;
        bool trusted;
    } cases[] = {{"::ffff:10.9.9.9", true},
                 {"::ffff:11.0.0.1", false},
                 {"2001:db8::1", true},
                 {"2001:db9::1", false},
                 {"::1", true},
                 {"::2", false}};
    struct snapshot *s =
        load_good(ONE "trusted_proxies: [10.0.0.0/8, '2001:db8::/32', '::1']\n", NULL);
    struct in6_addr a;

    (void)state;
    assert_int_equal(s->trusted_count, 3);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool has = false;

        assert_int_equal(inet_pton(AF_INET6, cases[i].address, &a), 1);
        for (size_t k = 0; k < s->trusted_count; k++)
            has |= network_has(&s->trusted[k], &a);
        assert_int_equal(has, cases[i].trusted);
    }
    snapshot_unref(s);
}

/* ---- TLS ---- */

static void test_tls_errors(void **state)
{
    struct snapshot *s = load_good(ONE, NULL);

    (void)state;
    write_file("junk.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (int i = 0; i < 3; i++) {
        load_bad(ONE "listeners: [{address: '127.0.0.1:0'}, {address: '127.0.0.1:0', "
                     "tls: {certificate: %s/none.pem, key: %s/none.key}}]\n",
                 s, "none.pem");
        load_bad(ONE "listeners: [{address: '127.0.0.1:0', "
                     "tls: {certificate: %s/junk.pem, key: %s/junk.pem}}]\n",
                 s, "junk.pem");
        /* The first backend is opened already when the second one fails: it is closed again. */
        load_bad("backends:\n"
                 "  new: {engine: trino, url: 'http://127.0.0.1:2'}\n"
                 "  bad: {engine: trino, url: 'https://127.0.0.1:3', tls: {ca: %s/none.pem}}\n",
                 s, "none.pem");
        load_bad("backends:\n"
                 "  a: {engine: trino, url: 'http://127.0.0.1:1'}\n"
                 "  bad: {engine: trino, url: 'https://127.0.0.1:3', tls: {ca: %s/junk.pem}}\n",
                 s, "");
    }
    assert_int_equal(count_backends(), 1);
    assert_false(s->routes.backends[0]->retired); /* a reload that failed changes nothing */
    snapshot_unref(s);
}

/* ---- reloads ---- */

static struct backend *named(const struct snapshot *s, const char *name)
{
    struct backend *b = route_backend(&s->routes, str_c(name));

    if (b == NULL)
        fail_msg("no backend '%s'", name);
    return b;
}

#define THREE                                                                                      \
    "backends:\n"                                                                                  \
    "  a: {engine: trino, url: 'http://127.0.0.1:1'}\n"                                            \
    "  b: {engine: presto, url: 'http://127.0.0.1:2', session_properties: {drop: [x]}}\n"          \
    "  c: {engine: trino, url: 'http://127.0.0.1:3'}\n"

static void test_kept(void **state)
{
    struct snapshot *s = load_good(THREE, NULL), *t = load_good(THREE, s);

    (void)state;
    assert_int_equal(t->generation, s->generation + 1);
    assert_int_equal(t->routes.backend_count, 3);
    assert_int_equal(count_backends(), 3);
    for (size_t i = 0; i < 3; i++)
        assert_ptr_equal(t->routes.backends[i], s->routes.backends[i]);
    snapshot_unref(s);
    /* What routing reads of a backend needs no new one. */
    s = load_good(
        "backends:\n"
        "  c: {engine: trino, url: 'http://127.0.0.1:3', weight: 7, draining: true}\n"
        "  a: {engine: trino, url: 'http://127.0.0.1:1', health: {interval: 3s}}\n"
        "  b: {engine: presto, url: 'http://127.0.0.1:2', session_properties: {drop: [x]}}\n",
        t);
    assert_int_equal(count_backends(), 3);
    assert_ptr_equal(named(s, "a"), named(t, "a"));
    assert_ptr_equal(s->routes.backends[0], named(t, "c"));
    assert_true(named(s, "c")->configured_draining);
    assert_false(named(s, "a")->configured_draining);
    snapshot_unref(s);
    s = load_good(THREE, t);
    assert_false(named(s, "c")->configured_draining);
    snapshot_unref(s);
    snapshot_unref(t);
}

static void test_replaced(void **state)
{
    static const char *const changes[] = {
        "{engine: trino, url: 'http://127.0.0.1:9'}",
        "{engine: presto, url: 'http://127.0.0.1:1'}",
        "{engine: trino, url: 'http://127.0.0.1:1', timeouts: {connect: 7s}}",
        "{engine: trino, url: 'http://127.0.0.1:1', session_properties: {drop: [y]}}",
        "{engine: trino, url: 'http://127.0.0.1:1', session_properties: {rename: {y: z}}}",
        "{engine: trino, url: 'http://127.0.0.1:1', spooling: pass}",
        "{engine: trino, url: 'http://127.0.0.1:1', health: {statement: SELECT 1}}",
    };
    struct snapshot *s = load_good(ONE, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct buf yaml = buf_make(1000);
        struct backend *was = named(s, "a");
        struct snapshot *t;

        buf_printf(&yaml, "backends: {a: %s}\n", changes[i]);
        buf_put_c(&yaml, '\0');
        t = load_good(yaml.p, s);
        buf_reset(&yaml);
        if (named(t, "a") == was)
            fail_msg("%s kept the old one", changes[i]);
        assert_true(was->retired);
        assert_false(named(t, "a")->retired);
        assert_int_equal(t->routes.backend_count, i + 2); /* the old ones answer on */
        assert_false(backend_takes_statements(was));
        assert_int_equal(named(t, "a")->state, BACKEND_STARTING);
        snapshot_unref(s);
        s = t;
    }
    assert_int_equal(named(s, "a")->facts.dialect, DIALECT_TRINO);
    snapshot_unref(s);
}

static void test_removed(void **state)
{
    struct snapshot *s = load_good(THREE, NULL), *t;
    struct backend *b = named(s, "b"), *c = named(s, "c");
    struct buf names = buf_make(1000);

    (void)state;
    b->state = c->state = BACKEND_UP;
    c->outstanding = 5;
    t = load_good(ONE, s);
    assert_int_equal(t->routes.backend_count, 3);
    assert_ptr_equal(named(t, "b"), b); /* its polls are answered */
    assert_true(b->retired && c->retired);
    assert_int_equal(backend_visible_state(b), BACKEND_DRAINING);
    route_names(&t->routes, &names);
    assert_true(str_eq(buf_str(&names), STR("default, a")));
    snapshot_unref(s);
    s = load_good(THREE, t); /* one that comes back is a new one */
    assert_ptr_not_equal(named(s, "b"), b);
    assert_false(named(s, "b")->retired);
    assert_int_equal(count_backends(), 5);
    buf_reset(&names);
    snapshot_unref(t);
    snapshot_unref(s);
}

static void test_groups(void **state)
{
    struct snapshot *s = load_good(THREE "routing:\n"
                                         "  groups:\n"
                                         "    adhoc: {balance: weighted, members: [a, c]}\n"
                                         "    etl: {balance: sticky_user, members: [b]}\n"
                                         "  default: etl\n",
                                   NULL);
    struct route_group *g = s->routes.groups;

    (void)state;
    assert_int_equal(s->routes.group_count, 2);
    for (size_t i = 0; i < 2; i++) {
        bool etl = strcmp(g[i].name, "etl") == 0;

        assert_int_equal(g[i].balance, etl ? ROUTE_STICKY_USER : ROUTE_WEIGHTED);
        assert_int_equal(g[i].count, etl ? 1 : 2);
        assert_ptr_equal(g[i].members[0].backend, named(s, etl ? "b" : "a"));
        if (etl)
            assert_ptr_equal(s->routes.fallback, &g[i]);
    }
    snapshot_unref(s);
    s = load_good(THREE, NULL); /* without groups: one of all */
    assert_int_equal(s->routes.group_count, 1);
    assert_string_equal(s->routes.groups[0].name, "default");
    assert_int_equal(s->routes.groups[0].count, 3);
    assert_ptr_equal(s->routes.fallback, &s->routes.groups[0]);
    snapshot_unref(s);
    snapshot_unref(NULL);
}

/* Running requests keep theirs: freed with the last reference (address sanitizer). */
static void test_references(void **state)
{
    struct snapshot *s = load_good(ONE, NULL);

    (void)state;
    assert_ptr_equal(snapshot_ref(s), s);
    snapshot_unref(s);
    assert_int_equal(s->routes.backend_count, 1);
    snapshot_unref(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_key_file),   TEST(test_key_file_by_hand), TEST(test_bad_key_file),
        TEST(test_no_folder),  TEST(test_key_race),         TEST(test_configured_keys),
        TEST(test_trusted),    TEST(test_tls_errors),       TEST(test_kept),
        TEST(test_replaced),   TEST(test_removed),          TEST(test_groups),
        TEST(test_references),
    };

    log_set(LOG_LOGFMT, LOG_LEVEL_ERROR, STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
