#ifndef ODOMETER_PREFETCH_H
#define ODOMETER_PREFETCH_H

#include <stddef.h>

/* Asks the processor to bring the cache lines of these bytes near. Never faults, changes nothing. */
static inline void prefetch_bytes(const void *start, size_t count) {
    for (size_t offset = 0; offset < count; offset += 64) __builtin_prefetch((const char *)start + offset);
}

#endif
