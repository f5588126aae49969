#ifndef ODOMETER_MEMORY_ARENA_H
#define ODOMETER_MEMORY_ARENA_H

#include <stddef.h>
#include <stdbool.h>

/* Bump allocation with a byte limit. Nothing is freed one by one: reset gives all back. Not thread-safe. */
typedef struct memory_arena memory_arena;

/* An empty arena that will never hold more than `limit` bytes. NULL when there is no memory. */
memory_arena *memory_arena_create(size_t limit);
void memory_arena_destroy(memory_arena *arena);

/* Forgets every allocation. Keeps one block of at most 1 MiB for the next export. */
void memory_arena_reset(memory_arena *arena);

/* `size` bytes aligned to 16, not initialized; NULL beyond the limit, which `memory_arena_exhausted` then tells. */
void *memory_arena_allocate(memory_arena *arena, size_t size);

/* Whether an allocation was refused since the last reset. */
bool memory_arena_exhausted(const memory_arena *arena);

#endif
