/* db_pg_pipe.c - see db_pg_pipe.h.
 *
 * Parameters are sent as text (as fast as binary here), bytes as they are; their types are given at the prepare, so that
 * nothing depends on what the server would guess. */

#include "common/db/db_pg_pipe.h"

#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/db/db_pg_connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_BOOL = 16, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_TEXT = 25 };

static const Oid type_of[] = {
    [PARAM_NULL] = 0, [PARAM_I64] = TYPE_INT8, [PARAM_STR] = TYPE_TEXT, [PARAM_BYTES] = TYPE_BYTEA};

void pipe_init (pipe_t *self, PGconn *connection, db_cache_t *statements)
{
    memset (self, 0, sizeof *self);
    self->connection = connection;
    self->statements = statements;
    self->trips = metrics_counter ("opencicd_db_round_trips_total", NULL, NULL, "Round trips to a database.");
}

// ---- sending

// The same text with other parameter types is another statement.
static uint64_t kinds_of (size_t count, const param_t *params)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ (1 + (uint64_t) params[i].kind)) * 0x100000001b3;
    return hash;
}

static void add_entry (pipe_t *self, pipe_kind_t kind, uintptr_t number, const char *sql, rows_t *rows)
{
    pipe_entry_t *entry = &self->entries[self->count++];
    entry->kind = kind;
    entry->number = number;
    entry->rows = rows;
    snprintf (entry->text, sizeof entry->text, "%s", sql);
}

void pipe_sync (pipe_t *self)
{
    if (self->count == 0 || self->entries[self->count - 1].kind == PIPE_SYNC)
        return;
    (void) PQpipelineSync (self->connection); // If it fails, so does the collection
    add_entry (self, PIPE_SYNC, 0, "", NULL);
    self->bytes = 0;
}

// Room for a statement, its prepare, a deallocate of all others and two Syncs.
static fault_t make_room (pipe_t *self, turn_t *turn, size_t bytes)
{
    if (self->bytes + bytes > PIPE_BYTES)
        pipe_sync (self);
    self->bytes += bytes;
    if (self->count + 5 <= PIPE_LENGTH)
        return OK;
    pipe_result_t result = {0};
    return pipe_collect (self, turn, &result);
}

static fault_t unsent (const pipe_t *self, turn_t *turn)
{
    return db_pg_fail (self->connection, turn, NULL);
}

static fault_t prepare (pipe_t *self, turn_t *turn, const char *sql, size_t count, const param_t *params,
                        uintptr_t *number)
{
    uint64_t kinds = kinds_of (count, params);
    *number = (uintptr_t) db_cache_find (self->statements, sql, kinds);
    if (*number)
        return OK;
    const char *text = db_dialect_statement (turn->arena, sql, true);
    if (!text)
        return turn_fail (turn, TOO_LARGE, "a statement of %zu bytes", strlen (sql));
    if (db_cache_is_full (self->statements)) {
        if (!PQsendQueryParams (self->connection, "deallocate all", 0, NULL, NULL, NULL, NULL, 0))
            return unsent (self, turn);
        add_entry (self, PIPE_PREPARE, 0, "deallocate all", NULL);
        db_cache_clear (self->statements);
    }
    Oid types[DB_MAX_PARAMS];
    for (size_t i = 0; i < count; i++)
        types[i] = type_of[params[i].kind];
    char name[24];
    *number = ++self->last_statement;
    snprintf (name, sizeof name, "s%zu", (size_t) *number);
    if (!PQsendPrepare (self->connection, name, text, (int) count, types))
        return unsent (self, turn);
    add_entry (self, PIPE_PREPARE, *number, sql, NULL);
    db_cache_add (self->statements, sql, kinds, (void *) *number);
    return OK;
}

static bool execute (pipe_t *self, uintptr_t number, size_t count, const param_t *params)
{
    char name[24], numbers[DB_MAX_PARAMS][24];
    const char *values[DB_MAX_PARAMS];
    int sizes[DB_MAX_PARAMS], formats[DB_MAX_PARAMS];
    for (size_t i = 0; i < count; i++) {
        sizes[i] = (int) params[i].size;
        formats[i] = params[i].kind == PARAM_BYTES;
        values[i] = params[i].data;
        if (params[i].kind == PARAM_BYTES && params[i].size == 0)
            values[i] = ""; // A NULL pointer would be SQL's NULL
        if (params[i].kind == PARAM_I64) {
            snprintf (numbers[i], sizeof (numbers[i]), "%lld", (long long) params[i].number);
            values[i] = numbers[i];
        }
    }
    snprintf (name, sizeof (name), "s%zu", (size_t) number);
    return PQsendQueryPrepared (self->connection, name, (int) count, values, sizes, formats, 0) == 1;
}

fault_t pipe_send (pipe_t *self, turn_t *turn, const char *sql, rows_t *rows, size_t count,
                   const param_t *params)
{
    uintptr_t number;
    size_t bytes = strlen (sql) + 64;
    for (size_t i = 0; i < count; i++)
        bytes += params[i].size + 32;
    TRY (make_room (self, turn, bytes));
    TRY (prepare (self, turn, sql, count, params, &number));
    if (!execute (self, number, count, params))
        return unsent (self, turn);
    add_entry (self, PIPE_EXECUTE, number, sql, rows);
    return OK;
}

// ---- rows

