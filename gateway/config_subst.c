/* SPDX-License-Identifier: Apache-2.0 */
/* config_subst.c - `${ENV:NAME}`, `${FILE:path}` and `$$` inside of values.
 *
 * Substitution happens once, after YAML: what comes in is never read as YAML or substituted again.
 * What is missing is a problem, not an empty string. A single `$` stands for itself. */
#include "gateway/config_node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALUE_BYTES_MAX (64u << 10)
#define PATH_BYTES_MAX 4096

struct subst {
    struct arena *arena;      /* borrowed */
    struct config_node *node; /* borrowed */
    struct config_report *report;
    struct buf out;
};

static bool is_env_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!(c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return s.n > 0;
}

static bool put_env(struct subst *s, struct str name)
{
    struct config_quote q;
    const char *value;

    if (!is_env_name(name)) {
        config_problem(s->report, s->node->place, "'%s' is not the name of an environment variable",
                       config_quote(&q, name));
        return false;
    }
    value = getenv(arena_str(s->arena, name).p);
    if (value == NULL) {
        config_problem(s->report, s->node->place, "environment variable '%s' is not set",
                       config_quote(&q, name));
        return false;
    }
    buf_put_str(&s->out, str_c(value));
    return true;
}

/* NULL or why not. */
static const char *read_file(struct buf *out, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *problem = NULL;
    struct stat st;
    ssize_t n = 1;
    char chunk[4096];

    if (fd < 0)
        return strerror(errno);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        problem = "not a regular file";
    while (problem == NULL && !out->overflow && n > 0) {
        n = read(fd, chunk, sizeof(chunk));
        if (n < 0)
            problem = strerror(errno);
        else
            buf_put(out, chunk, (size_t)n);
    }
    close(fd);
    return problem;
}

static bool put_file(struct subst *s, struct str path)
{
    const char *problem = "not a path";
    size_t before = s->out.n;
    struct config_quote q;

    if (path.n > 0 && path.n < PATH_BYTES_MAX && str_find(path, '\0') == path.n)
        problem = read_file(&s->out, arena_str(s->arena, path).p);
    if (problem != NULL) {
        config_problem(s->report, s->node->place, "cannot read file '%s': %s",
                       config_quote(&q, path), problem);
        return false;
    }
    if (s->out.n > before && s->out.p[s->out.n - 1] == '\n')
        s->out.n--;
    if (s->out.n > before && s->out.p[s->out.n - 1] == '\r')
        s->out.n--;
    return true;
}

/* `what` is what stands between `${` and `}`. */
static bool put_reference(struct subst *s, struct str what)
{
    struct config_quote q;

    if (str_starts(what, STR("ENV:")))
        return put_env(s, str_skip(what, 4));
    if (str_starts(what, STR("FILE:")))
        return put_file(s, str_skip(what, 5));
    config_problem(s->report, s->node->place,
                   "unknown substitution '${%s}', write ${ENV:NAME}, ${FILE:path} or $$ for $",
                   config_quote(&q, what));
    return false;
}

static bool put_all(struct subst *s, struct str rest)
{
    while (rest.n > 0) {
        size_t at = str_find(rest, '$'), end;

        buf_put(&s->out, rest.p, at);
        rest = str_skip(rest, at);
        if (str_starts(rest, STR("${"))) {
            end = str_find(rest, '}');
            if (end == rest.n) {
                config_problem(s->report, s->node->place, "'${' without '}'");
                return false;
            }
            if (!put_reference(s, str_of(rest.p + 2, end - 2)))
                return false;
            rest = str_skip(rest, end + 1);
        } else if (rest.n > 0) {
            buf_put_c(&s->out, '$');
            rest = str_skip(rest, str_starts(rest, STR("$$")) ? 2 : 1);
        }
    }
    return true;
}

void config_substitute(struct arena *a, struct config_node *node, size_t *budget,
                       struct config_report *r)
{
    struct subst s = {.arena = a, .node = node, .report = r, .out = buf_make(VALUE_BYTES_MAX)};

    if (str_find(node->raw, '$') == node->raw.n)
        return;
    node->broken = !put_all(&s, node->raw);
    if (!node->broken && (s.out.overflow || s.out.n > *budget)) {
        config_problem(r, node->place, "the value is too long, 64KiB are allowed");
        node->broken = true;
    }
    if (!node->broken) {
        *budget -= s.out.n;
        node->text = arena_str(a, buf_str(&s.out));
    }
    buf_reset(&s.out);
}
