/* SPDX-License-Identifier: Apache-2.0 */
/* mem.h - allocation of small control-plane objects, and arenas.
 *
 * These abort when memory is gone: no caller can do better for a few hundred bytes. Data whose size
 * an outsider chooses goes through a bounded `struct buf` or a budget instead. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/str.h"

void *mem_alloc(size_t n);  /* not zeroed */
void *mem_zalloc(size_t n); /* zeroed */
void *mem_resize(void *p, size_t n);

#define NEW(type) ((type *)mem_zalloc(sizeof(type)))

/* A bump allocator: everything is freed at once. Not thread-safe. */
struct arena {
    struct arena_block *head;
    size_t used_bytes; /* handed out so far */
};

/* 16-byte aligned, not zeroed, never NULL. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_zalloc(struct arena *a, size_t n);

/* A NUL-terminated copy inside the arena. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Forgets all but keeps one block for the next use. */
void arena_clear(struct arena *a);

/* Frees all; the arena may be used again. A zeroed struct is a valid empty arena. */
void arena_reset(struct arena *a);

#endif
