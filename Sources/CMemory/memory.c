#include "memory_hints.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void return_freed_memory(int mapped_bytes, int kept_bytes) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, mapped_bytes);
    mallopt(M_TRIM_THRESHOLD, kept_bytes);
#else
    (void)mapped_bytes;
    (void)kept_bytes;
#endif
}

void trim_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
