#ifndef ODOMETER_ALLOCATIONS_H
#define ODOMETER_ALLOCATIONS_H

#include <stdint.h>

/* Calls of malloc, calloc, realloc and the aligned allocators since the program started, all threads together.
   0 for ever where the allocator cannot be wrapped (macOS). */
uint64_t allocation_count(void);

/* Bytes that are allocated now, what the allocator adds to each block included. 0 where the allocator does not tell. */
uint64_t allocated_bytes(void);

/* Gives free memory back to the system, as the collector does once a minute. */
void release_free_memory(void);

#endif
