/* SPDX-License-Identifier: Apache-2.0 */
/* fail.c - makes allocation number OOM_FAIL (from 1) fail, once; at the end the process writes how
 * many there were to the file OOM_COUNT. tests/oom/run drives it. */
#include "tests/oom/fail.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#undef malloc
#undef calloc
#undef realloc
#undef strdup

static atomic_ulong allocations;

static void write_count(void)
{
    const char *path = getenv("OOM_COUNT");
    FILE *f = path != NULL ? fopen(path, "w") : NULL;

    if (f != NULL) {
        fprintf(f, "%lu\n", atomic_load(&allocations));
        fclose(f);
    }
}

static bool fails(void)
{
    unsigned long number = atomic_fetch_add(&allocations, 1) + 1;
    const char *chosen = getenv("OOM_FAIL");

    if (number == 1)
        atexit(write_count);
    return chosen != NULL && strtoul(chosen, NULL, 10) == number;
}

void *oom_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

void *oom_calloc(size_t count, size_t n)
{
    return fails() ? NULL : calloc(count, n);
}

void *oom_realloc(void *p, size_t n)
{
    return fails() ? NULL : realloc(p, n);
}

char *oom_strdup(const char *s)
{
    return fails() ? NULL : strdup(s);
}
