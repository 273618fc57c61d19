/* SPDX-License-Identifier: Apache-2.0 */
/* config_value.c - one value: from its node into its field, back to text, and compared.
 *
 * `types` has a row per type. A setter reports what is wrong and then leaves the field alone, so
 * that checking can go on with the default. Messages quote the value as the file has it, before
 * substitution; of secrets they quote nothing. */
#include "gateway/config_table.h"

#include <assert.h>
#include <stdio.h>

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit size_units[] = {
    {"GiB", UINT64_C(1) << 30},
    {"MiB", UINT64_C(1) << 20},
    {"KiB", UINT64_C(1) << 10},
    {"GB", 1000000000},
    {"MB", 1000000},
    {"kB", 1000},
    {"B", 1},
    {"", 1},
    {NULL, 0},
};
static const struct unit duration_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0},
};
static const struct unit int_units[] = {{"", 1}, {NULL, 0}};

typedef void setter(struct config_value *, const struct config_row *, const struct config_node *,
                    void *);
static setter set_bool, set_number, set_enum, set_codings, set_string, set_strings, set_single,
    set_renames;

static const struct type {
    const char *name;
    setter *set;
    const struct unit *units;
    const char *wrong; /* "'x' …" */
    const char *(*check)(struct str s);
    bool secret, strings;
} types[CONFIG_T_COUNT] = {
    [CONFIG_T_SECTION] = {.name = "mapping"},
    [CONFIG_T_LIST] = {.name = "list"},
    [CONFIG_T_MAP] = {.name = "mapping by name"},
    [CONFIG_T_BOOL] = {.name = "boolean", .set = set_bool},
    [CONFIG_T_INT] = {.name = "number",
                      .set = set_number,
                      .units = int_units,
                      .wrong = "is not a whole number"},
    [CONFIG_T_SIZE] = {.name = "size",
                       .set = set_number,
                       .units = size_units,
                       .wrong = "is not a size, write a whole number and KiB, MiB, GiB, kB, MB or "
                                "GB"},
    [CONFIG_T_DURATION] = {.name = "duration",
                           .set = set_number,
                           .units = duration_units,
                           .wrong = "is not a duration, write a whole number and ms, s, m, h or d"},
    [CONFIG_T_ENUM] = {.name = "one of", .set = set_enum},
    [CONFIG_T_CODINGS] = {.name = "list of", .set = set_codings},
    [CONFIG_T_STRING] = {.name = "string", .set = set_string},
    [CONFIG_T_TEXT] = {.name = "text", .set = set_string},
    [CONFIG_T_NAME] = {.name = "name", .set = set_string},
    [CONFIG_T_ADDRESS] = {.name = "address", .set = set_string, .check = config_check_address},
    [CONFIG_T_URL] = {.name = "URL", .set = set_string, .check = config_check_url},
    [CONFIG_T_NAMES] = {.name = "list of names", .set = set_strings, .strings = true},
    [CONFIG_T_CIDRS] = {.name = "list of networks",
                        .set = set_strings,
                        .strings = true,
                        .check = config_check_cidr},
    [CONFIG_T_KEYS] = {.name = "list of keys", .set = set_strings, .strings = true, .secret = true},
    [CONFIG_T_STATE_URL] = {.name = "Redis URL",
                            .set = set_single,
                            .strings = true,
                            .secret = true,
                            .check = config_check_state_url},
    [CONFIG_T_STATE_URLS] = {.name = "list of Redis URLs",
                             .set = set_strings,
                             .strings = true,
                             .secret = true,
                             .check = config_check_state_url},
    [CONFIG_T_RENAMES] = {.name = "mapping of names", .set = set_renames, .strings = true},
};

/* "path: 'value' what" */
static void wrong(struct config_value *v, const struct config_row *row,
                  const struct config_node *node, const char *what)
{
    struct config_quote q;

    if (types[row->type].secret)
        config_problem(v->report, node->place, "%.*s: the value %s", STR_ARG(v->path), what);
    else
        config_problem(v->report, node->place, "%.*s: '%s' %s", STR_ARG(v->path),
                       config_quote(&q, node->raw), what);
}

static bool expect(struct config_value *v, const struct config_node *node,
                   enum config_node_kind kind)
{
    static const char *const names[] = {"nothing", "a single value", "a list", "a mapping"};

    if (node->broken)
        return false;
    if (node->kind == kind)
        return true;
    config_problem(v->report, node->place, "%.*s: needs %s, here is %s", STR_ARG(v->path),
                   names[kind], names[node->kind]);
    return false;
}

static void store(const struct config_row *row, void *field, uint64_t value)
{
    unsigned narrow = (unsigned)value;

    assert(row->size == sizeof(narrow) || row->size == sizeof(value));
    if (row->size == sizeof(narrow))
        memcpy(field, &narrow, sizeof(narrow));
    else
        memcpy(field, &value, sizeof(value));
}

