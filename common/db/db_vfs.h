/* db_vfs.h - how SQLite's files are written: as ever, but for the write-ahead log, where a commit is one write.
 *
 * SQLite writes each page of a commit with two system calls, its header and the page; ours have some thirty pages. Here what is appended to
 * the log gathers in memory, and is written when it is synced, read, or does not continue what is gathered. A commit with
 * `synchronous = full` is synced before it shows to any connection, so nobody looks for it in the file before that. */

#ifndef OPENCICD_DB_VFS_H
#define OPENCICD_DB_VFS_H

#define DB_VFS        "opencicd"
#define DB_VFS_GATHER (64 << 10) // Bytes at most, of one log; more than most commits write

// Makes it known to SQLite; once per process. Without it a connection cannot be opened.
void db_vfs_register (void);

#endif
