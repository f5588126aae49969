/* An SQLite virtual file system that passes everything on to the platform's and fails calls on demand. */
#ifndef FAULT_VFS_H
#define FAULT_VFS_H

#include <stdint.h>

/* The calls that are counted and may fail. */
enum fault_call {
    FAULT_WRITE = 1,
    FAULT_SYNC = 2,
    FAULT_OPEN = 4,
    FAULT_TRUNCATE = 8,
    FAULT_DELETE = 16,
    FAULT_READ = 32,
};

/* How a failing write leaves the file. */
enum fault_mode {
    FAULT_NOTHING_WRITTEN = 0,
    FAULT_HALF_WRITTEN = 1,
    FAULT_ALL_WRITTEN = 2,
};

/* Registers the file system under the name "faulty"; later calls do nothing. Returns an SQLite result code. */
int fault_vfs_register(void);

/* Makes it the one that is used when none is named, in this process. */
int fault_vfs_make_default(void);

/* Writes to files whose path contains `path` wait until the next call; NULL: none waits any more. */
void fault_vfs_hold(const char *path);

/* From now on, of the calls in `calls` (bits of fault_call), those numbered `first` to `last` (the next one is 1) fail
   with the SQLite result code `code`. With first = 0 none fails; calls are counted anyway. Files whose path does not
   contain `path` (NULL: all) are left alone. */
void fault_vfs_arm(int calls, int64_t first, int64_t last, int code, int mode, const char *path);

/* From now on this share of the armed calls fails at random, in percent, whatever their numbers; 0: by number again.
   Reads that fail with SQLITE_IOERR_SHORT_READ give zeros. */
void fault_vfs_share(int percent, unsigned seed);

/* How many of the armed calls were seen since fault_vfs_arm. */
int64_t fault_vfs_count(void);

/* How many of them failed. */
int64_t fault_vfs_failed(void);

#endif