static void set_bool(struct config_value *v, const struct config_row *row,
                     const struct config_node *node, void *field)
{
    bool yes = str_eq(node->text, STR("true"));

    if (!expect(v, node, CONFIG_NODE_SCALAR))
        return;
    if (!yes && !str_eq(node->text, STR("false")))
        wrong(v, row, node, "is not a boolean, write true or false");
    else
        memcpy(field, &yes, sizeof(yes));
}

static bool parse_number(struct str s, const struct unit *units, uint64_t *out)
{
    size_t digits = 0;
    struct str unit;

    while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
        digits++;
    if (!str_to_u64(str_of(s.p, digits), out))
        return false;
    unit = str_trim(str_skip(s, digits));
    if (unit.n == 0 && *out == 0)
        return true; /* nothing needs no unit */
    for (; units->name != NULL; units++)
        if (str_eq(unit, str_c(units->name)))
            return !__builtin_mul_overflow(*out, units->factor, out);
    return false;
}

static void put_range(struct buf *out, const struct config_row *row)
{
    buf_printf(out, "is out of range (");
    config_value_print(out, row->type, row->min);
    buf_printf(out, " to ");
    config_value_print(out, row->type, row->max);
    if (row->zero != NULL)
        buf_printf(out, ", or 0: %s", row->zero);
    buf_put(out, ")", 2); /* with the NUL */
}

static void set_number(struct config_value *v, const struct config_row *row,
                       const struct config_node *node, void *field)
{
    uint64_t value;

    if (!expect(v, node, CONFIG_NODE_SCALAR))
        return;
    if (!parse_number(node->text, types[row->type].units, &value)) {
        wrong(v, row, node, types[row->type].wrong);
    } else if ((value < row->min || value > row->max) && (row->zero == NULL || value != 0)) {
        struct buf text = buf_make(256);

        put_range(&text, row);
        wrong(v, row, node, text.p);
        buf_reset(&text);
    } else {
        store(row, field, value);
    }
}

/* The position of the node's text among the row's words, or -1 after a report. */
static int find_word(struct config_value *v, const struct config_row *row,
                     const struct config_node *node)
{
    struct config_nearest best = {0};
    char text[200];
    size_t n;

    n = (size_t)snprintf(text, sizeof(text), "is none of");
    for (int i = 0; row->words[i] != NULL; i++) {
        if (str_eq(node->text, str_c(row->words[i])))
            return i;
        config_nearest_offer(&best, node->raw, str_c(row->words[i]));
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s", i > 0 ? "," : "", row->words[i]);
    }
    if (best.name.n > 0)
        snprintf(text + n, sizeof(text) - n, "; did you mean '%.*s'?", STR_ARG(best.name));
    wrong(v, row, node, text);
    return -1;
}

static void set_enum(struct config_value *v, const struct config_row *row,
                     const struct config_node *node, void *field)
{
    int word = expect(v, node, CONFIG_NODE_SCALAR) ? find_word(v, row, node) : -1;

    if (word >= 0)
        store(row, field, (uint64_t)word);
}

static void set_codings(struct config_value *v, const struct config_row *row,
                        const struct config_node *node, void *field)
{
    unsigned bits = 0;

    if (!expect(v, node, CONFIG_NODE_LIST))
        return;
    for (const struct config_node *c = node->first; c != NULL; c = c->next) {
        int word = expect(v, c, CONFIG_NODE_SCALAR) ? find_word(v, row, c) : -1;

        bits |= word >= 0 ? 1u << word : 0;
    }
    store(row, field, bits);
}

/* Characters of terminals and log files, and NUL, where our strings end. */
static bool has_control(struct str s, bool text)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if ((c < 0x20 || c == 0x7f) && !(text && (c == '\n' || c == '\t')))
            return true;
    }
    return false;
}

static bool is_key(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (strchr("0123456789abcdefABCDEF", s.p[i]) == NULL)
            return false;
    return s.n == 64;
}

static bool check_string(struct config_value *v, const struct config_row *row,
                         const struct config_node *node, struct str s)
{
    const char *problem = NULL;

    if (has_control(s, row->type == CONFIG_T_TEXT))
        problem = "holds control characters";
    else if (row->type == CONFIG_T_NAME && !config_is_name(s, row->max))
        problem = "is not a name (letters, digits, _ . -)";
    else if ((row->type == CONFIG_T_NAMES || row->type == CONFIG_T_RENAMES) &&
             !config_is_name(s, 255))
        problem = "is not a name (letters, digits, _ . -)";
    else if (row->type == CONFIG_T_KEYS && !is_key(s))
        problem = "is not a key of 64 hex digits";
    else if (types[row->type].check != NULL)
        problem = types[row->type].check(s);
    if (problem != NULL)
        wrong(v, row, node, problem);
    return problem == NULL;
}

static void set_string(struct config_value *v, const struct config_row *row,
                       const struct config_node *node, void *field)
{
    struct str s = node->text;
    const char *copy;

    if (!expect(v, node, CONFIG_NODE_SCALAR))
        return;
    while (row->type == CONFIG_T_TEXT && s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == ' '))
        s.n--;
    if (s.n < row->min || s.n > row->max) {
        wrong(v, row, node, s.n < row->min ? "must not be empty" : "is too long");
        return;
    }
    if (!check_string(v, row, node, s))
        return;
    while (row->type == CONFIG_T_URL && str_ends(s, STR("/")))
        s.n--; /* paths are put behind it */
    copy = arena_str(v->arena, s).p;
    memcpy(field, &copy, sizeof(copy));
}

