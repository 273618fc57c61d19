/* SPDX-License-Identifier: Apache-2.0 */
/* header_text.h - for tests: headers as lines of text, and the recorded exchanges of real clients.
 */
#ifndef TESTS_UNIT_HEADER_TEXT_H
#define TESTS_UNIT_HEADER_TEXT_H

#include "base/header.h"
#include "base/mem.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define HEADERS_MAX 64

struct header_text {
    struct header items[HEADERS_MAX];
    size_t count;
};

/* "Name: value" lines, ended by LF or CRLF; what has no colon is left out. */
static inline void header_text_parse(struct header_text *out, struct str text)
{
    out->count = 0;
    while (text.p != NULL && out->count < HEADERS_MAX) {
        struct str value = str_split(&text, '\n'), name;

        if (str_ends(value, STR("\r")))
            value.n--;
        name = str_split(&value, ':');
        if (value.p != NULL && name.n > 0)
            out->items[out->count++] = (struct header){name, str_trim(value)};
    }
}

static inline const char *wire_root(void)
{
    const char *data = getenv("SLEIPNIR_TESTDATA");
    static char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s/wire", data != NULL ? data : "../shared/testdata");
    snprintf(path + strlen(path), sizeof(path) - strlen(path), "/MANIFEST.md");
    f = fopen(path, "r");
    if (f == NULL) {
        printf("*** NO RECORDINGS at %s: set SLEIPNIR_TESTDATA; their replay is SKIPPED ***\n",
               path);
        return NULL;
    }
    fclose(f);
    *strrchr(path, '/') = '\0';
    return path;
}

/* Calls `use` with the headers under `key` of each recorded exchange below `root`/`pattern`;
 * returns how many there were. */
static inline size_t wire_each(const char *root, const char *pattern, const char *key,
                               void (*use)(const struct header_text *h, json_t *exchange))
{
    char path[1024];
    glob_t files;
    size_t count = 0;

    snprintf(path, sizeof(path), "%s/%s", root, pattern);
    if (glob(path, 0, NULL, &files) != 0)
        return 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        FILE *f = fopen(files.gl_pathv[i], "r");
        char *line = NULL;
        size_t room = 0;
        ssize_t n;

        while (f != NULL && (n = getline(&line, &room, f)) > 0) {
            json_t *exchange = json_loadb(line, (size_t)n, 0, NULL), *pair;
            json_t *list = json_object_get(exchange, key);
            struct header_text h = {.count = 0};
            size_t k;

            json_array_foreach(list, k, pair)
            {
                const char *name = json_string_value(json_array_get(pair, 0));
                const char *value = json_string_value(json_array_get(pair, 1));

                h.items[h.count++] = (struct header){str_c(name), str_trim(str_c(value))};
            }
            if (list != NULL) {
                use(&h, exchange);
                count++;
            }
            json_decref(exchange);
        }
        free(line);
        if (f != NULL)
            fclose(f);
    }
    globfree(&files);
    return count;
}

#endif
