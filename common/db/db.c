/* db.c - what is the same for both engines: choosing one by the URL, checking parameters, transactions, reading rows.
 *
 * The transaction's state is kept here, so that both behave alike: after a failed statement it can only be rolled back,
 * as PostgreSQL has it. */

#include "common/base/log.h"
#include "common/base/utf8.h"
#include "common/db/db_engine.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENT_TEXT 160 // Bytes of a statement that failed, for the log

// What a rollback to a savepoint restores.
typedef struct {
    uint64_t writes;
    char *announcement;
} savepoint_t;

struct db {
    const db_engine_t *engine;
    void *state; // The engine's own
    bool in_transaction;
    fault_t failed; // Why the open transaction can only be rolled back; OK while it can go on
    uint64_t writes;
    char *announcement; // To be announced after the commit
    bool commit_unknown;
    int depth; // Of savepoints
    savepoint_t savepoints[DB_SAVEPOINTS];
};

static const struct {
    const char *scheme;
    const db_engine_t *engine;
} engines[] = {
    {"sqlite:", &db_sqlite},
    {"postgres://", &db_pg},
    {"postgresql://", &db_pg},
};

static const db_engine_t *engine_of (const char *url)
{
    for (size_t i = 0; i < sizeof (engines) / sizeof (engines[0]); i++)
        if (strncmp (url, engines[i].scheme, strlen (engines[i].scheme)) == 0)
            return engines[i].engine;
    return NULL;
}

fault_t db_open (db_t **out, const char *url, turn_t *turn)
{
    *out = NULL;
    const db_engine_t *engine = engine_of (url);
    if (!engine) // The URL may hold a password: it is not repeated
        return turn_fail (turn, BAD_INPUT,
                          "the database URL begins neither with sqlite: nor with postgres://");
    void *state = NULL;
    TRY (engine->open (&state, url, turn));
    db_t *self = calloc (1, sizeof (db_t));
    if (!self)
        abort ();
    self->engine = engine;
    self->state = state;
    *out = self;
    return OK;
}

void db_close (db_t **self_p)
{
    if (!*self_p)
        return;
    db_rollback (*self_p);
    (*self_p)->engine->close ((*self_p)->state);
    free (*self_p);
    *self_p = NULL;
}

bool db_is_postgres (const db_t *self)
{
    return self->engine->postgres;
}

uint64_t db_writes (const db_t *self)
{
    return self->writes;
}

bool db_in_transaction (const db_t *self)
{
    return self->in_transaction;
}

param_t param_str (const char *text)
{
    return (param_t){.kind = PARAM_STR, .data = text, .size = text ? strlen (text) : 0};
}

static fault_t check (const db_t *self, turn_t *turn, const char *sql, size_t count, const param_t *params)
{
    if (self->failed)
        return turn_fail (turn, self->failed,
                          "an earlier statement of this transaction failed; it can only be rolled back");
    TRY (turn_room (turn));
    if (count > DB_MAX_PARAMS)
        return turn_fail (turn, BROKEN, "%zu parameters are more than %d: %.60s", count, DB_MAX_PARAMS, sql);
    for (size_t i = 0; i < count; i++)
        if (params[i].kind == PARAM_STR && !utf8_valid (params[i].data ? params[i].data : "", params[i].size))
            return turn_fail (turn, BAD_INPUT, "a text is not valid UTF-8");
    return OK;
}

// The engine's own message goes to the log only, because it names our tables, files and limits. The caller gets its meaning; for what the
// caller supplied (BAD_INPUT of our own checks) the message is kept.
static fault_t without_details (turn_t *turn, fault_t fault, const char *what)
{
    static const char *const texts[FAULT_COUNT] = {
        [CONFLICT] = "it exists already, or was changed at the same time; read it again",
        [TOO_LARGE] = "the result is too large for one answer; ask for less",
        [UNAVAILABLE] = "the database cannot be reached, or is busy; try again",
        [TIMEOUT] = "the database took too long",
        [NO_SPACE] = "the database's disk is full",
        [BROKEN] = "the server failed; its log has the request id",
    };
    if (!texts[fault])
        return fault;
    log_warn ("the database failed", "request", turn->request_id ? turn->request_id : "", "at", what, "says",
              turn->detail ? turn->detail : fault_text (fault), NULL);
    return turn_fail (turn, fault, "%s", texts[fault]);
}

