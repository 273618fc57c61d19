/* SPDX-License-Identifier: Apache-2.0 */
/* config_diff.c - which changed settings a running gateway cannot take. */
#include "gateway/config_table.h"

static void put_path(struct buf *out, struct str prefix, const char *path)
{
    buf_printf(out, "%s%.*s%s", out->n > 0 ? ", " : "", STR_ARG(prefix), path);
}

static void compare_rows(const struct config_scope *s, struct str prefix, const void *a,
                         const void *b, struct buf *out)
{
    for (size_t i = 0; i < s->row_count; i++) {
        const struct config_row *row = &s->rows[i];
        const char *x = (const char *)a + row->offset, *y = (const char *)b + row->offset;

        if (row->restart && !row->alias && row->type != CONFIG_T_LIST &&
            !config_value_equal(row, x, y))
            put_path(out, prefix, row->path);
    }
}

/* Certificates are read again at a reload, but a socket stays plain or TLS. */
static void compare_listeners(const struct config *a, const struct config *b, struct buf *out)
{
    const struct config_row *row = config_scope_find(&config_root, STR("listeners"));

    if (a->listener_count != b->listener_count) {
        put_path(out, STR(""), row->path);
        return;
    }
    for (size_t i = 0; i < a->listener_count; i++) {
        const struct config_listener *x = &a->listeners[i], *y = &b->listeners[i];
        struct buf prefix = buf_make(64);

        buf_printf(&prefix, "%s[%zu].", row->path, i);
        compare_rows(row->scope, buf_str(&prefix), x, y, out);
        if ((x->certificate == NULL) != (y->certificate == NULL))
            put_path(out, buf_str(&prefix), "tls");
        buf_reset(&prefix);
    }
}

void config_restart_needed(const struct config *a, const struct config *b, struct buf *out)
{
    compare_rows(&config_root, STR(""), a, b, out);
    compare_listeners(a, b, out);
}
