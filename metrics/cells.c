/* SPDX-License-Identifier: Apache-2.0 */
/* cells.c - numbers that many threads add to without touching one another's cache lines.
 *
 * A thread takes one of SLOTS - 1 slots at its first update and gives it back when it ends; it
 * alone writes the cells of that slot, so an update is a plain load, add and store (relaxed
 * atomics, so that a scrape may read at any time). Threads that find no free slot share the last
 * one and pay for an atomic addition. A slot's sums stay when its thread ends; the next owner goes
 * on from them. */
#include "metrics/internal.h"

#define SLOT_NONE (-1)

static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;
static pthread_key_t slots_key;
static bool slots_key_made;
static uint64_t slots_taken;
static _Atomic int slots_high; /* slots ever used, the shared one not counted */
static _Thread_local int own_slot = SLOT_NONE;

static void on_thread_end(void *value)
{
    int slot = (int)(intptr_t)value - 1;

    own_slot = SLOT_SHARED; /* for destructors that run after this one */
    pthread_mutex_lock(&slots_lock);
    slots_taken &= ~(UINT64_C(1) << slot);
    pthread_mutex_unlock(&slots_lock);
}

static void make_key(void)
{
    slots_key_made = pthread_key_create(&slots_key, on_thread_end) == 0;
}

/* The lock orders a slot's owners one after the other. */
static int take_slot(void)
{
    int slot = SLOT_SHARED;

    pthread_once(&slots_once, make_key);
    pthread_mutex_lock(&slots_lock);
    if (slots_key_made && ~slots_taken << 1 != 0) {
        int free_slot = __builtin_ctzll(~slots_taken);

        if (pthread_setspecific(slots_key, (void *)(intptr_t)(free_slot + 1)) == 0) {
            slot = free_slot;
            slots_taken |= UINT64_C(1) << slot;
            if (slot >= atomic_load_explicit(&slots_high, memory_order_relaxed))
                atomic_store_explicit(&slots_high, slot + 1, memory_order_relaxed);
        }
    }
    pthread_mutex_unlock(&slots_lock);
    return own_slot = slot;
}

void cells_add(struct cells c, size_t i, uint64_t n)
{
    int slot = own_slot != SLOT_NONE ? own_slot : take_slot();
    cell_t *cell = c.first + (size_t)slot * SLOT_CELLS + i;

    if (slot == SLOT_SHARED)
        atomic_fetch_add_explicit(cell, n, memory_order_relaxed);
    else
        atomic_store_explicit(cell, atomic_load_explicit(cell, memory_order_relaxed) + n,
                              memory_order_relaxed);
}

uint64_t cells_sum(struct cells c, size_t i)
{
    uint64_t sum =
        atomic_load_explicit(c.first + SLOT_SHARED * SLOT_CELLS + i, memory_order_relaxed);
    int high = atomic_load_explicit(&slots_high, memory_order_relaxed);

    for (int slot = 0; slot < high; slot++)
        sum += atomic_load_explicit(c.first + (size_t)slot * SLOT_CELLS + i, memory_order_relaxed);
    return sum;
}
