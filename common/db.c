/* db.c - what is the same for both engines: choosing one by the URL, checking parameters, transactions, reading rows.
 *
 * The transaction's state is kept here, so that both behave alike: after a failed statement it can only be rolled back,
 * as PostgreSQL has it. */

#include "common/db_engine.h"
#include "common/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct db {
    const db_engine_t *engine;
    void *state; // The engine's own
    bool in_transaction;
    fault_t failed; // Why the open transaction can only be rolled back; OK where it can go on
    int64_t changes;
    uint64_t writes;
    char *news; // To be announced after the commit
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
    fault_t fault = engine->open (&state, url, turn);
    if (fault)
        return fault;
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

int64_t db_changes (const db_t *self)
{
    return self->changes;
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
    if (count > DB_MAX_PARAMS)
        return turn_fail (turn, BROKEN, "%zu parameters are more than %d: %.60s", count, DB_MAX_PARAMS, sql);
    for (size_t i = 0; i < count; i++)
        if (params[i].kind == PARAM_STR && !utf8_valid (params[i].data ? params[i].data : "", params[i].size))
            return turn_fail (turn, BAD_INPUT, "a text is not valid UTF-8");
    return OK;
}

fault_t db_run (db_t *self, turn_t *turn, const char *sql, const rows_t **rows, size_t count,
                const param_t *params)
{
    rows_t *found = NULL;
    if (rows) {
        *rows = found = arena_alloc (turn->arena, sizeof (rows_t));
        found->arena = turn->arena;
    }
    self->changes = 0;
    fault_t fault = check (self, turn, sql, count, params);
    if (!fault)
        fault = self->engine->run (self->state, turn, sql, found, count, params, self->in_transaction,
                                   &self->changes);
    if (fault) {
        if (self->in_transaction) {
            self->failed = fault;
            self->writes++;
        }
        if (found)
            found->count = 0;
        self->changes = 0;
    }
    self->writes += (uint64_t) self->changes;
    return fault;
}

fault_t db_ping (db_t *self, turn_t *turn)
{
    const rows_t *rows;
    return db_query (self, turn, "select 1", &rows);
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

static fault_t begin_by (db_t *self, turn_t *turn, const char *sql)
{
    if (self->in_transaction)
        return turn_fail (turn, BROKEN, "a transaction was begun within a transaction");
    fault_t fault = self->engine->script (self->state, turn, sql, false);
    if (fault) {
        self->engine->rollback (self->state); // migrate_begin has more than one statement
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
    return begin_by (self, turn, self->engine->migrate_begin);
}

static void forget_news (db_t *self)
{
    free (self->news);
    self->news = NULL;
}

fault_t db_commit (db_t *self, turn_t *turn)
{
    if (!self->in_transaction)
        return turn_fail (turn, BROKEN, "a commit outside a transaction");
    fault_t fault = db_script (self, turn, "commit");
    if (fault) {
        db_rollback (self);
        return fault;
    }
    self->in_transaction = false;
    if (self->news)
        self->engine->announce (self->state, self->news);
    forget_news (self);
    return OK;
}

fault_t db_announce (db_t *self, turn_t *turn, const char *channel, const char *text)
{
    if (!self->in_transaction)
        return turn_fail (turn, BROKEN, "an announcement outside a transaction");
    if (self->engine->notify)
        return db_exec (self, turn, self->engine->notify, P_STR (channel), P_STR (text));
    forget_news (self);
    self->news = strdup (text);
    return OK;
}

void db_rollback (db_t *self)
{
    forget_news (self);
    if (self->in_transaction)
        self->engine->rollback (self->state);
    self->in_transaction = false;
    self->failed = OK;
}

// ---- rows

fault_t rows_add (rows_t *self, turn_t *turn, cell_t **cells)
{
    if (self->count == DB_MAX_ROWS)
        return turn_fail (turn, TOO_LARGE, "more than %d rows", DB_MAX_ROWS);
    size_t first = self->count * (size_t) self->columns;
    while (first + (size_t) self->columns > self->capacity) {
        size_t wanted = self->capacity ? self->capacity * 2 : (size_t) self->columns;
        cell_t *grown = arena_array (self->arena, wanted, sizeof (cell_t));
        if (first)
            memcpy (grown, self->cells, first * sizeof (cell_t));
        self->cells = grown;
        self->capacity = wanted;
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
