#ifndef ODOMETER_MEMORY_HINTS_H
#define ODOMETER_MEMORY_HINTS_H

#include <stddef.h>

/* Asks the processor to bring the cache lines of these bytes near. Never faults, changes nothing. */
static inline void prefetch_bytes(const void *start, size_t count) {
    for (size_t offset = 0; offset < count; offset += 64) __builtin_prefetch((const char *)start + offset);
}

/* Has blocks beyond `mapped_bytes` go back to the system when they are freed, and at most `kept_bytes` of free memory
   stay at the end of the heap. To be called before other threads start. Returns 0 where the C library cannot be told:
   beside glibc. */
int return_freed_memory(int mapped_bytes, int kept_bytes);

/* Unmaps what was read of the program's own file so far: code and constants, which nobody can have changed. What is used
   again is mapped again from the file, without reading it anew as long as the system has it. Linux only. */
void release_program_pages(void);

/* Gives free pages in the midst of the heap back to the system. Costs time in proportion to the heap. */
void trim_memory(void);

#endif
