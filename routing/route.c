/* SPDX-License-Identifier: Apache-2.0 */
/* route.c - see route.h. Every balance is a score: lower is better, and the candidates are sorted
 * by it, so that the second choice of a balance is the natural fail-over. */
#include "routing/route.h"

#include "base/siphash.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

struct scored {
    struct backend *backend;
    double score;
};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9;
    x ^= x >> 27;
    x *= 0x94d049bb133111eb;
    return x ^ x >> 31;
}

/* In (0, 1). */
static double unit(uint64_t x)
{
    return ((double)(mix(x) >> 11) + 0.5) / 9007199254740992.0;
}

static double load_of(const struct route_member *m)
{
    return (double)(atomic_load_explicit(&m->backend->outstanding, memory_order_relaxed) + 1) /
           (m->weight > 0 ? m->weight : 1);
}

/* Exponential with rate `weight`: the least of several is member i with probability w_i / sum. */
static double weighted(const struct route_member *m, uint64_t random)
{
    return -log(unit(random)) / (m->weight > 0 ? m->weight : 1e-9);
}

/* What one choice draws, over the members that are there now. */
struct draw {
    size_t count;  /* of those members */
    size_t turn;   /* round robin: the position that is first */
    size_t two[2]; /* random two: the positions */
};

static struct draw draw_for(struct route_group *g, const struct route_query *q)
{
    struct draw d = {0};

    for (size_t i = 0; i < g->count; i++)
        d.count += backend_takes_statements(g->members[i].backend);
    if (d.count == 0)
        return d;
    if (g->balance == ROUTE_ROUND_ROBIN)
        d.turn = atomic_fetch_add_explicit(&g->turn, 1, memory_order_relaxed) % d.count;
    d.two[0] = mix(q->random) % d.count;
    if (d.count > 1) /* any of the others */
        d.two[1] = (d.two[0] + 1 + mix(q->random + 1) % (d.count - 1)) % d.count;
    return d;
}

/* `at` is the member's position among those that are there. */
static double score(const struct route_group *g, const struct route_member *m, size_t at,
                    const struct route_query *q, const struct draw *d)
{
    struct siphash_key key = {0x736c6569706e6972, 0}; /* the same in every instance */

    switch (g->balance) {
    case ROUTE_WEIGHTED:
        return weighted(m, q->random + at * 0x9e3779b97f4a7c15);
    case ROUTE_ROUND_ROBIN:
        return (double)((at + d->count - d->turn) % d->count);
    case ROUTE_RANDOM_TWO:
        return load_of(m) + (at == d->two[0] || at == d->two[1] ? 0 : 1e9);
    case ROUTE_STICKY_USER:
        key.k1 = siphash(&key, str_c(m->backend->name));
        return weighted(m, siphash(&key, q->user));
    default:
        return load_of(m);
    }
}

/* Ties: the client's dialect first, then by chance. */
static double tie(const struct route_query *q, const struct backend *b, size_t i)
{
    return (b->facts.dialect == q->prefer ? 0 : 1e-6) + unit(q->random ^ (i << 32)) * 1e-7;
}

static void insert(struct scored *list, size_t *n, struct scored s)
{
    size_t at = *n;

    if (at == ROUTE_CANDIDATES_MAX && list[at - 1].score <= s.score)
        return;
    if (at == ROUTE_CANDIDATES_MAX)
        at--;
    else
        (*n)++;
    for (; at > 0 && list[at - 1].score > s.score; at--)
        list[at] = list[at - 1];
    list[at] = s;
}

static void order_members(struct route_group *g, const struct route_query *q, struct route *out)
{
    struct scored list[ROUTE_CANDIDATES_MAX];
    struct draw d = draw_for(g, q);
    size_t n = 0, at = 0;

    for (size_t i = 0; i < g->count && d.count > 0; i++) {
        const struct route_member *m = &g->members[i];

        if (!backend_takes_statements(m->backend))
            continue;
        insert(list, &n,
               (struct scored){m->backend, score(g, m, at, q, &d) + tie(q, m->backend, at)});
        at++;
    }
    out->count = n;
    for (size_t i = 0; i < n; i++)
        out->candidates[i] =
            list[i].backend; /* cppcheck-suppress uninitvar ; below n all are set */
}

struct backend *route_backend(const struct route_table *t, struct str name)
{
    for (size_t i = 0; i < t->backend_count; i++)
        if (str_eq(str_c(t->backends[i]->name), name))
            return t->backends[i];
    return NULL;
}

static struct route_group *find_group(const struct route_table *t, struct str name)
{
    for (size_t i = 0; i < t->group_count; i++)
        if (str_eq(str_c(t->groups[i].name), name))
            return &t->groups[i];
    return NULL;
}

static void to_group(struct route_group *g, const struct route_query *q, const char *why,
                     struct route *out)
{
    static const char *const names[] = {
        [ROUTE_LEAST_OUTSTANDING] = "least_outstanding",
        [ROUTE_WEIGHTED] = "weighted",
        [ROUTE_ROUND_ROBIN] = "round_robin",
        [ROUTE_RANDOM_TWO] = "random_two",
        [ROUTE_STICKY_USER] = "sticky_user",
    };

    out->group = str_c(g->name);
    out->from = g;
    snprintf(out->reason, sizeof(out->reason), "%s, %s", why, names[g->balance]);
    order_members(g, q, out);
}

void route_choose(const struct route_table *t, const struct route_query *q, struct route *out)
{
    struct route_group *g = q->hint.n > 0 ? find_group(t, q->hint) : t->fallback;
    struct backend *b;

    out->count = 0;
    out->from = NULL;
    out->unknown_hint = false;
    if (g != NULL) {
        to_group(g, q, q->hint.n > 0 ? "hint" : "default", out);
        return;
    }
    b = route_backend(t, q->hint);
    if (b != NULL && !b->retired) {
        out->group = str_c(b->name);
        snprintf(out->reason, sizeof(out->reason), "hint, this backend");
        out->candidates[0] = b;
        out->count = backend_takes_statements(b) ? 1 : 0;
        return;
    }
    out->unknown_hint = true;
    assert(t->fallback != NULL);
    to_group(t->fallback, q, "default after an unknown hint", out);
}

void route_names(const struct route_table *t, struct buf *out)
{
    for (size_t i = 0; i < t->group_count; i++)
        buf_printf(out, "%s%s", out->n > 0 ? ", " : "", t->groups[i].name);
    for (size_t i = 0; i < t->backend_count; i++)
        if (!t->backends[i]->retired && find_group(t, str_c(t->backends[i]->name)) == NULL)
            buf_printf(out, "%s%s", out->n > 0 ? ", " : "", t->backends[i]->name);
}
