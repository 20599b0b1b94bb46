/* db_vfs.h - how SQLite's files are written: as usual, except for the write-ahead log, where a commit is one write.
 *
 * SQLite writes each page of a commit with two system calls, its header and the page; our commits have some thirty pages. Here what is appended to
 * the log is gathered in memory, and written when it is synced, read, or not contiguous with what is gathered. A commit with
 * `synchronous = full` is synced before it shows to any connection, so nobody looks for it in the file before that. */

#ifndef OPENCICD_DB_VFS_H
#define OPENCICD_DB_VFS_H

#define DB_VFS        "opencicd"
#define DB_VFS_GATHER (64 << 10) // Bytes gathered per log, at most; more than most commits write

// Registers it with SQLite, once per process, before any connection is opened.
void db_vfs_register (void);

#endif
