#ifndef ODOMETER_OTLP_ARENA_H
#define ODOMETER_OTLP_ARENA_H

#include <stddef.h>
#include <stdbool.h>
#include <protobuf-c/protobuf-c.h>

/* Bump allocation with a byte limit, as an allocator for protobuf-c. Nothing is freed one by one: reset gives all back.
   Not thread-safe. */
typedef struct otlp_arena otlp_arena;

/* An empty arena that will never hold more than `limit` bytes. NULL when there is no memory. */
otlp_arena *otlp_arena_create(size_t limit);
void otlp_arena_destroy(otlp_arena *arena);

/* Forgets every allocation. Keeps one block of at most 1 MiB for the next export. */
void otlp_arena_reset(otlp_arena *arena);

/* `size` bytes aligned to 16, not initialized; NULL beyond the limit, which `otlp_arena_exhausted` then tells. */
void *otlp_arena_allocate(otlp_arena *arena, size_t size);

/* Whether an allocation was refused since the last reset. */
bool otlp_arena_exhausted(const otlp_arena *arena);

/* The arena as a protobuf-c allocator; valid as long as the arena. */
ProtobufCAllocator *otlp_arena_allocator(otlp_arena *arena);

#endif
