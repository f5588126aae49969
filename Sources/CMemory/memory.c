#include "memory_hints.h"

/* Any header of the C library says which one it is; the compiler's own, all that is included so far, do not. */
#include <limits.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

int return_freed_memory(int mapped_bytes, int kept_bytes) {
#if defined(__GLIBC__)
    return mallopt(M_MMAP_THRESHOLD, mapped_bytes) && mallopt(M_TRIM_THRESHOLD, kept_bytes);
#else
    (void)mapped_bytes;
    (void)kept_bytes;
    return 0;
#endif
}

void trim_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
