#include "memory_arena.h"

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

struct memory_arena {
    block *blocks;
    size_t limit;
    size_t used;
    bool exhausted;
};

memory_arena *memory_arena_create(size_t limit) {
    memory_arena *arena = calloc(1, sizeof(memory_arena));
    if (arena == NULL) return NULL;
    arena->limit = limit;
    return arena;
}

static void free_blocks(block *first) {
    while (first != NULL) {
        block *next = first->next;
        free(first);
        first = next;
    }
}

void memory_arena_destroy(memory_arena *arena) {
    if (arena == NULL) return;
    free_blocks(arena->blocks);
    free(arena);
}

void memory_arena_reset(memory_arena *arena) {
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

void *memory_arena_allocate(memory_arena *arena, size_t size) {
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

bool memory_arena_exhausted(const memory_arena *arena) { return arena->exhausted; }
