/* SPDX-License-Identifier: Apache-2.0 */
/* test_route.c - every balance against its model, who is left out, hints. */
#include "routing/route.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MEMBERS 5
#define DRAWS 100000

struct bench {
    struct backend backends[MEMBERS], *list[MEMBERS];
    struct route_member members[MEMBERS];
    struct route_group groups[2];
    struct route_table table;
    uint64_t random;
};

/* A group "all" of `n` members "a", "b", ... of weight 1, and "empty". */
static void fill(struct bench *x, enum route_balance balance, size_t n)
{
    memset(x, 0, sizeof(*x));
    for (size_t i = 0; i < n; i++) {
        x->backends[i].name[0] = (char)('a' + i);
        x->backends[i].state = BACKEND_UP;
        x->backends[i].facts.dialect = DIALECT_TRINO;
        x->list[i] = &x->backends[i];
        x->members[i] = (struct route_member){&x->backends[i], 1};
    }
    x->groups[0].name = "all";
    x->groups[0].balance = balance;
    x->groups[0].members = x->members;
    x->groups[0].count = n;
    x->groups[1].name = "empty";
    x->groups[1].balance = balance;
    x->table = (struct route_table){x->groups, 2, x->list, n, &x->groups[0]};
    x->random = 20261124;
}

static uint64_t draw(struct bench *x)
{
    x->random ^= x->random << 13;
    x->random ^= x->random >> 7;
    x->random ^= x->random << 17;
    return x->random;
}

static struct route choose(struct bench *x, struct str hint, struct str user)
{
    struct route_query q = {hint, user, draw(x), DIALECT_TRINO};
    struct route r;

    memset(&r, 0xa5, sizeof(r));
    route_choose(&x->table, &q, &r);
    for (size_t i = 0; i < r.count; i++)
        assert_true(backend_takes_statements(r.candidates[i]));
    return r;
}

static size_t first(struct bench *x, struct str user)
{
    struct route r = choose(x, STR_NONE, user);

    assert_true(r.count > 0);
    return (size_t)(r.candidates[0] - x->backends);
}

static void shares(struct bench *x, size_t n, double out[])
{
    memset(out, 0, n * sizeof(*out));
    for (int i = 0; i < DRAWS; i++)
        out[first(x, STR("u"))] += 1.0 / DRAWS;
}

static void assert_near(double is, double wanted, double tolerance)
{
    if (fabs(is - wanted) > tolerance)
        fail_msg("%.4f is not within %.4f of %.4f", is, tolerance, wanted);
}

/* The model: the least (outstanding + 1) / weight, after every change of load. */
static void test_least_outstanding(void **state)
{
    static const unsigned weights[MEMBERS] = {1, 2, 3, 4, 10};
    struct bench x;

    (void)state;
    fill(&x, ROUTE_LEAST_OUTSTANDING, MEMBERS);
    for (size_t i = 0; i < MEMBERS; i++)
        x.members[i].weight = weights[i];
    for (int step = 0; step < 2000; step++) {
        struct route r = choose(&x, STR_NONE, STR_NONE);
        double before = 0;

        assert_int_equal(r.count, MEMBERS);
        for (size_t i = 0; i < r.count; i++) {
            size_t at = (size_t)(r.candidates[i] - x.backends);
            double load = (x.backends[at].outstanding + 1.0) / weights[at];

            assert_true(load >= before);
            before = load;
        }
        r.candidates[0]->outstanding++;
    }
    for (size_t i = 0; i < MEMBERS; i++) /* the load spreads by weight */
        assert_near(x.backends[i].outstanding, 2000.0 * weights[i] / 20, 2);
}

/* Idle members of equal weight share by chance, not always the first of the list. */
static void test_equals_share(void **state)
{
    struct bench x;
    double share[4];

    (void)state;
    fill(&x, ROUTE_LEAST_OUTSTANDING, 4);
    shares(&x, 4, share);
    for (size_t i = 0; i < 4; i++)
        assert_near(share[i], 0.25, 0.01);
}

static void test_weighted(void **state)
{
    static const unsigned cases[][3] = {{1, 1, 1}, {3, 1, 1}, {1, 2, 7}, {90, 9, 1}, {0, 1, 1}};
    struct bench x;
    double share[3];

    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        unsigned sum = cases[c][0] + cases[c][1] + cases[c][2];

        fill(&x, ROUTE_WEIGHTED, 3);
        for (size_t i = 0; i < 3; i++)
            x.members[i].weight = cases[c][i];
        shares(&x, 3, share);
        for (size_t i = 0; i < 3; i++)
            assert_near(share[i], (double)cases[c][i] / sum, 0.006);
    }
}

