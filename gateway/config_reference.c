/* SPDX-License-Identifier: Apache-2.0 */
/* config_reference.c - the table as Markdown: docs/configuration.md.
 *
 * Sections in the order of the table; a nested scope follows its section with full paths such as
 * `backends.<name>.url`. */
#include "gateway/config_table.h"

#define PATH_BYTES_MAX 256

static const char intro[] =
    "# Configuration\n"
    "\n"
    "<!-- Made by `sleipnir --print-config-reference`. Do not edit: change gateway/config_table.c. "
    "-->\n"
    "\n"
    "One YAML file. `sleipnir --check -c FILE` says what is wrong with it, each problem as\n"
    "`file:line:column: text`. SIGHUP loads it again: a file with a problem changes nothing, and "
    "a\n"
    "setting marked *restart* keeps its old value until the gateway is started anew. Running\n"
    "statements keep the settings they began with.\n"
    "\n"
    "The smallest useful file:\n"
    "\n"
    "```yaml\n"
    "backends:\n"
    "  trino-a: {engine: trino, url: \"http://127.0.0.1:18080\"}\n"
    "```\n"
    "\n"
    "`conf/example.yaml` shows a larger one.\n"
    "\n"
    "- **Substitution.** In values, never in keys, `${ENV:NAME}` is an environment variable and\n"
    "  `${FILE:path}` the content of a regular file without the newline at its end; `$$` is a "
    "`$`.\n"
    "  What is missing is an error. What comes in is not read as YAML.\n"
    "- **Sizes** are whole numbers with B, kB, MB, GB (1000) or KiB, MiB, GiB (1024); bare numbers "
    "are\n"
    "  bytes. **Durations** are whole numbers with ms, s, m, h or d. 0 needs no unit.\n"
    "- **Names** are letters, digits, `_`, `.` and `-`, at most 64.\n"
    "- **Paths** that do not begin with `/` are relative to the working directory.\n"
    "- A key without a value, `~` or `null` is as good as absent: the default applies.\n"
    "- Anchors, aliases and tags of YAML, unknown keys and keys that occur twice are errors. The\n"
    "  file may have 1 MiB, a list or mapping 1000 entries.\n";

static void put_words(struct buf *out, const struct config_row *row)
{
    for (size_t i = 0; row->words[i] != NULL; i++)
        buf_printf(out, "%s`%s`", i > 0 ? ", " : " ", row->words[i]);
}

static void put_type(struct buf *out, const struct config_row *row)
{
    buf_printf(out, "%s", config_type_name(row->type));
    if (row->words != NULL)
        put_words(out, row);
    if (row->type != CONFIG_T_INT && row->type != CONFIG_T_SIZE && row->type != CONFIG_T_DURATION)
        return;
    buf_put_c(out, ' ');
    config_value_print(out, row->type, row->min);
    buf_put_str(out, STR(" … "));
    config_value_print(out, row->type, row->max);
    if (row->zero != NULL)
        buf_printf(out, "; 0 = %s", row->zero);
}

static void put_default(struct buf *out, const struct config_row *row)
{
    struct str rest = str_c(row->preset);
    bool first = true;

    if (row->preset_text != NULL)
        buf_printf(out, "%s", row->preset_text);
    else if (row->required)
        buf_printf(out, "*required*");
    else if (row->preset != NULL && rest.n == 0)
        buf_printf(out, "empty");
    else if (row->preset == NULL)
        buf_printf(out, "none");
    while (row->preset_text == NULL && rest.n > 0) {
        struct str item = str_split(&rest, ',');

        buf_printf(out, "%s`%.*s`", first ? "" : ", ", STR_ARG(item));
        first = false;
    }
}

static void put_row(struct buf *out, struct str prefix, const struct config_row *row)
{
    buf_printf(out, "| `%.*s%s` | ", STR_ARG(prefix), row->path);
    put_type(out, row);
    buf_put_str(out, STR(" | "));
    put_default(out, row);
    buf_printf(out, " | %s | %s |\n", row->restart ? "restart" : "yes", row->doc);
}

static void put_table_head(struct buf *out)
{
    buf_printf(out,
               "\n| setting | type | default | reload | what it does |\n|---|---|---|---|---|\n");
}

static void put_scope(struct buf *out, struct str prefix, const struct config_scope *s);

/* The rows of what nests in this one. */
static void put_nested(struct buf *out, struct str prefix, const struct config_row *row)
{
    struct buf path = buf_make(PATH_BYTES_MAX);

    buf_printf(&path, "%.*s%s%s.", STR_ARG(prefix), row->path,
               row->type == CONFIG_T_LIST ? "[]" : ".<name>");
    put_scope(out, buf_str(&path), row->scope);
    buf_reset(&path);
}

static void put_scope(struct buf *out, struct str prefix, const struct config_scope *s)
{
    for (size_t i = 0; i < s->row_count; i++) {
        put_row(out, prefix, &s->rows[i]);
        if (s->rows[i].scope != NULL)
            put_nested(out, prefix, &s->rows[i]);
    }
}

/* The first segment of a path, which is the section a row stands in. */
static struct str section_of(const struct config_row *row)
{
    struct str rest = str_c(row->path);

    return str_split(&rest, '.');
}

/* A row opens a section when it is one, or nests structs at the top. */
static bool opens_section(const struct config_row *row)
{
    return row->type == CONFIG_T_SECTION || (row->scope != NULL && strchr(row->path, '.') == NULL);
}

void config_print_reference(struct buf *out)
{
    struct str section = STR_NONE;

    buf_put_str(out, STR(intro));
    buf_printf(out, "\n## General\n");
    put_table_head(out);
    for (size_t i = 0; i < config_root.row_count; i++) {
        const struct config_row *row = &config_root.rows[i];

        if (opens_section(row) && !str_eq(section_of(row), section)) {
            section = section_of(row);
            buf_printf(out, "\n## %.*s\n", STR_ARG(section));
            if (row->type == CONFIG_T_SECTION)
                buf_printf(out, "\n%s\n", row->doc);
            put_table_head(out);
        }
        if (row->type == CONFIG_T_SECTION)
            continue;
        put_row(out, STR(""), row);
        if (row->scope != NULL)
            put_nested(out, STR(""), row);
    }
}
