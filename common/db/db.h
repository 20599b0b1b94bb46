/* db.h - one SQL dialect over PostgreSQL (libpq) and SQLite.
 *
 * Statements use $1..$n, RETURNING, ON CONFLICT, 64-bit integers, text and bytes; times are UTC microseconds, booleans
 * 0/1, JSON is text (UTF-8, checked here: BAD_INPUT). The markers DB_SKIP_LOCKED and DB_FOR_UPDATE end a select, and DB_EACH is
 * a join; SQLite, with its single writer and its plans, does not need them. A parameter has the type that its P_ macro gives it; where P_NULL stands
 * alone PostgreSQL needs a cast: `cast ($1 as bigint) is null`.
 * A statement is prepared once a connection, known by its text: write literals, not texts built at run time.
 * A lost connection is reopened at the next statement outside a transaction; inside one the statement fails
 * UNAVAILABLE. After a failed statement a transaction only fails, commit included (which then rolls back).
 *
 * Within a transaction, statements whose result nobody needs do not wait for PostgreSQL: what db_exec writes is sent with the next
 * statement that is waited for (db_query, db_change, db_release) or with the commit, in one round trip. Its fault
 * is reported there, as that statement's; the log names the real one. So code that must know what its write did (a compare and set, an insert
 * that may conflict) calls db_change, and all other code db_exec.
 *
 * One db_t belongs to one thread.
 *
 * URLs: sqlite:PATH (":memory:" allowed; the folder must be there), postgres://user:password@host:port/name or any
 * libpq URI. SQLite: WAL, synchronous=FULL, foreign_keys on, busy timeout 5 s. */

#ifndef OPENCICD_DB_H
#define OPENCICD_DB_H

#include "common/base/turn.h"

#include <stdbool.h>

typedef struct db db_t;

// After the last clause of a select: `... limit $1 " DB_SKIP_LOCKED "`, also in a subselect.
#define DB_SKIP_LOCKED "/*skip locked*/"
#define DB_FOR_UPDATE  "/*for update*/"
// `... a left join " DB_EACH ("t", "id = a.t_id") "`: each row is looked up by itself; t's columns are named without a table. PostgreSQL
// plans a statement once, and would go on reading all of a table that was small then.
#define DB_EACH(table, condition) DB_EACH_OF table " on " condition DB_EACH_END
#define DB_EACH_OF                "/*each of*/"
#define DB_EACH_END               "/*each end*/"

// A parameter. Build with P_*; strings and bytes are borrowed for the call.
typedef struct {
    enum { PARAM_NULL, PARAM_I64, PARAM_STR, PARAM_BYTES } kind;
    int64_t number;
    const void *data;
    size_t size;
} param_t;

#define P_I64(n)      ((param_t){.kind = PARAM_I64, .number = (n)})
#define P_STR(s)      param_str (s)
#define P_BYTES(d, n) ((param_t){.kind = PARAM_BYTES, .data = (d), .size = (n)})
#define P_NULL        ((param_t){.kind = PARAM_NULL})
param_t param_str (const char *text); // NULL gives SQL's NULL

// The result of a query, in the turn's arena.
typedef struct rows rows_t;
size_t rows_count (const rows_t *self);
int64_t rows_i64 (const rows_t *self, size_t row, int column);     // NULL reads as 0
const char *rows_str (const rows_t *self, size_t row, int column); // NULL reads as ""
const void *rows_bytes (const rows_t *self, size_t row, int column, size_t *size);
bool rows_null (const rows_t *self, size_t row, int column);

MUST_USE fault_t db_open (db_t **out, const char *url, turn_t *turn); // UNAVAILABLE or BAD_INPUT, with detail
void db_close (db_t **self_p);
bool db_is_postgres (const db_t *self);

