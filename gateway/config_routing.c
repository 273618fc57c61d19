/* SPDX-License-Identifier: Apache-2.0 */
/* config_routing.c - groups: the one that is made when there is none, and the names in them.
 *
 * A hint of a client may name a group or a backend, so that one name must not mean two things. */
#include "gateway/config_table.h"

static struct config_backend *find_backend(const struct config *c, struct str name)
{
    for (size_t i = 0; i < c->backend_count; i++)
        if (str_eq(str_c(c->backends[i].name), name))
            return &c->backends[i];
    return NULL;
}

static struct config_group *find_group(const struct config *c, struct str name)
{
    for (size_t i = 0; i < c->group_count; i++)
        if (str_eq(str_c(c->groups[i].name), name))
            return &c->groups[i];
    return NULL;
}

static void make_only_group(struct config *c)
{
    struct config_group *g = arena_zalloc(&c->arena, sizeof(*g));

    g->name = "default";
    g->balance = BALANCE_LEAST_OUTSTANDING;
    g->members = arena_zalloc(&c->arena, (c->backend_count + 1) * sizeof(*g->members));
    g->member_count = c->backend_count;
    for (size_t i = 0; i < c->backend_count; i++)
        g->members[i] = (struct config_member){c->backends[i].name, c->backends[i].weight};
    c->groups = g;
    c->group_count = 1;
}

static void report_no_backend(const struct config *c, const struct config_group *g,
                              const char *name, struct config_place at, struct config_report *r)
{
    struct config_nearest best = {0};
    struct config_quote q;

    for (size_t i = 0; i < c->backend_count; i++)
        config_nearest_offer(&best, str_c(name), str_c(c->backends[i].name));
    if (best.name.n > 0)
        config_problem(r, at, "group %s: there is no backend '%s', did you mean '%.*s'?",
                       config_quote(&q, str_c(g->name)), name, STR_ARG(best.name));
    else
        config_problem(r, at, "group %s: there is no backend '%s'",
                       config_quote(&q, str_c(g->name)), name);
}

static void check_member(const struct config *c, const struct config_group *g, size_t i,
                         struct config_place at, struct config_report *r)
{
    struct config_member *m = &g->members[i];
    const struct config_backend *b;
    struct config_quote q;

    if (m->backend == NULL)
        return; /* was reported */
    b = find_backend(c, str_c(m->backend));
    if (b == NULL) {
        report_no_backend(c, g, m->backend, at, r);
        return;
    }
    if (m->weight == 0)
        m->weight = b->weight;
    for (size_t j = 0; j < i; j++)
        if (g->members[j].backend != NULL && strcmp(g->members[j].backend, m->backend) == 0) {
            config_problem(r, at, "group %s: backend '%s' occurs twice",
                           config_quote(&q, str_c(g->name)), m->backend);
            return;
        }
}

/* `map` is the group's node. */
static void check_group(const struct config *c, const struct config_group *g,
                        const struct config_node *map, struct config_report *r)
{
    const struct config_node *members = config_node_get(map, "members");
    const struct config_node *node = members != NULL ? members->first : NULL;
    struct config_quote q;

    for (size_t i = 0; i < g->member_count && node != NULL; i++, node = node->next)
        check_member(c, g, i, node->place, r);
    if (find_backend(c, str_c(g->name)) == NULL)
        return;
    if (g->member_count != 1 || g->members[0].backend == NULL ||
        strcmp(g->members[0].backend, g->name) != 0)
        config_problem(r, map->key_place,
                       "group %s: a backend has this name, then the group must hold just it",
                       config_quote(&q, str_c(g->name)));
}

static void check_only_group(const struct config *c, const struct config_node *root,
                             struct config_report *r)
{
    const struct config_node *backends = config_node_get(root, "backends"), *node;

    if (c->backend_count < 2 || (node = config_node_get(backends, "default")) == NULL)
        return;
    config_problem(r, node->key_place,
                   "backend 'default': without routing.groups this is the name of the group of all "
                   "backends, choose another");
}

static void report_no_group(const struct config *c, const struct config_node *node,
                            struct config_report *r)
{
    struct config_nearest best = {0};

    for (size_t i = 0; i < c->group_count; i++)
        config_nearest_offer(&best, str_c(c->default_group), str_c(c->groups[i].name));
    if (best.name.n > 0)
        config_problem(r, node->place,
                       "routing.default: there is no group '%s', did you mean '%.*s'?",
                       c->default_group, STR_ARG(best.name));
    else
        config_problem(r, node->place, "routing.default: there is no group '%s'", c->default_group);
}

static void check_default(struct config *c, const struct config_node *root, struct config_report *r)
{
    const struct config_node *routing = config_node_get(root, "routing");
    const struct config_node *node = config_node_get(routing, "default");

    if (c->default_group != NULL && find_group(c, str_c(c->default_group)) == NULL)
        report_no_group(c, node, r);
    if (node != NULL)
        return;
    if (c->group_count == 1)
        c->default_group = c->groups[0].name;
    else
        config_problem(r, routing->key_place,
                       "routing: 'default' is missing, there are several groups");
}

void config_check_routing(struct config *c, const struct config_node *root, struct config_report *r)
{
    const struct config_node *groups = config_node_at(root, "routing.groups");
    const struct config_node *node = groups != NULL ? groups->first : NULL;

    if (c->group_count == 0) {
        if (groups != NULL && groups->kind != CONFIG_NODE_MAP)
            return; /* was reported */
        check_only_group(c, root, r);
        make_only_group(c);
    } else {
        for (size_t i = 0; i < c->group_count && node != NULL; i++, node = node->next)
            check_group(c, &c->groups[i], node, r);
    }
    check_default(c, root, r);
}
