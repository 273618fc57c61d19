/* SPDX-License-Identifier: Apache-2.0 */
/* config_walk.c - goes through the tree and the table together.
 *
 * Each map of the tree is looked at with a scope and a prefix: `retention` in `history` is the row
 * "history.retention.…" of the root. Lists and maps of structs open a new scope. The recursion is
 * as deep as the table nests, never as the file does. */
#include "gateway/config_table.h"

#include <assert.h>
#include <stdio.h>

#define KEY_BYTES_MAX 64
#define PATH_BYTES_MAX 1024
#define HINT_BYTES_MAX 110

struct walker {
    struct arena *arena;
    struct config_report *report;
    struct buf path; /* full, such as backends.trino-a.tls.key */
};

/* One struct that is being filled. */
struct target {
    const struct config_scope *scope;
    void *base;
    size_t path_start; /* where the paths of this scope begin in walker.path */
};

static void walk_map(struct walker *w, const struct target *t, const struct config_node *map);

static void *field_of(void *base, size_t offset)
{
    return (char *)base + offset;
}

static struct str path_in(const struct walker *w, const struct target *t)
{
    return str_of(w->path.p + t->path_start, w->path.n - t->path_start);
}

/* Appends a key to the path; the caller cuts it off again with w->path.n = before. */
static void push_key(struct walker *w, struct str key)
{
    if (w->path.n > 0)
        buf_put_c(&w->path, '.');
    buf_put_str(&w->path, key);
}

/* Calls for each key that may stand at this prefix: the next segment of the rows' paths. */
static bool next_segment(const struct config_row *row, struct str prefix, struct str *segment)
{
    struct str rest = str_c(row->path);

    if (row->type == CONFIG_T_SECTION || !str_starts(rest, prefix))
        return false;
    rest = str_skip(rest, prefix.n);
    if (prefix.n > 0 && (rest.n == 0 || rest.p[0] != '.'))
        return false;
    rest = str_skip(rest, prefix.n > 0);
    *segment = str_split(&rest, '.');
    return true;
}

static void list_keys(const struct config_scope *s, struct str prefix, struct buf *out)
{
    struct str segment, last = STR_NONE;

    for (size_t i = 0; i < s->row_count; i++) {
        if (!next_segment(&s->rows[i], prefix, &segment) || str_eq(segment, last))
            continue;
        buf_printf(out, "%s%.*s", last.n > 0 ? ", " : "", STR_ARG(segment));
        last = segment;
    }
}

static void report_unknown(struct walker *w, const struct target *t, struct str prefix,
                           const struct config_node *node)
{
    struct config_nearest best = {0};
    struct buf keys = buf_make(HINT_BYTES_MAX);
    struct config_quote q;
    struct str segment;

    for (size_t i = 0; i < t->scope->row_count; i++)
        if (next_segment(&t->scope->rows[i], prefix, &segment))
            config_nearest_offer(&best, node->key, segment);
    list_keys(t->scope, prefix, &keys);
    if (best.name.n > 0)
        config_problem(w->report, node->key_place, "unknown key '%s', did you mean '%.*s'?",
                       config_quote(&q, node->key), STR_ARG(best.name));
    else if (!keys.overflow)
        config_problem(w->report, node->key_place, "unknown key '%s', possible are %.*s",
                       config_quote(&q, node->key), STR_ARG(buf_str(&keys)));
    else
        config_problem(w->report, node->key_place, "unknown key '%s'", config_quote(&q, node->key));
    buf_reset(&keys);
}

static void apply_presets(struct walker *w, const struct target *t)
{
    for (size_t i = 0; i < t->scope->row_count; i++) {
        const struct config_row *row = &t->scope->rows[i];

        if (row->preset != NULL)
            config_value_preset(w->arena, row, field_of(t->base, row->offset));
    }
}

static void set_value(struct walker *w, const struct target *t, const struct config_row *row,
                      const struct config_node *node)
{
    struct config_value v = {w->arena, w->report, buf_str(&w->path)};

    config_value_set(&v, row, node, field_of(t->base, row->offset));
}

static bool expect_kind(struct walker *w, const struct config_node *node,
                        enum config_node_kind kind)
{
    if (node->kind == kind)
        return true;
    if (!node->broken)
        config_problem(w->report, node->place, "%.*s: needs a %s", STR_ARG(buf_str(&w->path)),
                       kind == CONFIG_NODE_LIST ? "list" : "mapping");
    return false;
}

/* Rows lie below sections, so their nodes are sought by path. */
static void check_required(struct walker *w, const struct target *t, const struct config_node *map,
                           struct config_place at)
{
    for (size_t i = 0; i < t->scope->row_count; i++) {
        const struct config_row *row = &t->scope->rows[i];

        if (!row->required || config_node_at(map, row->path) != NULL)
            continue;
        config_problem(w->report, at, "%.*s%s'%s' is missing", STR_ARG(buf_str(&w->path)),
                       w->path.n > 0 ? ": " : "", row->path);
    }
}

