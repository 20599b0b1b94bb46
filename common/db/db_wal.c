/* db_wal.c - see db_wal.h. */

#include "common/db/db_wal.h"

#include <stddef.h>

#define CHECKPOINT_BYTES (16 << 20)  // From this many pages on it is checkpointed
#define ROOM             (128 << 10) // More than most commits write
#define PIECE            (512 << 10) // It grows by this many bytes
#define HEADER           32
#define FRAME_HEADER     24

static int64_t page_size (sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int64_t size = 0;
    if (sqlite3_prepare_v2 (db, "pragma page_size", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step (statement) == SQLITE_ROW)
        size = sqlite3_column_int64 (statement, 0);
    sqlite3_finalize (statement);
    return size;
}

// Ignore a full disk here: the commit itself fails if it needs more.
static void grow (db_wal_t *self, sqlite3_file *file)
{
    static const char zeros[64 << 10];
    for (int64_t end = self->size + PIECE; self->size < end; self->size += (int64_t) sizeof (zeros))
        if (file->pMethods->xWrite (file, zeros, sizeof (zeros), self->size) != SQLITE_OK)
            return;
}

static int before_commit (void *self_)
{
    db_wal_t *self = self_;
    sqlite3_file *file = NULL;
    sqlite3_int64 size;
    if (self->used == 0 || self->used + ROOM <= self->size)
        return 0;
    if (sqlite3_file_control (self->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK || !file ||
        !file->pMethods || file->pMethods->xFileSize (file, &size) != SQLITE_OK)
        return 0;
    self->size = size;
    if (self->used + ROOM > self->size)
        grow (self, file);
    return 0;
}

static int after_commit (void *self_, sqlite3 *db, const char *name, int frames)
{
    db_wal_t *self = self_;
    self->used = HEADER + frames * self->frame;
    if (self->used >= CHECKPOINT_BYTES)
        sqlite3_wal_checkpoint (db, name); // If a reader is active, the next commit tries again
    return SQLITE_OK;
}

void db_wal_watch (db_wal_t *self, sqlite3 *db)
{
    *self = (db_wal_t){.db = db, .frame = FRAME_HEADER + page_size (db)};
    sqlite3_commit_hook (db, before_commit, self);
    sqlite3_wal_hook (db, after_commit, self);
}
