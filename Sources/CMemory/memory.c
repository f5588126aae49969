#include "memory_hints.h"

#if defined(__linux__)
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

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

#if defined(__linux__)
static int release_segments(struct dl_phdr_info *program, size_t size, void *context) {
    (void)size;
    (void)context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < program->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
        uintptr_t start = (program->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (program->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~(page - 1);
        if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    /* The program itself comes first; its libraries are shared with others. */
    return 1;
}
#endif

void release_program_pages(void) {
#if defined(__linux__)
    dl_iterate_phdr(release_segments, NULL);
#endif
}
