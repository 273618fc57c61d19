/* SPDX-License-Identifier: Apache-2.0 */
/* config_yaml.c - libyaml's events become a tree of nodes with places.
 *
 * Only what a configuration needs: one document of maps, lists and scalars. Anchors, aliases and
 * tags are refused (so nothing can multiply), depth, number of nodes and children are bounded. */
#include "gateway/config_node.h"

#include <yaml.h>

#define DEPTH_MAX 24
#define NODES_MAX 20000
#define CHILDREN_MAX 1000
#define SUBSTITUTED_BYTES_MAX (4u << 20)

struct reader {
    yaml_parser_t yaml;
    struct arena *arena; /* borrowed */
    struct str input;
    struct config_report *report;
    struct config_node *root, *stack[DEPTH_MAX];
    struct str key; /* read, its value is still to come */
    struct config_place key_place;
    bool have_key, fatal;
    size_t depth, nodes, budget;
};

static struct config_place place_of(yaml_mark_t mark)
{
    return (struct config_place){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

static struct config_place place_of_offset(struct str input, size_t offset)
{
    struct config_place at = {1, 1};

    for (size_t i = 0; i < offset && i < input.n; i++) {
        at.line += input.p[i] == '\n';
        at.column = input.p[i] == '\n' ? 1 : at.column + 1;
    }
    return at;
}

static void refuse(struct reader *r, struct config_place at, const char *text)
{
    r->fatal = true;
    config_problem(r->report, at, "%s", text);
}

static void report_syntax(struct reader *r)
{
    const yaml_parser_t *y = &r->yaml;
    struct config_place at = y->error == YAML_READER_ERROR
                                 ? place_of_offset(r->input, y->problem_offset)
                                 : place_of(y->problem_mark);

    r->fatal = true;
    if (y->context != NULL)
        config_problem(r->report, at, "not valid YAML: %s (%s)",
                       y->problem != NULL ? y->problem : "unknown problem", y->context);
    else
        config_problem(r->report, at, "not valid YAML: %s",
                       y->problem != NULL ? y->problem : "unknown problem");
}

static bool is_null(const struct config_node *n, bool plain)
{
    struct str s = n->raw;

    return plain && (s.n == 0 || str_eq(s, STR("~")) || str_eq_nocase(s, STR("null")));
}

/* A second value of a key is reported and left out: all look-ups then see the same one. */
static bool occurs_twice(struct reader *r, const struct config_node *map,
                         const struct config_node *child)
{
    struct config_quote q;

    for (const struct config_node *c = map->first; c != NULL; c = c->next)
        if (str_eq(c->key, child->key)) {
            config_problem(r->report, child->key_place,
                           "key '%s' occurs twice, the first is in line %u",
                           config_quote(&q, child->key), c->key_place.line);
            return true;
        }
    return false;
}

/* Hangs the node below the innermost open one. */
static void attach(struct reader *r, struct config_node *node)
{
    struct config_node *parent = r->depth > 0 ? r->stack[r->depth - 1] : NULL;

    if (parent == NULL) {
        r->root = node;
        return;
    }
    if (parent->count == CHILDREN_MAX) {
        refuse(r, node->place, "too many entries, 1000 are allowed");
        return;
    }
    if (parent->kind == CONFIG_NODE_MAP) {
        node->key = r->key;
        node->key_place = r->key_place;
        r->have_key = false;
        if (occurs_twice(r, parent, node))
            return;
    }
    if (parent->last != NULL)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->count++;
}

static struct config_node *new_node(struct reader *r, const yaml_event_t *ev,
                                    enum config_node_kind kind)
{
    struct config_node *node = arena_zalloc(r->arena, sizeof(*node));

    node->kind = kind;
    node->place = place_of(ev->start_mark);
    if (++r->nodes > NODES_MAX)
        refuse(r, node->place, "the file is too large, 20000 values are allowed");
    return node;
}

static bool expects_key(const struct reader *r)
{
    return r->depth > 0 && r->stack[r->depth - 1]->kind == CONFIG_NODE_MAP && !r->have_key;
}

static void on_scalar(struct reader *r, const yaml_event_t *ev)
{
    struct str text = str_of((const char *)ev->data.scalar.value, ev->data.scalar.length);
    struct config_node *node;

    text = arena_str(r->arena, text);
    if (expects_key(r)) {
        r->key = text;
        r->key_place = place_of(ev->start_mark);
        r->have_key = true;
        return;
    }
    node = new_node(r, ev, CONFIG_NODE_SCALAR);
    node->raw = node->text = text;
    if (is_null(node, ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE))
        node->kind = CONFIG_NODE_NULL;
    else
        config_substitute(r->arena, node, &r->budget, r->report);
    attach(r, node);
}

static void on_open(struct reader *r, const yaml_event_t *ev, enum config_node_kind kind)
{
    struct config_node *node;

    if (expects_key(r)) {
        refuse(r, place_of(ev->start_mark), "a key must be a plain word");
        return;
    }
    if (r->depth == DEPTH_MAX) {
        refuse(r, place_of(ev->start_mark), "nested too deeply, 24 levels are allowed");
        return;
    }
    node = new_node(r, ev, kind);
    attach(r, node);
    r->stack[r->depth++] = node;
}

/* Anchors could be used by aliases to multiply what is written; tags have no meaning here. */
static bool is_decorated(const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_ALIAS_EVENT:
        return true;
    case YAML_SCALAR_EVENT:
        return ev->data.scalar.anchor != NULL || ev->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return ev->data.sequence_start.anchor != NULL || ev->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return ev->data.mapping_start.anchor != NULL || ev->data.mapping_start.tag != NULL;
    default:
        return false;
    }
}

static void on_event(struct reader *r, const yaml_event_t *ev)
{
    if (is_decorated(ev)) {
        refuse(r, place_of(ev->start_mark), "anchors (&), aliases (*) and tags (!) are not taken");
        return;
    }
    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->root != NULL)
            refuse(r, place_of(ev->start_mark), "a second document: one is allowed");
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(r, ev);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_open(r, ev, CONFIG_NODE_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        on_open(r, ev, CONFIG_NODE_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        break;
    default:
        break;
    }
}

static void read_events(struct reader *r)
{
    yaml_event_type_t type = YAML_NO_EVENT;
    yaml_event_t ev;

    while (!r->fatal && type != YAML_STREAM_END_EVENT) {
        if (!yaml_parser_parse(&r->yaml, &ev)) {
            report_syntax(r);
            return;
        }
        type = ev.type;
        on_event(r, &ev);
        yaml_event_delete(&ev);
    }
}

struct config_node *config_yaml_read(struct arena *a, struct str yaml, struct config_report *report)
{
    struct reader r = {
        .arena = a, .input = yaml, .report = report, .budget = SUBSTITUTED_BYTES_MAX};
    static const struct config_node empty = {.kind = CONFIG_NODE_MAP, .place = {1, 1}};

