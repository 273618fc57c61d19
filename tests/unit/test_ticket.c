/* SPDX-License-Identifier: Apache-2.0 */
#include "base/siphash.h"
#include "protocol/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const unsigned char keys[3][TICKET_KEY_BYTES] = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};

static struct ticket_box *box(size_t first, size_t count, uint64_t ttl_ms)
{
    struct ticket_box *b;
    struct error err;

    assert_int_equal(ticket_box_new(&b, keys + first, count, ttl_ms, &err), OK);
    return b;
}

static const struct ticket sample = {
    .kind = TICKET_POLL,
    .client = DIALECT_PRESTO,
    .cluster = DIALECT_TRINO,
    .capabilities = CAP_PARAMETRIC_DATETIME | CAP_PATH,
    .backend = {"trino-a", 7},
    .path = {"/v1/statement/queued/20260101_120000_00001_abcde/y0123/1", 56},
};

static void test_round_trip(void **state)
{
    struct ticket_box *b = box(0, 1, 3600000);
    struct buf text = buf_make(8192), again = buf_make(8192);
    struct ticket t;
    struct error err;

    (void)state;
    ticket_seal(b, &sample, STR("id_1"), 1000000000, &text);
    ticket_seal(b, &sample, STR("id_1"), 1000000001, &again);
    assert_true(str_eq(buf_str(&text), buf_str(&again))); /* replay gives the same URI */
    assert_int_equal(ticket_open(b, buf_str(&text), STR("id_1"), 1000000000, &t, &err), OK);
    assert_int_equal(t.kind, sample.kind);
    assert_int_equal(t.client, sample.client);
    assert_int_equal(t.cluster, sample.cluster);
    assert_int_equal(t.capabilities, sample.capabilities);
    assert_true(str_eq(t.backend, sample.backend));
    assert_true(str_eq(t.path, sample.path));
    buf_clear(&again);
    ticket_seal(b, &sample, STR("id_2"), 1000000000, &again);
    assert_false(str_eq(str_of(text.p, 16), str_of(again.p, 16))); /* another nonce */
    buf_reset(&text);
    buf_reset(&again);
    ticket_box_free(b);
}

/* Every change of a single character, every cut, another id: all are refused. */
static void test_forged(void **state)
{
    struct ticket_box *b = box(0, 1, 3600000);
    struct buf text = buf_make(8192);
    struct ticket t;
    struct error err;

    (void)state;
    ticket_seal(b, &sample, STR("id_1"), 5000, &text);
    for (size_t i = 0; i < text.n; i++) {
        char was = text.p[i];

        text.p[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(ticket_open(b, buf_str(&text), STR("id_1"), 5000, &t, &err),
                         ERR_NOT_FOUND);
        text.p[i] = was;
        assert_int_equal(ticket_open(b, str_of(text.p, i), STR("id_1"), 5000, &t, &err),
                         ERR_NOT_FOUND);
    }
    assert_int_equal(ticket_open(b, buf_str(&text), STR("id_2"), 5000, &t, &err), ERR_NOT_FOUND);
    assert_int_equal(ticket_open(b, buf_str(&text), STR(""), 5000, &t, &err), ERR_NOT_FOUND);
    assert_int_equal(ticket_open(b, buf_str(&text), STR("id_1"), 5000, &t, &err), OK);
    buf_reset(&text);
    ticket_box_free(b);
}

static void test_rotation(void **state)
{
    struct ticket_box *old = box(0, 1, 1000), *both = box(0, 2, 1000), *new = box(1, 2, 1000);
    struct buf text = buf_make(8192);
    struct ticket t;
    struct error err;

    (void)state;
    ticket_seal(old, &sample, STR("q"), 5000, &text);
    assert_int_equal(ticket_open(both, buf_str(&text), STR("q"), 5000, &t, &err), OK);
    assert_int_equal(ticket_open(new, buf_str(&text), STR("q"), 5000, &t, &err), ERR_NOT_FOUND);
    buf_clear(&text);
    ticket_seal(new, &sample, STR("q"), 5000, &text);
    assert_int_equal(ticket_open(both, buf_str(&text), STR("q"), 5000, &t, &err), OK);
    buf_reset(&text);
    ticket_box_free(old);
    ticket_box_free(both);
    ticket_box_free(new);
}

static void test_expiry(void **state)
{
    struct ticket_box *b = box(0, 1, 24000);
    struct buf text = buf_make(8192);
    struct ticket t;
    struct error err;

    (void)state;
    ticket_seal(b, &sample, STR("q"), 1000000, &text);
    assert_int_equal(ticket_open(b, buf_str(&text), STR("q"), 1024000, &t, &err), OK);
    assert_int_equal(ticket_open(b, buf_str(&text), STR("q"), 1026000, &t, &err), ERR_NOT_FOUND);
    assert_string_equal(err.text, "expired ticket");
    assert_int_equal(ticket_open(b, buf_str(&text), STR("q"), 990000, &t, &err), OK);
    buf_reset(&text);
    ticket_box_free(b);
}

static void test_limits(void **state)
{
    struct ticket_box *b = box(0, 1, 1000);
    struct buf text = buf_make(16384);
    static char path[TICKET_PATH_MAX + 1];
    struct ticket t = sample, opened;
    struct error err;

    (void)state;
    memset(path, 'p', sizeof(path));
    t.path = str_of(path, TICKET_PATH_MAX);
    ticket_seal(b, &t, STR("q"), 0, &text);
    assert_int_equal(ticket_open(b, buf_str(&text), STR("q"), 0, &opened, &err), OK);
    assert_true(str_eq(opened.path, t.path));
    t.path.n++;
    buf_clear(&text);
    ticket_seal(b, &t, STR("q"), 0, &text);
    assert_true(text.overflow);
    buf_reset(&text);
    ticket_box_free(b);
}

/* The vectors of the SipHash reference implementation: key 00 01 … 0f, input 00 01 … 0e. */
static void test_siphash(void **state)
{
    const struct siphash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    char in[15];
    uint64_t h[2];

    (void)state;
    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (char)i;
    assert_true(siphash(&key, str_of(in, 15)) == 0xa129ca6149be45e5);
    siphash128(&key, str_of(in, 0), h);
    assert_true(h[0] == 0xe6a825ba047f81a3 && h[1] == 0x930255c71472f66d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_forged),
        cmocka_unit_test(test_rotation),   cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_siphash),
    };

    return cmocka_run_group_tests_name("ticket", tests, NULL, NULL);
}
