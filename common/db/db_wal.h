/* db_wal.h - SQLite's write-ahead log: preallocates it, and checkpoints it.
 *
 * A sync of a file that has grown writes its metadata too, which takes nearly as long again as the data. So the log grows in large steps
 * of zeros, ahead of what is written; SQLite reads no further than what it wrote, as with a log that was restarted. The
 * zeros are written while a commit holds the writer's lock: no other process appends meanwhile. */

#ifndef OPENCICD_DB_WAL_H
#define OPENCICD_DB_WAL_H

#include <sqlite3.h>
#include <stdint.h>

typedef struct {
    sqlite3 *db;
    int64_t frame; // Bytes that a page takes
    int64_t used;  // Bytes in use after the last commit; 0 for none
    int64_t size;  // Size of the file when it was last checked
} db_wal_t;

// Takes the connection's hooks. Borrows both.
void db_wal_watch (db_wal_t *self, sqlite3 *db);

#endif
