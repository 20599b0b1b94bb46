/* db_engine.h - the interface of an engine. Private to common/db*.c.
 *
 * An engine runs one statement, or a script of several, on one connection. What is the same for both (transactions,
 * checks of parameters, reading of rows, counting) is in db.c. To add an engine: fill a db_engine_t and add its URL's
 * scheme to the table in db.c. */

#ifndef OPENCICD_DB_ENGINE_H
#define OPENCICD_DB_ENGINE_H

#include "common/db/db.h"

typedef struct {
    enum { CELL_NULL, CELL_I64, CELL_DATA } kind;
    int64_t number;
    const char *data; // CELL_DATA only; a NUL follows
    size_t size;
} cell_t;

struct rows {
    arena_t *arena;
    size_t count;
    size_t capacity; // Of cells
    size_t bytes;    // Of texts and bytes
    int columns;
    cell_t *cells; // Row by row
};

// One statement on its way through an engine.
typedef struct {
    const char *sql;
    size_t count;
    const param_t *params;
    bool in_transaction;
    bool wait;       // Its result is needed now; else it may be deferred until something is waited for
    rows_t *rows;    // NULL if they are not read
    int64_t changes; // Out: rows that it changed; 1 if it was deferred and may write
} statement_t;

typedef struct db_engine {
    bool postgres;
    const char *notify; // Announces $2 on channel $1 with the commit; NULL where `announce` does it
    fault_t (*open) (void **state, const char *url, turn_t *turn);
    void (*close) (void *state);
    // Outside a transaction a lost connection is reopened first; never within one.
    fault_t (*run) (void *state, turn_t *turn, statement_t *statement);
    fault_t (*flush) (void *state,
                      turn_t *turn); // Waits for deferred statements; NULL if there never are any
    fault_t (*script) (void *state, turn_t *turn, const char *sql, bool in_transaction);
    fault_t (*begin) (void *state, turn_t *turn);
    fault_t (*begin_migration) (void *state,
                                turn_t *turn); // Only one migrating process can be in such a transaction
    // *unknown if it failed and may have taken effect all the same.
    fault_t (*commit) (void *state, turn_t *turn, bool *unknown);
    void (*rollback) (void *state);
    void (*announce) (void *state, const char *text); // After the commit
} db_engine_t;

extern const db_engine_t db_sqlite, db_pg;

// Several statements, unprepared, without parameters. A transaction for one migration.
MUST_USE fault_t db_script (db_t *self, turn_t *turn, const char *sql);
MUST_USE fault_t db_begin_migration (db_t *self, turn_t *turn);

// Add a row of NULLs; put a copy of bytes into a cell. TOO_LARGE past DB_MAX_ROWS, DB_MAX_RESULT.
MUST_USE fault_t rows_add (rows_t *self, turn_t *turn, cell_t **cells);
MUST_USE fault_t rows_put (rows_t *self, turn_t *turn, cell_t *cell, const void *data, size_t size);

// A table of prepared statements by text and kinds of parameters (0 where the engine does not care). When full, it drops
// all by `drop` and starts anew.
#define DB_MAX_STATEMENTS 384
typedef struct db_cache db_cache_t;
db_cache_t *db_cache_new (void (*drop) (void *owner, void *statement), void *owner);
void db_cache_destroy (db_cache_t **self_p);
void db_cache_clear (db_cache_t *self);
void *db_cache_find (const db_cache_t *self, const char *sql, uint64_t kinds); // NULL where there is none
void db_cache_add (db_cache_t *self, const char *sql, uint64_t kinds, void *statement);
void db_cache_forget (db_cache_t *self, const void *statement); // Without dropping it
bool db_cache_is_full (const db_cache_t *self);

// db_dialect.c: our dialect in the engine's syntax. A statement; a migration (types and table options as well).
const char *db_dialect_statement (arena_t *arena, const char *sql, bool postgres);
const char *db_dialect_migration (arena_t *arena, const char *sql, bool postgres);

#endif
