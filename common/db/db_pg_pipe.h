/* db_pg_pipe.h - statements that are sent together and answered together, by libpq's pipeline mode. Private to db_pg.c.
 *
 * A statement whose rows are not needed is only queued; the queue is sent with the next statement that is waited for,
 * in one round trip, including prepares. Everything runs in order. If one fails the server skips the rest:
 * the first fault is everyone's, and the log names its statement.
 *
 * Whatever is sent ends with a Sync: between Syncs the server waits for us without a time limit, locks held, so a process that is
 * frozen must never leave half of one. Therefore a queue that grows towards the size at which libpq sends by itself is closed by
 * a Sync before that (its answers can wait). */

#ifndef OPENCICD_DB_PG_PIPE_H
#define OPENCICD_DB_PG_PIPE_H

#include "common/base/metrics.h"
#include "common/db/db_engine.h"

#include <libpq-fe.h>

#define PIPE_LENGTH 256  // Entries that may wait for their answers; then they are collected
#define PIPE_BYTES  6144 // Between two Syncs; libpq sends from 8 KB on
#define PIPE_TEXT   100  // Of a statement, for the log

typedef enum { PIPE_PREPARE, PIPE_EXECUTE, PIPE_SYNC } pipe_kind_t;

typedef struct {
    pipe_kind_t kind;
    uintptr_t number;     // Of the prepared statement
    rows_t *rows;         // Where its rows go; NULL if they are not read
    char text[PIPE_TEXT]; // How the statement begins
} pipe_entry_t;

typedef struct {
    PGconn *connection;     // In pipeline mode; borrowed
    db_cache_t *statements; // Their numbers: "s1" is 1; borrowed
    uintptr_t last_statement;
    metric_t *trips; // Counts what was waited for
    size_t count;
    size_t bytes; // Since the last Sync
    pipe_entry_t entries[PIPE_LENGTH];
} pipe_t;

// The outcome of a queue.
typedef struct {
    int64_t changes; // Rows that the last statement changed
    bool reached;    // The last statement was answered, well or not
    bool tag_commit; // It was a commit and took effect
    bool failed;
    char state[6]; // SQLSTATE of the first error; "" where the connection just ended
} pipe_result_t;

void pipe_init (pipe_t *self, PGconn *connection, db_cache_t *statements);
// The rows are there once it was collected; their arena must live until then.
MUST_USE fault_t pipe_send (pipe_t *self, turn_t *turn, const char *sql, rows_t *rows, size_t count,
                            const param_t *params);
void pipe_sync (pipe_t *self); // What follows runs even if something before it fails
// Sends the rest of the queue and takes all answers. After a fault of the connection it must be made again.
MUST_USE fault_t pipe_collect (pipe_t *self, turn_t *turn, pipe_result_t *out);

#endif