/* One entry of a list or map of structs, into zeroed memory. */
static void fill_entry(struct walker *w, const struct target *t, const struct config_node *node)
{
    bool bare = node->kind == CONFIG_NODE_SCALAR && t->scope->shorthand != NULL;

    apply_presets(w, t);
    if (bare)
        set_value(w, t, config_scope_find(t->scope, str_c(t->scope->shorthand)), node);
    else if (node->kind == CONFIG_NODE_NULL || expect_kind(w, node, CONFIG_NODE_MAP)) {
        check_required(w, t, node, node->key.n > 0 ? node->key_place : node->place);
        walk_map(w, t, node);
    }
}

static void set_name(struct walker *w, const struct target *t, const struct config_node *node)
{
    const char *name = arena_str(w->arena, node->key).p;
    struct config_quote q;

    memcpy(field_of(t->base, t->scope->name_offset), &name, sizeof(name));
    if (!config_is_name(node->key, KEY_BYTES_MAX))
        config_problem(w->report, node->key_place,
                       "'%s' is not a name for a %s (letters, digits, _ . -, at most 64)",
                       config_quote(&q, node->key), t->scope->label);
}

static void walk_structs(struct walker *w, const struct target *t, const struct config_row *row,
                         const struct config_node *node)
{
    bool by_name = row->type == CONFIG_T_MAP;
    size_t size = row->scope->size, before = w->path.n, i = 0;
    char *items;

    if (!expect_kind(w, node, by_name ? CONFIG_NODE_MAP : CONFIG_NODE_LIST))
        return;
    if (node->count < row->min)
        config_problem(w->report, node->place, "%.*s: at least one %s is needed",
                       STR_ARG(buf_str(&w->path)), row->scope->label);
    items = arena_zalloc(w->arena, (node->count + 1) * size);
    for (const struct config_node *c = node->first; c != NULL; c = c->next, i++) {
        struct target entry = {.scope = row->scope, .base = items + i * size};
        char index[32];

        if (by_name) {
            set_name(w, &entry, c);
            push_key(w, str_of(c->key.p, c->key.n < KEY_BYTES_MAX ? c->key.n : KEY_BYTES_MAX));
        } else {
            snprintf(index, sizeof(index), "[%zu]", i);
            buf_put_str(&w->path, str_c(index));
        }
        entry.path_start = w->path.n + 1;
        fill_entry(w, &entry, c);
        w->path.n = before;
    }
    memcpy(field_of(t->base, row->offset), &items, sizeof(items));
    memcpy(field_of(t->base, row->count_offset), &node->count, sizeof(node->count));
}

/* w->path ends with the node's key, of which the table knows. */
static void walk_node(struct walker *w, const struct target *t, const struct config_row *row,
                      const struct config_node *node)
{
    if (node->kind == CONFIG_NODE_NULL)
        return; /* as if absent */
    if (row == NULL) {
        if (expect_kind(w, node, CONFIG_NODE_MAP))
            walk_map(w, t, node);
    } else if (row->type == CONFIG_T_LIST || row->type == CONFIG_T_MAP) {
        walk_structs(w, t, row, node);
    } else {
        set_value(w, t, row, node);
    }
}

static void walk_key(struct walker *w, const struct target *t, struct str prefix,
                     const struct config_node *node)
{
    const struct config_row *row;
    size_t before = w->path.n;

    /* A dot would reach a row past its section. */
    if (node->key.n == 0 || node->key.n > KEY_BYTES_MAX || str_find(node->key, '.') < node->key.n) {
        report_unknown(w, t, prefix, node);
        return;
    }
    push_key(w, node->key);
    row = config_scope_find(t->scope, path_in(w, t));
    if (row != NULL || config_scope_has_section(t->scope, path_in(w, t)))
        walk_node(w, t, row, node);
    else
        report_unknown(w, t, prefix, node);
    w->path.n = before;
}

static void walk_map(struct walker *w, const struct target *t, const struct config_node *map)
{
    size_t n = w->path.n > t->path_start ? w->path.n - t->path_start : 0;
    /* A copy: the path buffer may move while keys are appended. */
    struct str prefix = arena_str(w->arena, str_of(n > 0 ? w->path.p + t->path_start : "", n));

    for (const struct config_node *c = map->first; c != NULL; c = c->next)
        walk_key(w, t, prefix, c);
}

void config_walk(struct config *c, const struct config_node *root, struct config_report *r)
{
    struct walker w = {.arena = &c->arena, .report = r, .path = buf_make(PATH_BYTES_MAX)};
    struct target t = {.scope = &config_root, .base = c};

    apply_presets(&w, &t);
    check_required(&w, &t, root, (struct config_place){1, 1});
    walk_map(&w, &t, root);
    assert(!w.path.overflow);
    buf_reset(&w.path);
}
