/* SPDX-License-Identifier: Apache-2.0 */
/* mem.c - see mem.h. Arena blocks double from 1 KiB to 64 KiB; a larger request gets its own. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK_MIN_BYTES 1024
#define BLOCK_MAX_BYTES 65536
#define ALIGN_BYTES 16

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(ALIGN_BYTES) char data[];
};

static void *checked(void *p)
{
    if (p == NULL) {
        fputs("sleipnir: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_alloc(size_t n)
{
    return checked(malloc(n > 0 ? n : 1));
}

void *mem_zalloc(size_t n)
{
    return checked(calloc(1, n > 0 ? n : 1));
}

void *mem_resize(void *p, size_t n)
{
    return checked(realloc(p, n > 0 ? n : 1));
}

void *arena_alloc(struct arena *a, size_t n)
{
    struct arena_block *b = a->head;

    n = (n + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
    if (b == NULL || b->size - b->used < n) {
        size_t size = b == NULL ? BLOCK_MIN_BYTES : b->size * 2;

        size = size > BLOCK_MAX_BYTES ? BLOCK_MAX_BYTES : size;
        size = size < n ? n : size;
        b = mem_alloc(sizeof(*b) + size);
        b->used = 0;
        b->size = size;
        b->next = a->head;
        a->head = b;
    }
    b->used += n;
    a->used_bytes += n;
    return b->data + b->used - n;
}

void *arena_zalloc(struct arena *a, size_t n)
{
    return memset(arena_alloc(a, n), 0, n);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.n + 1);

    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return str_of(copy, s.n);
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    char *text;
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    n = n < 0 ? 0 : n;
    text = arena_alloc(a, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return str_of(text, (size_t)n);
}

void arena_clear(struct arena *a)
{
    struct arena_block *keep = a->head;

    if (keep == NULL || (a->used_bytes == 0 && keep->next == NULL))
        return;
    a->head = keep->next;
    arena_reset(a);
    keep->next = NULL;
    keep->used = 0;
    a->head = keep;
}

void arena_reset(struct arena *a)
{
    for (struct arena_block *b = a->head, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    *a = (struct arena){0};
}