/* Takes one item; networks always get their prefix length. */
static void add_string(struct config_value *v, const struct config_row *row,
                       const struct config_node *node, struct config_strings *list)
{
    struct str s = node->text;

    if (!expect(v, node, CONFIG_NODE_SCALAR) || !check_string(v, row, node, s))
        return;
    if (row->type == CONFIG_T_CIDRS && str_find(s, '/') == s.n)
        s = arena_printf(v->arena, "%.*s/%d", STR_ARG(s), str_find(s, ':') < s.n ? 128 : 32);
    list->items[list->count++] = arena_str(v->arena, s).p;
}

static bool open_strings(struct config_value *v, const struct config_row *row,
                         const struct config_node *node, struct config_strings *list)
{
    if (node->count > row->max) {
        config_problem(v->report, node->place, "%.*s: %zu entries, %zu are allowed",
                       STR_ARG(v->path), node->count, (size_t)row->max);
        return false;
    }
    *list = (struct config_strings){
        arena_zalloc(v->arena, (node->count + 1) * sizeof(*list->items)), 0};
    return true;
}

static void set_strings(struct config_value *v, const struct config_row *row,
                        const struct config_node *node, void *field)
{
    struct config_strings list;

    if (!expect(v, node, CONFIG_NODE_LIST) || !open_strings(v, row, node, &list))
        return;
    for (const struct config_node *c = node->first; c != NULL; c = c->next)
        add_string(v, row, c, &list);
    memcpy(field, &list, sizeof(list));
}

static void set_single(struct config_value *v, const struct config_row *row,
                       const struct config_node *node, void *field)
{
    struct config_strings list;

    if (!expect(v, node, CONFIG_NODE_SCALAR) || !open_strings(v, row, node, &list))
        return;
    add_string(v, row, node, &list);
    memcpy(field, &list, sizeof(list));
}

static void set_renames(struct config_value *v, const struct config_row *row,
                        const struct config_node *node, void *field)
{
    struct config_strings list;
    struct config_quote q;

    if (!expect(v, node, CONFIG_NODE_MAP) || !open_strings(v, row, node, &list))
        return;
    for (const struct config_node *c = node->first; c != NULL; c = c->next) {
        if (!config_is_name(c->key, 255))
            config_problem(v->report, c->key_place, "%.*s: '%s' is not a name", STR_ARG(v->path),
                           config_quote(&q, c->key));
        else if (expect(v, c, CONFIG_NODE_SCALAR) && check_string(v, row, c, c->text))
            list.items[list.count++] =
                arena_printf(v->arena, "%.*s=%.*s", STR_ARG(c->key), STR_ARG(c->text)).p;
    }
    memcpy(field, &list, sizeof(list));
}

void config_value_set(struct config_value *v, const struct config_row *row,
                      const struct config_node *node, void *field)
{
    types[row->type].set(v, row, node, field);
}

/* A preset is written as in the file, except that lists have commas and maps are empty. */
void config_value_preset(struct arena *a, const struct config_row *row, void *field)
{
    struct config_report report = {.file = "preset"};
    struct config_value v = {a, &report, str_c(row->path)};
    struct config_node node = {.kind = CONFIG_NODE_SCALAR, .raw = str_c(row->preset)}, items[8];
    struct str rest = node.raw;

    if (row->type == CONFIG_T_RENAMES)
        node.kind = CONFIG_NODE_MAP;
    else if (types[row->type].strings || row->type == CONFIG_T_CODINGS)
        node.kind = CONFIG_NODE_LIST;
    node.text = node.raw;
    while (node.kind == CONFIG_NODE_LIST && rest.n > 0) {
        struct config_node *item = &items[node.count++];

        assert(node.count <= ARRAY_LEN(items));
        *item = (struct config_node){.kind = CONFIG_NODE_SCALAR, .text = str_split(&rest, ',')};
        if (node.count > 1)
            item[-1].next = item;
        node.first = items;
    }
    config_value_set(&v, row, &node, field);
    assert(report.problems == 0);
}

static bool strings_equal(const struct config_strings *a, const struct config_strings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

bool config_value_equal(const struct config_row *row, const void *a, const void *b)
{
    const char *x, *y;

    if (types[row->type].strings)
        return strings_equal(a, b);
    if (types[row->type].set != set_string)
        return memcmp(a, b, row->size) == 0;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x == NULL || y == NULL ? x == y : strcmp(x, y) == 0;
}

void config_value_print(struct buf *out, enum config_type type, uint64_t v)
{
    for (const struct unit *u = types[type].units; u->name != NULL; u++)
        if (v % u->factor == 0 && v >= u->factor) {
            buf_printf(out, "%llu%s", (unsigned long long)(v / u->factor), u->name);
            return;
        }
    buf_put_c(out, '0');
}

const char *config_type_name(enum config_type type)
{
    return types[type].name;
}