#define DB_MAX_ROWS   10000      // A query that finds more fails TOO_LARGE: write a LIMIT
#define DB_MAX_RESULT (32 << 20) // Bytes of one result, likewise
#define DB_MAX_PARAMS 128        // Of one statement

// Parameters as a braced list: db_exec (db, turn, "update t set a = $1 where id = $2", P_I64 (1), P_STR (id)).
// Faults: CONFLICT for a violated constraint, NO_SPACE, UNAVAILABLE (connection lost, locked too long), BROKEN.
#define PARAMS(...)                        (sizeof ((param_t[]){__VA_ARGS__}) / sizeof (param_t)), ((param_t[]){__VA_ARGS__})
#define db_exec(db, turn, sql, ...)        db_run (db, turn, sql, NULL, false, NULL, PARAMS (__VA_ARGS__))
#define db_query(db, turn, sql, rows, ...) db_run (db, turn, sql, rows, true, NULL, PARAMS (__VA_ARGS__))
// Waits; *changed is how many rows it changed: int64_t.
#define db_change(db, turn, sql, changed, ...) \
    db_run (db, turn, sql, NULL, true, changed, PARAMS (__VA_ARGS__))
// Independent reads in one round trip: within a transaction the rows are there (and before that, none) once
// a later statement was waited for. The turn's arena must live until then.
#define db_query_later(db, turn, sql, rows, ...) \
    db_run (db, turn, sql, rows, false, NULL, PARAMS (__VA_ARGS__))
MUST_USE fault_t db_run (db_t *self, turn_t *turn, const char *sql, const rows_t **rows, bool wait,
                         int64_t *changed, size_t count, const param_t *params);
MUST_USE fault_t db_wait (db_t *self, turn_t *turn); // Waits for all deferred statements
MUST_USE fault_t db_ping (db_t *self, turn_t *turn); // Does it answer? Reopens a lost connection
// Increases with each row changed, each write that was not waited for and each statement that failed within a transaction: if it
// increased, a shared transaction must be rolled back when a handler fails.
uint64_t db_writes (const db_t *self);

// SQLite's writer lock is taken, and PostgreSQL's begin sent, with the first statement that needs them.
MUST_USE fault_t db_begin (db_t *self, turn_t *turn);
MUST_USE fault_t db_commit (db_t *self, turn_t *turn);
// Once this transaction is committed, or at once where there is none, notifies the listeners of this channel, "logs"; see notify.h. One line
// of at most NOTIFY_TEXT_MAX bytes; of several in one transaction only the last may arrive.
MUST_USE fault_t db_announce (db_t *self, turn_t *turn, const char *channel, const char *text);
void db_rollback (db_t *self); // Harmless outside a transaction
bool db_in_transaction (const db_t *self);
// Is it unknown whether the last failed commit took effect? True if the connection was lost after it was sent:
// look for what it wrote (by an id that went with it) before anything is repeated. False: it was rolled back.
bool db_commit_unknown (const db_t *self);

// A part of a transaction that can be rolled back by itself, with a failed statement in it and its announcement. Each is
// ended by one of the two, the innermost first. If the rollback fails, the whole transaction has failed.
#define DB_SAVEPOINTS 8 // Nesting; BROKEN past it
MUST_USE fault_t db_savepoint (db_t *self, turn_t *turn);
MUST_USE fault_t db_release (db_t *self,
                             turn_t *turn); // Keeps it, or rolls it back if something in it failed
MUST_USE fault_t db_rollback_to (db_t *self, turn_t *turn); // Rolls it back

// Migrations: forward only, numbered from 1 without a gap, each in its own transaction, under a lock where several start at once.
// CONFLICT, naming both versions, where the database is newer than the list. `part` names the owner ("scheduler").
typedef struct {
    const char *name; // "0001_first.sql"
    const char *sql;  // Several statements
} migration_t;
MUST_USE fault_t db_migrate (db_t *self, turn_t *turn, const char *part, const migration_t *list,
                             size_t count);

#endif
