/* SPDX-License-Identifier: Apache-2.0 */
/* fail.h - put before every source of the product in the flavour `oom`: its allocations go through
 * fail.c, those of the test programs and of libraries do not. */
#ifndef OOM_FAIL_H
#define OOM_FAIL_H

#include <stdlib.h>
#include <string.h>

void *oom_malloc(size_t n);
void *oom_calloc(size_t count, size_t n);
void *oom_realloc(void *p, size_t n);
char *oom_strdup(const char *s);

#undef strdup
#define malloc(n) oom_malloc(n)
#define calloc(count, n) oom_calloc(count, n)
#define realloc(p, n) oom_realloc(p, n)
#define strdup(s) oom_strdup(s)

#endif
