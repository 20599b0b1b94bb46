/* db_vfs.c - see db_vfs.h. All but logs are the files of SQLite's own VFS, unchanged. */

#include "common/db/db_vfs.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A write-ahead log. The file of SQLite's own VFS follows it in the same memory.
typedef struct {
    sqlite3_file base; // First
    sqlite3_file *file;
    char *gathered; // DB_VFS_GATHER bytes; NULL until it is written to
    int size;       // Of what is in it; 0 for none
    int64_t at;     // Where that belongs in the file
} wal_file_t;

static sqlite3_vfs *plain; // SQLite's own

// What cannot be written is dropped: its commit fails, and the next one begins at the same place.
static int flush (wal_file_t *self)
{
    int size = self->size;
    self->size = 0;
    return size == 0 ? SQLITE_OK : self->file->pMethods->xWrite (self->file, self->gathered, size, self->at);
}

static int wal_close (sqlite3_file *file)
{
    wal_file_t *self = (wal_file_t *) file;
    int flushed = flush (self), closed = self->file->pMethods->xClose (self->file);
    free (self->gathered);
    self->gathered = NULL;
    return flushed != SQLITE_OK ? flushed : closed;
}

static int wal_read (sqlite3_file *file, void *into, int size, sqlite3_int64 at)
{
    wal_file_t *self = (wal_file_t *) file;
    int code = flush (self);
    return code != SQLITE_OK ? code : self->file->pMethods->xRead (self->file, into, size, at);
}

static int wal_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
    wal_file_t *self = (wal_file_t *) file;
    bool continues = self->size > 0 && at == self->at + self->size && size <= DB_VFS_GATHER - self->size;
    if (!continues) {
        int code = flush (self);
        if (code != SQLITE_OK)
            return code;
        if (!self->gathered)
            self->gathered = malloc (DB_VFS_GATHER);
        if (!self->gathered || size >= DB_VFS_GATHER)
            return self->file->pMethods->xWrite (self->file, data, size, at);
        self->at = at;
    }
    memcpy (self->gathered + self->size, data, (size_t) size);
    self->size += size;
    return SQLITE_OK;
}

static int wal_truncate (sqlite3_file *file, sqlite3_int64 size)
{
    wal_file_t *self = (wal_file_t *) file;
    int code = flush (self);
    return code != SQLITE_OK ? code : self->file->pMethods->xTruncate (self->file, size);
}

static int wal_sync (sqlite3_file *file, int flags)
{
    wal_file_t *self = (wal_file_t *) file;
    int code = flush (self);
    return code != SQLITE_OK ? code : self->file->pMethods->xSync (self->file, flags);
}

static int wal_size (sqlite3_file *file, sqlite3_int64 *size)
{
    wal_file_t *self = (wal_file_t *) file;
    int code = flush (self);
    return code != SQLITE_OK ? code : self->file->pMethods->xFileSize (self->file, size);
}

static int wal_lock (sqlite3_file *file, int level)
{
    wal_file_t *self = (wal_file_t *) file;
    return self->file->pMethods->xLock (self->file, level);
}

static int wal_unlock (sqlite3_file *file, int level)
{
    wal_file_t *self = (wal_file_t *) file;
    return self->file->pMethods->xUnlock (self->file, level);
}

static int wal_check_lock (sqlite3_file *file, int *locked)
{
    wal_file_t *self = (wal_file_t *) file;
    return self->file->pMethods->xCheckReservedLock (self->file, locked);
}

static int wal_control (sqlite3_file *file, int what, void *data)
{
    wal_file_t *self = (wal_file_t *) file;
    return self->file->pMethods->xFileControl (self->file, what, data);
}

static int wal_sector (sqlite3_file *file)
{
    wal_file_t *self = (wal_file_t *) file;
    return self->file->pMethods->xSectorSize (self->file);
}

static int wal_characteristics (sqlite3_file *file)
{
    wal_file_t *self = (wal_file_t *) file;
    return self->file->pMethods->xDeviceCharacteristics (self->file);
}

static const sqlite3_io_methods wal_methods = {.iVersion = 1,
                                               .xClose = wal_close,
                                               .xRead = wal_read,
                                               .xWrite = wal_write,
                                               .xTruncate = wal_truncate,
                                               .xSync = wal_sync,
                                               .xFileSize = wal_size,
                                               .xLock = wal_lock,
                                               .xUnlock = wal_unlock,
                                               .xCheckReservedLock = wal_check_lock,
                                               .xFileControl = wal_control,
                                               .xSectorSize = wal_sector,
                                               .xDeviceCharacteristics = wal_characteristics};

static int open_file (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *opened)
{
    (void) vfs;
    if (!(flags & SQLITE_OPEN_WAL))
        return plain->xOpen (plain, name, file, flags, opened);
    wal_file_t *self = (wal_file_t *) file;
    *self = (wal_file_t){.file = (sqlite3_file *) (self + 1)};
    int code = plain->xOpen (plain, name, self->file, flags, opened);
    if (code == SQLITE_OK) // SQLite closes what has methods
        self->base.pMethods = &wal_methods;
    return code;
}

void db_vfs_register (void)
{
    static sqlite3_vfs ours;
    plain = sqlite3_vfs_find (NULL);
    ours = *plain;
    ours.zName = DB_VFS;
    ours.szOsFile += (int) sizeof (wal_file_t);
    ours.xOpen = open_file;
    sqlite3_vfs_register (&ours, 0);
}