static fault_t run (db_t *self, turn_t *turn, const char *sql, const rows_t **rows, bool wait,
                    int64_t *changed, size_t count, const param_t *params)
{
    statement_t statement = {.sql = sql,
                             .count = count,
                             .params = params,
                             .in_transaction = self->in_transaction,
                             .wait = wait || !self->in_transaction};
    if (rows) {
        *rows = statement.rows = arena_alloc (turn->arena, sizeof (rows_t));
        statement.rows->arena = turn->arena;
    }
    fault_t fault = check (self, turn, sql, count, params);
    if (!fault)
        fault = self->engine->run (self->state, turn, &statement);
    if (fault) {
        if (self->in_transaction) {
            self->failed = fault;
            self->writes++;
        }
        if (rows)
            statement.rows->count = 0;
        statement.changes = 0;
    }
    self->writes += (uint64_t) statement.changes;
    if (changed)
        *changed = statement.changes;
    return fault;
}

fault_t db_run (db_t *self, turn_t *turn, const char *sql, const rows_t **rows, bool wait, int64_t *changed,
                size_t count, const param_t *params)
{
    char beginning[STATEMENT_TEXT];
    bool again = self->failed; // It was logged when it failed
    fault_t fault = run (self, turn, sql, rows, wait, changed, count, params);
    if (!fault || again)
        return fault;
    snprintf (beginning, sizeof beginning, "%s", sql);
    return without_details (turn, fault, beginning);
}

fault_t db_wait (db_t *self, turn_t *turn)
{
    if (self->failed)
        return self->failed;
    fault_t fault = self->engine->flush ? self->engine->flush (self->state, turn) : OK;
    if (fault && self->in_transaction)
        self->failed = fault;
    return fault ? without_details (turn, fault, "what was sent before") : OK;
}

fault_t db_ping (db_t *self, turn_t *turn)
{
    const rows_t *rows; // For the operator: the engine's own message
    return run (self, turn, "select 1", &rows, true, NULL, 0, NULL);
}

fault_t db_script (db_t *self, turn_t *turn, const char *sql)
{
    fault_t fault = self->failed;
    if (!fault)
        fault = self->engine->script (self->state, turn, sql, self->in_transaction);
    if (fault && self->in_transaction)
        self->failed = fault;
    return fault;
}

static fault_t begin_by (db_t *self, turn_t *turn, fault_t (*begin) (void *state, turn_t *turn))
{
    if (self->in_transaction)
        return turn_fail (turn, BROKEN, "a transaction was begun within a transaction");
    fault_t fault = begin (self->state, turn);
    if (fault) {
        self->engine->rollback (self->state); // A migration begins with more than one statement
        return fault;
    }
    self->in_transaction = true;
    self->failed = OK;
    return OK;
}

fault_t db_begin (db_t *self, turn_t *turn)
{
    return begin_by (self, turn, self->engine->begin);
}

fault_t db_begin_migration (db_t *self, turn_t *turn)
{
    return begin_by (self, turn, self->engine->begin_migration);
}

static void forget_announcement (db_t *self)
{
    free (self->announcement);
    self->announcement = NULL;
}

fault_t db_commit (db_t *self, turn_t *turn)
{
    self->commit_unknown = false;
    if (!self->in_transaction)
        return turn_fail (turn, BROKEN, "a commit outside a transaction");
    fault_t fault = self->depth ? turn_fail (turn, BROKEN, "a commit within a savepoint") : self->failed;
    if (!fault && (fault = self->engine->commit (self->state, turn, &self->commit_unknown)))
        fault = without_details (turn, fault, "the commit");
    if (self->commit_unknown)
        fault =
            turn_fail (turn, fault, "the database's answer was lost: it may or may not have taken effect");
    if (fault) {
        db_rollback (self);
        return fault;
    }
    self->in_transaction = false;
    if (self->announcement)
        self->engine->announce (self->state, self->announcement);
    forget_announcement (self);
    return OK;
}

bool db_commit_unknown (const db_t *self)
{
    return self->commit_unknown;
}

fault_t db_announce (db_t *self, turn_t *turn, const char *channel, const char *text)
{
    if (self->engine->notify)
        return db_exec (self, turn, self->engine->notify, P_STR (channel), P_STR (text));
    if (!self->in_transaction) {
        self->engine->announce (self->state, text);
        return OK;
    }
    forget_announcement (self);
    self->announcement = strdup (text);
    return OK;
}

void db_rollback (db_t *self)
{
    forget_announcement (self);
    if (self->in_transaction)
        self->engine->rollback (self->state);
    self->in_transaction = false;
    self->failed = OK;
    while (self->depth > 0)
        free (self->savepoints[--self->depth].announcement);
}

// ---- savepoints