static void test_round_robin(void **state)
{
    struct bench x;
    double share[4];

    (void)state;
    fill(&x, ROUTE_ROUND_ROBIN, 4);
    for (size_t i = 0; i < 40; i++) {
        struct route r = choose(&x, STR_NONE, STR_NONE);

        assert_int_equal(r.count, 4);
        for (size_t k = 0; k < 4; k++)
            assert_ptr_equal(r.candidates[k], &x.backends[(i + k) % 4]);
    }
    /* Without one of them the others share evenly, its neighbour has no double load. */
    x.backends[1].state = BACKEND_DOWN;
    shares(&x, 4, share);
    for (size_t i = 0; i < 4; i++)
        assert_near(share[i], i == 1 ? 0 : 1.0 / 3, 0.001);
    /* The turn wraps where an unsigned does, and order is kept. */
    x.groups[0].turn = UINT32_MAX;
    for (size_t i = 0; i < 8; i++)
        assert_true(choose(&x, STR_NONE, STR_NONE).count == 3);
}

/* The better of two random ones: of n members the k-th best (0 = best) wins with probability
 * 2 (n - 1 - k) / (n (n - 1)); the worst never. */
static void test_random_two(void **state)
{
    struct bench x;
    double share[MEMBERS];

    (void)state;
    fill(&x, ROUTE_RANDOM_TWO, MEMBERS);
    for (unsigned i = 0; i < MEMBERS; i++)
        x.backends[i].outstanding = 10 * i;
    shares(&x, MEMBERS, share);
    for (int k = 0; k < MEMBERS; k++)
        assert_near(share[k], 2.0 * (MEMBERS - 1 - k) / (MEMBERS * (MEMBERS - 1)), 0.01);
    assert_true(share[MEMBERS - 1] < 1e-9); /* by chance equal ones aside: the worst of two loses */
    fill(&x, ROUTE_RANDOM_TWO, 1);
    assert_int_equal(first(&x, STR_NONE), 0);
}

/* Two are drawn of those that are there: a member that is away takes nothing from the choice. */
static void test_random_two_away(void **state)
{
    struct bench x;
    double share[4];

    (void)state;
    fill(&x, ROUTE_RANDOM_TWO, 4);
    for (unsigned i = 0; i < 4; i++)
        x.backends[i].outstanding = 10 * i;
    x.backends[0].state = BACKEND_DOWN;
    shares(&x, 4, share);
    assert_near(share[1], 2.0 / 3, 0.01);
    assert_near(share[2], 1.0 / 3, 0.01);
    assert_true(share[3] < 1e-9);
}

#define USERS 20000

static void map_users(struct bench *x, unsigned char *map)
{
    for (int i = 0; i < USERS; i++) {
        char user[32];

        snprintf(user, sizeof(user), "user-%d", i);
        map[i] = (unsigned char)first(x, str_c(user));
    }
}

/* Stable under any load and any chance; when a member goes only its own users move, and they
 * spread; when it comes back all are where they were. */
static void test_sticky_user(void **state)
{
    static unsigned char before[USERS], after[USERS];
    struct bench x;
    double share[MEMBERS] = {0}, moved[MEMBERS] = {0};

    (void)state;
    fill(&x, ROUTE_STICKY_USER, MEMBERS);
    map_users(&x, before);
    for (unsigned i = 0; i < MEMBERS; i++)
        x.backends[i].outstanding = 1000 * (MEMBERS - i);
    map_users(&x, after);
    assert_memory_equal(before, after, USERS);
    x.backends[2].state = BACKEND_DOWN;
    map_users(&x, after);
    for (int i = 0; i < USERS; i++) {
        share[before[i]] += 1.0 / USERS;
        if (before[i] == 2)
            moved[after[i]] += 1.0 / USERS;
        else
            assert_int_equal(before[i], after[i]);
    }
    for (int i = 0; i < MEMBERS; i++) {
        assert_near(share[i], 1.0 / MEMBERS, 0.015);
        assert_near(moved[i], i == 2 ? 0 : 1.0 / MEMBERS / (MEMBERS - 1), 0.01);
    }
    x.backends[2].state = BACKEND_UP;
    map_users(&x, after);
    assert_memory_equal(before, after, USERS);
}

static void test_sticky_weights(void **state)
{
    static unsigned char map[USERS];
    struct bench x;
    double share[2] = {0};

    (void)state;
    fill(&x, ROUTE_STICKY_USER, 2);
    x.members[0].weight = 3;
    map_users(&x, map);
    for (int i = 0; i < USERS; i++)
        share[map[i]] += 1.0 / USERS;
    assert_near(share[0], 0.75, 0.015);
    (void)first(&x, STR_NONE); /* no user is a user as well */
}

