/* SPDX-License-Identifier: Apache-2.0 */
/* config.c - from a file to a snapshot: read, tree, walk, complete. See config.h.
 *
 * config_report.c  problems and their places        config_table.c   the rows
 * config_yaml.c    bytes to tree                    config_walk.c    tree and rows to struct config
 * config_subst.c   ${ENV:} and ${FILE:}             config_value.c   single values, by type
 * config_complete.c, config_routing.c  checks       config_syntax.c  addresses, URLs, networks
 * config_reference.c  the documentation             config_diff.c    what a reload cannot take */
#include "gateway/config_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_BYTES_MAX (1u << 20)

int config_parse(struct config **out, const char *file, struct str yaml, struct buf *more,
                 struct error *err)
{
    struct config_report report = {.file = file, .err = err, .more = more};
    struct config *c = NEW(struct config);
    const struct config_node *root;
    struct arena tree = {0};

    c->file = arena_str(&c->arena, str_c(file)).p;
    if (yaml.n > FILE_BYTES_MAX)
        config_problem(&report, (struct config_place){1, 1},
                       "the file is too large, 1MiB is allowed");
    else if ((root = config_yaml_read(&tree, yaml, &report)) != NULL) {
        config_walk(c, root, &report);
        config_complete(c, root, &report);
        config_check_routing(c, root, &report);
    }
    arena_reset(&tree);
    if (report.problems > 0) {
        config_free(c);
        return ERR_INVALID;
    }
    *out = c;
    return OK;
}

/* One byte more than is allowed may come, which config_parse() then refuses. */
static int read_all(int fd, struct buf *out)
{
    for (;;) {
        size_t room = out->max - out->n < 65536 ? out->max - out->n : 65536;
        char *at = room > 0 ? buf_reserve(out, room) : NULL;
        ssize_t n = at != NULL ? read(fd, at, room) : 0;

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : 0;
        out->n += (size_t)n;
    }
}

int config_load(struct config **out, const char *file, struct buf *more, struct error *err)
{
    struct buf yaml = buf_make(FILE_BYTES_MAX + 1);
    int fd = open(file, O_RDONLY | O_CLOEXEC), rc, problem = errno;

    if (fd < 0)
        return error_set(err, problem == ENOENT ? ERR_NOT_FOUND : ERR_INVALID,
                         "%.180s: cannot open: %s", file, strerror(problem));
    problem = read_all(fd, &yaml);
    close(fd);
    if (problem != 0)
        rc = error_set(err, ERR_INVALID, "%.180s: cannot read: %s", file, strerror(problem));
    else
        rc = config_parse(out, file, buf_str(&yaml), more, err);
    buf_reset(&yaml);
    return rc;
}

void config_free(struct config *c)
{
    if (c == NULL)
        return;
    arena_reset(&c->arena);
    free(c);
}
