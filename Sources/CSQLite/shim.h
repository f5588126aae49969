#include <sqlite3.h>

/* SQLite's functions with a variable argument list, in a form that Swift can call. */

/* Closing this connection leaves the write-ahead log as it is: its bytes are never written a second time. */
static inline int csqlite_keep_log_on_close(sqlite3 *connection) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
