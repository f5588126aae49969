#include "otlp_arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { first_block = 64 * 1024, kept_block = 1024 * 1024, alignment = 16 };

typedef struct block {
    struct block *next;
    size_t capacity;
    size_t used;
    /* Keeps the bytes that follow 16-byte aligned. */
    size_t padding;
} block;

struct otlp_arena {
    block *blocks;
    size_t limit;
    size_t used;
    bool exhausted;
    ProtobufCAllocator allocator;
};

static void *allocate(void *arena, size_t size) { return otlp_arena_allocate(arena, size); }

/* protobuf-c frees its parts one by one; the arena gives all back at once. */
static void ignore_free(void *arena, void *pointer) { (void)arena; (void)pointer; }

otlp_arena *otlp_arena_create(size_t limit) {
    otlp_arena *arena = calloc(1, sizeof(otlp_arena));
    if (arena == NULL) return NULL;
    arena->limit = limit;
    arena->allocator.alloc = allocate;
    arena->allocator.free = ignore_free;
    arena->allocator.allocator_data = arena;
    return arena;
}

static void free_blocks(block *first) {
    while (first != NULL) {
        block *next = first->next;
        free(first);
        first = next;
    }
}

void otlp_arena_destroy(otlp_arena *arena) {
    if (arena == NULL) return;
    free_blocks(arena->blocks);
    free(arena);
}

void otlp_arena_reset(otlp_arena *arena) {
    block *kept = arena->blocks;
    if (kept != NULL) {
        /* The newest block is the largest: keep it if it is moderate, so that steady traffic allocates nothing. */
        free_blocks(kept->next);
        kept->next = NULL;
        if (kept->capacity > kept_block) {
            free(kept);
            kept = NULL;
        } else {
            kept->used = 0;
        }
    }
    arena->blocks = kept;
    arena->used = 0;
    arena->exhausted = false;
}

void *otlp_arena_allocate(otlp_arena *arena, size_t size) {
    if (size > arena->limit) {
        arena->exhausted = true;
        return NULL;
    }
    size_t rounded = (size + (alignment - 1)) & ~(size_t)(alignment - 1);
    if (rounded > arena->limit - arena->used) {
        arena->exhausted = true;
        return NULL;
    }
    block *top = arena->blocks;
    if (top == NULL || top->capacity - top->used < rounded) {
        size_t capacity = top == NULL ? first_block : top->capacity * 2;
        if (capacity < rounded) capacity = rounded;
        if (capacity > arena->limit) capacity = rounded > arena->limit ? rounded : arena->limit;
        top = malloc(sizeof(block) + capacity);
        if (top == NULL) {
            arena->exhausted = true;
            return NULL;
        }
        top->next = arena->blocks;
        top->capacity = capacity;
        top->used = 0;
        arena->blocks = top;
    }
    void *result = (char *)(top + 1) + top->used;
    top->used += rounded;
    arena->used += rounded;
    return result;
}

bool otlp_arena_exhausted(const otlp_arena *arena) { return arena->exhausted; }

ProtobufCAllocator *otlp_arena_allocator(otlp_arena *arena) { return &arena->allocator; }
