/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - the command line. */
#include "gateway/cli_sql.h"
#include "gateway/config.h"
#include "gateway/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Sleipnir " SLEIPNIR_VERSION ": one Presto/Trino endpoint in front of many query engines\n"
    "\n"
    "  sleipnir [serve] -c FILE [--ready-file PATH]   serve until SIGTERM; SIGHUP reloads FILE\n"
    "  sleipnir check -c FILE                         read FILE and say what is wrong with it\n"
    "  sleipnir facts [--catalog C] [--schema S] [--dialect trino|presto] [--prepared NAME=SQL] < "
    "FILE\n"
    "                                                 what each statement of FILE does, as JSON\n"
    "  sleipnir format [--dialect trino|presto] < FILE\n"
    "                                                 the statements of FILE, printed prettily\n"
    "  sleipnir --print-config-reference              every setting, as Markdown\n"
    "  sleipnir --version | --help\n"
    "\n"
    "Documentation: docs/README.md\n";

enum command { SERVE, CHECK, REFERENCE, VERSION, HELP };

struct options {
    enum command command;
    const char *file, *ready_file;
};

static bool is(const char *arg, const char *a, const char *b)
{
    return strcmp(arg, a) == 0 || strcmp(arg, b) == 0;
}

static int parse(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];

        if (i == 1 && strcmp(arg, "serve") == 0) {
            o->command = SERVE;
        } else if (is(arg, "check", "--check")) {
            o->command = CHECK;
        } else if (is(arg, "--print-config-reference", "reference")) {
            o->command = REFERENCE;
        } else if (is(arg, "--version", "-V")) {
            o->command = VERSION;
        } else if (is(arg, "--help", "-h")) {
            o->command = HELP;
        } else if (is(arg, "-c", "--config") && i + 1 < argc) {
            o->file = argv[++i];
        } else if (strcmp(arg, "--ready-file") == 0 && i + 1 < argc) {
            o->ready_file = argv[++i];
        } else {
            fprintf(stderr, "sleipnir: unknown argument '%s', see sleipnir --help\n", arg);
            return ERR_INVALID;
        }
    }
    if ((o->command == SERVE || o->command == CHECK) && o->file == NULL) {
        fprintf(stderr, "sleipnir: -c FILE is missing, see sleipnir --help\n");
        return ERR_INVALID;
    }
    return OK;
}

static int check(const char *file)
{
    struct buf more = buf_make(1 << 20);
    struct config *c;
    struct error err;
    int rc = config_load(&c, file, &more, &err);

    if (rc == OK) {
        printf("%s: fine (%zu backends, %zu groups)\n", file, c->backend_count, c->group_count);
        config_free(c);
    } else {
        fprintf(stderr, "%s\n%.*s", err.text, STR_ARG(buf_str(&more)));
    }
    buf_reset(&more);
    return rc == OK ? 0 : 1;
}

static int reference(void)
{
    struct buf out = buf_make(1 << 20);

    config_print_reference(&out);
    fwrite(out.p, 1, out.n, stdout);
    buf_reset(&out);
    return 0;
}

int main(int argc, char **argv)
{
    struct options o = {.command = SERVE};

    if (argc > 1 && cli_sql_knows(argv[1]))
        return cli_sql_run(argc, argv);
    if (parse(&o, argc, argv) != OK)
        return 2;
    switch (o.command) {
    case CHECK:
        return check(o.file);
    case REFERENCE:
        return reference();
    case VERSION:
        puts("sleipnir " SLEIPNIR_VERSION " (" SLEIPNIR_REVISION ")");
        return 0;
    case HELP:
        fputs(usage, stdout);
        return 0;
    default:
        return server_run(o.file, o.ready_file);
    }
}