    if (!yaml_parser_initialize(&r.yaml)) {
        config_problem(report, (struct config_place){1, 1}, "out of memory");
        return NULL;
    }
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)(yaml.n > 0 ? yaml.p : ""),
                                 yaml.n);
    read_events(&r);
    yaml_parser_delete(&r.yaml);
    if (r.fatal)
        return NULL;
    if (r.root == NULL || r.root->kind == CONFIG_NODE_NULL) {
        r.root = arena_alloc(a, sizeof(empty));
        *r.root = empty;
    }
    if (r.root->kind != CONFIG_NODE_MAP) {
        config_problem(report, r.root->place, "not a configuration: `key: value` lines are needed");
        return NULL;
    }
    return r.root;
}

static struct config_node *child_of(const struct config_node *map, struct str key)
{
    if (map == NULL || map->kind != CONFIG_NODE_MAP)
        return NULL;
    for (struct config_node *c = map->first; c != NULL; c = c->next)
        if (str_eq(c->key, key))
            return c->kind != CONFIG_NODE_NULL ? c : NULL;
    return NULL;
}

struct config_node *config_node_get(const struct config_node *map, const char *key)
{
    return child_of(map, str_c(key));
}

struct config_node *config_node_at(const struct config_node *root, const char *path)
{
    struct str rest = str_c(path);
    struct config_node *node = child_of(root, str_split(&rest, '.'));

    while (rest.p != NULL && node != NULL)
        node = child_of(node, str_split(&rest, '.'));
    return node;
}