fault_t db_savepoint (db_t *self, turn_t *turn)
{
    char sql[80];
    if (!self->in_transaction || self->depth == DB_SAVEPOINTS)
        return turn_fail (turn, BROKEN, "a savepoint outside a transaction or more than %d deep",
                          DB_SAVEPOINTS);
    snprintf (sql, sizeof sql, "savepoint s%d",
              self->depth); // Named by its depth, so that each text is prepared once
    fault_t fault = db_script (self, turn, sql);
    if (!fault)
        self->savepoints[self->depth++] = (savepoint_t){
            .writes = self->writes, .announcement = self->announcement ? strdup (self->announcement) : NULL};
    return fault;
}

fault_t db_release (db_t *self, turn_t *turn)
{
    char sql[80];
    if (self->depth == 0)
        return turn_fail (turn, BROKEN, "no savepoint is open");
    snprintf (sql, sizeof sql, "release savepoint s%d", self->depth - 1);
    fault_t fault = db_script (self, turn, sql);
    if (!fault)
        fault = db_wait (self, turn); // A failure in it must be known while it can still be rolled back
    if (!fault)
        free (self->savepoints[--self->depth].announcement);
    return fault;
}

fault_t db_rollback_to (db_t *self, turn_t *turn)
{
    char sql[80];
    if (self->depth == 0)
        return turn_fail (turn, BROKEN, "no savepoint is open");
    savepoint_t *back = &self->savepoints[--self->depth];
    snprintf (sql, sizeof sql, "rollback to savepoint s%d; release savepoint s%d", self->depth, self->depth);
    if (self->engine->flush) // If a part of it fails, that is rolled back with the rest
        (void) !self->engine->flush (self->state, turn);
    fault_t fault = self->engine->script (self->state, turn, sql, true);
    if (fault) { // The connection was lost, or a full disk rolled back the whole transaction
        free (back->announcement);
        self->failed = self->failed ? self->failed : fault;
        return fault;
    }
    forget_announcement (self);
    self->announcement = back->announcement;
    self->writes = back->writes;
    self->failed = OK;
    return OK;
}

// ---- rows

fault_t rows_add (rows_t *self, turn_t *turn, cell_t **cells)
{
    if (self->count == DB_MAX_ROWS)
        return turn_fail (turn, TOO_LARGE, "more than %d rows", DB_MAX_ROWS);
    size_t first = self->count * (size_t) self->columns;
    while (first + (size_t) self->columns > self->capacity) {
        size_t capacity = self->capacity ? self->capacity * 2 : (size_t) self->columns;
        cell_t *grown = arena_array (self->arena, capacity, sizeof (cell_t));
        if (first)
            memcpy (grown, self->cells, first * sizeof (cell_t));
        self->cells = grown;
        self->capacity = capacity;
    }
    *cells = self->cells + first;
    self->count++;
    return OK;
}

fault_t rows_put (rows_t *self, turn_t *turn, cell_t *cell, const void *data, size_t size)
{
    if (size > DB_MAX_RESULT - self->bytes)
        return turn_fail (turn, TOO_LARGE, "a result of more than %d bytes", DB_MAX_RESULT);
    self->bytes += size;
    cell->kind = CELL_DATA;
    cell->data = arena_copy (self->arena, data, size);
    cell->size = size;
    return OK;
}

size_t rows_count (const rows_t *self)
{
    return self->count;
}

static const cell_t *cell_at (const rows_t *self, size_t row, int column)
{
    assert (row < self->count && column >= 0 && column < self->columns);
    return &self->cells[row * (size_t) self->columns + (size_t) column];
}

int64_t rows_i64 (const rows_t *self, size_t row, int column)
{
    const cell_t *cell = cell_at (self, row, column);
    if (cell->kind == CELL_DATA) // PostgreSQL's sum (bigint) is a numeric
        return strtoll (cell->data, NULL, 10);
    return cell->number;
}

const char *rows_str (const rows_t *self, size_t row, int column)
{
    const cell_t *cell = cell_at (self, row, column);
    if (cell->kind == CELL_I64)
        return arena_printf (self->arena, "%lld", (long long) cell->number);
    return cell->kind == CELL_DATA ? cell->data : "";
}

const void *rows_bytes (const rows_t *self, size_t row, int column, size_t *size)
{
    const cell_t *cell = cell_at (self, row, column);
    const char *data = rows_str (self, row, column);
    *size = cell->kind == CELL_DATA ? cell->size : strlen (data);
    return data;
}

bool rows_null (const rows_t *self, size_t row, int column)
{
    return cell_at (self, row, column)->kind == CELL_NULL;
}
