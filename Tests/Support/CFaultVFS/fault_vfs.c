#include "fault_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
    int is_watched;
    const char *name;
};

static sqlite3_vfs faulty;
static sqlite3_vfs *platform;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int armed_calls, armed_code, armed_mode;
static pthread_cond_t held_changed = PTHREAD_COND_INITIALIZER;
static char held_path[1024];
static int64_t armed_first, armed_last, seen, failed;
static char armed_path[1024];
static int share;
static unsigned seed;

int64_t fault_vfs_count(void) {
    pthread_mutex_lock(&lock);
    int64_t count = seen;
    pthread_mutex_unlock(&lock);
    return count;
}

int64_t fault_vfs_failed(void) {
    pthread_mutex_lock(&lock);
    int64_t count = failed;
    pthread_mutex_unlock(&lock);
    return count;
}

void fault_vfs_arm(int calls, int64_t first, int64_t last, int code, int mode, const char *path) {
    pthread_mutex_lock(&lock);
    armed_calls = calls;
    armed_first = first;
    armed_last = last;
    armed_code = code;
    armed_mode = mode;
    seen = failed = 0;
    share = 0;
    armed_path[0] = 0;
    if (path) strncat(armed_path, path, sizeof armed_path - 1);
    pthread_mutex_unlock(&lock);
}

void fault_vfs_share(int percent, unsigned start) {
    pthread_mutex_lock(&lock);
    share = percent;
    seed = start;
    pthread_mutex_unlock(&lock);
}

void fault_vfs_hold(const char *path) {
    pthread_mutex_lock(&lock);
    held_path[0] = 0;
    if (path) strncat(held_path, path, sizeof held_path - 1);
    pthread_cond_broadcast(&held_changed);
    pthread_mutex_unlock(&lock);
}

static void wait_while_held(const char *name) {
    pthread_mutex_lock(&lock);
    while (held_path[0] && name && strstr(name, held_path)) pthread_cond_wait(&held_changed, &lock);
    pthread_mutex_unlock(&lock);
}

int fault_vfs_make_default(void) {
    int code = fault_vfs_register();
    return code == SQLITE_OK ? sqlite3_vfs_register(&faulty, 1) : code;
}

static int is_watched(const char *name) {
    return armed_path[0] == 0 || (name && strstr(name, armed_path));
}

/* The code to fail with, or SQLITE_OK. */
static int fault(int call, int watched) {
    int code = SQLITE_OK;
    pthread_mutex_lock(&lock);
    if (watched && (armed_calls & call)) {
        seen += 1;
        int is_due = share > 0 ? rand_r(&seed) % 100 < share
                               : armed_first > 0 && seen >= armed_first && seen <= armed_last;
        if (is_due) {
            failed += 1;
            code = armed_code;
        }
    }
    pthread_mutex_unlock(&lock);
    return code;
}

#define REAL(file) (((struct fault_file *)(file))->real)
#define WATCHED(file) (((struct fault_file *)(file))->is_watched)

static int fault_close(sqlite3_file *file) {
    int code = REAL(file)->pMethods->xClose(REAL(file));
    free(REAL(file));
    return code;
}

static int fault_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    int code = fault(FAULT_READ, WATCHED(file));
    if (code == SQLITE_IOERR_SHORT_READ) memset(bytes, 0, (size_t)count);
    if (code != SQLITE_OK) return code;
    return REAL(file)->pMethods->xRead(REAL(file), bytes, count, offset);
}

static int fault_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    wait_while_held(((struct fault_file *)file)->name);
    int code = fault(FAULT_WRITE, WATCHED(file));
    if (code != SQLITE_OK) {
        int kept = armed_mode == FAULT_NOTHING_WRITTEN ? 0 : armed_mode == FAULT_HALF_WRITTEN ? count / 2 : count;
        if (kept > 0) REAL(file)->pMethods->xWrite(REAL(file), bytes, kept, offset);
        return code;
    }
    return REAL(file)->pMethods->xWrite(REAL(file), bytes, count, offset);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size) {
    int code = fault(FAULT_TRUNCATE, WATCHED(file));
    return code != SQLITE_OK ? code : REAL(file)->pMethods->xTruncate(REAL(file), size);
}

static int fault_sync(sqlite3_file *file, int flags) {
    int code = fault(FAULT_SYNC, WATCHED(file));
    return code != SQLITE_OK ? code : REAL(file)->pMethods->xSync(REAL(file), flags);
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *size) {
    return REAL(file)->pMethods->xFileSize(REAL(file), size);
}

static int fault_lock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xLock(REAL(file), level); }
static int fault_unlock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xUnlock(REAL(file), level); }

static int fault_is_locked(sqlite3_file *file, int *result) {
    return REAL(file)->pMethods->xCheckReservedLock(REAL(file), result);
}

static int fault_control(sqlite3_file *file, int operation, void *argument) {
    return REAL(file)->pMethods->xFileControl(REAL(file), operation, argument);
}

static int fault_sector(sqlite3_file *file) { return REAL(file)->pMethods->xSectorSize(REAL(file)); }
static int fault_traits(sqlite3_file *file) { return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file)); }

/* Version 1: no shared memory, which exclusive locking does without. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_is_locked,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_traits,
};

static int fault_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags) {
    struct fault_file *made = (struct fault_file *)file;
    (void)vfs;
    made->base.pMethods = NULL;
    made->is_watched = is_watched(name);
    made->name = name;
    int code = fault(FAULT_OPEN, made->is_watched);
    if (code != SQLITE_OK) return code;
    made->real = calloc(1, (size_t)platform->szOsFile);
    if (!made->real) return SQLITE_NOMEM;
    code = platform->xOpen(platform, name, made->real, flags, out_flags);
    if (code != SQLITE_OK) {
        free(made->real);
        return code;
    }
    made->base.pMethods = &methods;
    return SQLITE_OK;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    int code = fault(FAULT_DELETE, is_watched(name));
    return code != SQLITE_OK ? code : platform->xDelete(platform, name, sync);
}

int fault_vfs_register(void) {
    pthread_mutex_lock(&lock);
    int is_registered = platform != NULL;
    pthread_mutex_unlock(&lock);
    if (is_registered) return SQLITE_OK;
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (!found) return SQLITE_ERROR;
    pthread_mutex_lock(&lock);
    platform = found;
    faulty = *found;
    faulty.szOsFile = sizeof(struct fault_file);
    faulty.pNext = NULL;
    faulty.zName = "faulty";
    faulty.xOpen = fault_open;
    faulty.xDelete = fault_delete;
    pthread_mutex_unlock(&lock);
    return sqlite3_vfs_register(&faulty, 0);
}