static int hex (char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

// bytea arrives as "\x6869".
static fault_t put_bytes (rows_t *rows, turn_t *turn, cell_t *cell, const char *text, size_t size)
{
    size_t count = size < 2 ? 0 : (size - 2) / 2;
    unsigned char *bytes = malloc (count + 1);
    if (!bytes)
        abort ();
    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char) (hex (text[2 + 2 * i]) << 4 | hex (text[3 + 2 * i]));
    fault_t fault = rows_put (rows, turn, cell, bytes, count);
    free (bytes);
    return fault;
}

static fault_t copy_cell (rows_t *rows, turn_t *turn, cell_t *cell, const PGresult *result, int row,
                          int column)
{
    if (PQgetisnull (result, row, column))
        return OK;
    const char *text = PQgetvalue (result, row, column);
    size_t size = (size_t) PQgetlength (result, row, column);
    switch (PQftype (result, column)) {
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
        cell->kind = CELL_I64;
        cell->number = strtoll (text, NULL, 10);
        return OK;
    case TYPE_BOOL:
        cell->kind = CELL_I64;
        cell->number = *text == 't';
        return OK;
    case TYPE_BYTEA: return put_bytes (rows, turn, cell, text, size);
    default: return rows_put (rows, turn, cell, text, size);
    }
}

static fault_t copy_rows (rows_t *rows, turn_t *turn, const PGresult *result)
{
    rows->columns = PQnfields (result);
    fault_t fault = OK;
    for (int row = 0; row < PQntuples (result) && !fault; row++) {
        cell_t *cells;
        fault = rows_add (rows, turn, &cells);
        for (int column = 0; column < rows->columns && !fault; column++)
            fault = copy_cell (rows, turn, &cells[column], result, row, column);
    }
    if (fault)
        rows->count = 0;
    return fault;
}

// ---- answers

// A select's tag has a count too, of the rows that it read.
static int64_t count_changes (PGresult *result)
{
    const char *tag = PQcmdStatus (result);
    bool writes =
        strncmp (tag, "INSERT", 6) == 0 || strncmp (tag, "UPDATE", 6) == 0 || strncmp (tag, "DELETE", 6) == 0;
    return writes ? strtoll (PQcmdTuples (result), NULL, 10) : 0;
}

static fault_t refused (pipe_t *self, turn_t *turn, const pipe_entry_t *entry, bool last,
                        const PGresult *result, pipe_result_t *out)
{
    const char *state = PQresultErrorField (result, PG_DIAG_SQLSTATE);
    if (!out->failed)
        snprintf (out->state, sizeof out->state, "%s", state ? state : "");
    out->failed = true;
    fault_t fault = db_pg_fail (self->connection, turn, result);
    if (!last && state) // Its caller has gone on: only here is it known which statement failed
        log_warn ("a statement failed", "statement", entry->text, "says", turn->detail, NULL);
    return fault;
}

static fault_t take_result (pipe_t *self, turn_t *turn, const pipe_entry_t *entry, bool last,
                            PGresult *result, pipe_result_t *out)
{
    ExecStatusType status = PQresultStatus (result);
    bool failed = status == PGRES_FATAL_ERROR;
    if (entry->kind == PIPE_PREPARE && (failed || status == PGRES_PIPELINE_ABORTED))
        db_cache_forget (self->statements, (void *) entry->number);
    out->reached |= last && status != PGRES_PIPELINE_ABORTED;
    if (failed)
        return refused (self, turn, entry, last, result, out);
    if (last && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)) {
        out->changes = count_changes (result);
        out->tag_commit = strcmp (PQcmdStatus (result), "COMMIT") == 0;
    }
    return status == PGRES_TUPLES_OK && entry->rows ? copy_rows (entry->rows, turn, result) : OK;
}

// Everything one entry yields: results, then NULL; for a Sync a single result.
static fault_t take_answer (pipe_t *self, turn_t *turn, const pipe_entry_t *entry, bool last,
                            pipe_result_t *out)
{
    fault_t fault = OK;
    bool any = false;
    for (PGresult *result; (result = PQgetResult (self->connection)); any = true) {
        fault_t one = take_result (self, turn, entry, last, result, out);
        fault = fault ? fault : one;
        PQclear (result);
        if (entry->kind == PIPE_SYNC || PQstatus (self->connection) != CONNECTION_OK)
            return fault;
    }
    return any ? fault : unsent (self, turn);
}

static size_t last_statement (const pipe_t *self)
{
    size_t last = self->count;
    while (last > 0 && self->entries[last - 1].kind != PIPE_EXECUTE)
        last--;
    return last;
}

fault_t pipe_collect (pipe_t *self, turn_t *turn, pipe_result_t *out)
{
    if (self->count == 0)
        return OK;
    pipe_sync (self);
    metric_add (self->trips, 1);
    fault_t fault = OK;
    const char *detail = NULL; // Of the first fault: others follow from it
    size_t last = last_statement (self), count = self->count;
    self->count = self->bytes = 0;
    for (size_t i = 0; i < count; i++) {
        fault_t one = take_answer (self, turn, &self->entries[i], i + 1 == last, out);
        if (!one && PQstatus (self->connection) != CONNECTION_OK)
            one = unsent (self, turn);
        if (one && !fault) {
            fault = one;
            detail = turn->detail;
        }
        if (PQstatus (self->connection) != CONNECTION_OK)
            break;
    }
    turn->detail = fault ? detail : turn->detail;
    return fault;
}