static void test_left_out(void **state)
{
    (void)state;
    for (int balance = ROUTE_LEAST_OUTSTANDING; balance <= ROUTE_STICKY_USER; balance++) {
        struct bench x;
        struct route r;

        fill(&x, (enum route_balance)balance, MEMBERS);
        x.backends[0].state = BACKEND_STARTING;
        x.backends[0].probed = true; /* before that nobody knows, and it gets statements */
        x.backends[1].state = BACKEND_DOWN;
        x.backends[2].state = BACKEND_DRAINING;
        x.backends[3].retired = true;
        for (int i = 0; i < 100; i++) {
            r = choose(&x, STR_NONE, STR("u"));
            assert_int_equal(r.count, 1);
            assert_ptr_equal(r.candidates[0], &x.backends[4]);
        }
        x.backends[4].configured_draining = true;
        assert_int_equal(choose(&x, STR_NONE, STR("u")).count, 0);
        x.backends[4].configured_draining = false;
        x.backends[4].admin_draining = true;
        r = choose(&x, STR_NONE, STR("u"));
        assert_int_equal(r.count, 0);
        assert_false(r.unknown_hint);
        r = choose(&x, STR("empty"), STR("u"));
        assert_int_equal(r.count, 0);
        assert_false(r.unknown_hint);
    }
}

static void test_hints(void **state)
{
    static const struct {
        const char *hint, *group, *reason;
        size_t count;
        bool unknown;
    } cases[] = {
        {"", "all", "default, round_robin", 3, false},
        {"all", "all", "hint, round_robin", 3, false},
        {"empty", "empty", "hint, round_robin", 0, false},
        {"b", "b", "hint, this backend", 1, false},
        {"nosuch", "all", "default after an unknown hint, round_robin", 3, true},
        {"ALL", "all", "default after an unknown hint, round_robin", 3, true},
        {"al", "all", "default after an unknown hint, round_robin", 3, true},
        {"a\" \r\nx", "all", "default after an unknown hint, round_robin", 3, true},
    };
    struct bench x;
    struct route r;

    (void)state;
    fill(&x, ROUTE_ROUND_ROBIN, 3);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        r = choose(&x, str_c(cases[i].hint), STR("u"));
        assert_true(str_eq(r.group, str_c(cases[i].group)));
        assert_string_equal(r.reason, cases[i].reason);
        assert_int_equal(r.count, cases[i].count);
        assert_int_equal(r.unknown_hint, cases[i].unknown);
    }
    x.backends[1].state = BACKEND_DOWN; /* asked for by name, and away: no other one instead */
    r = choose(&x, STR("b"), STR("u"));
    assert_int_equal(r.count, 0);
    assert_false(r.unknown_hint);
    x.backends[1].retired = true; /* its name is gone */
    assert_true(choose(&x, STR("b"), STR("u")).unknown_hint);
}

static void test_names(void **state)
{
    struct bench x;
    struct buf names = buf_make(1000);

    (void)state;
    fill(&x, ROUTE_WEIGHTED, 3);
    x.backends[1].retired = true;
    x.groups[1].name = "c"; /* a group hides the backend of its name */
    route_names(&x.table, &names);
    assert_true(str_eq(buf_str(&names), STR("all, c, a")));
    assert_ptr_equal(route_backend(&x.table, STR("c")), &x.backends[2]);
    assert_null(route_backend(&x.table, STR("d")));
    buf_reset(&names);
}

/* Among equals the client's own dialect comes first; a lower load goes before it. */
static void test_prefer(void **state)
{
    struct bench x;

    (void)state;
    fill(&x, ROUTE_LEAST_OUTSTANDING, 4);
    x.backends[0].facts.dialect = x.backends[1].facts.dialect = DIALECT_PRESTO;
    for (int i = 0; i < 200; i++) {
        assert_true(first(&x, STR("u")) >= 2);
        assert_true(choose(&x, STR_NONE, STR("u")).candidates[1] >= &x.backends[2]);
    }
    x.backends[2].outstanding = x.backends[3].outstanding = x.backends[1].outstanding = 1;
    for (int i = 0; i < 200; i++)
        assert_int_equal(first(&x, STR("u")), 0);
}

/* More members than candidates fit: the best are kept. */
static void test_many(void **state)
{
    static struct backend backends[100];
    static struct route_member members[100];
    struct route_group group = {.name = "g", .members = members, .count = 100};
    struct route_table table = {.groups = &group, .group_count = 1, .fallback = &group};
    struct route_query q = {.random = 7};
    struct route r;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        backends[i].state = BACKEND_UP;
        backends[i].outstanding = (i * 37 + 11) % 100; /* a permutation */
        members[i] = (struct route_member){&backends[i], 1};
    }
    route_choose(&table, &q, &r);
    assert_int_equal(r.count, ROUTE_CANDIDATES_MAX);
    for (unsigned i = 0; i < r.count; i++)
        assert_int_equal(r.candidates[i]->outstanding, i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least_outstanding),
        cmocka_unit_test(test_equals_share),
        cmocka_unit_test(test_weighted),
        cmocka_unit_test(test_round_robin),
        cmocka_unit_test(test_random_two),
        cmocka_unit_test(test_random_two_away),
        cmocka_unit_test(test_sticky_user),
        cmocka_unit_test(test_sticky_weights),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_hints),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_prefer),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
