/* db_pg.c - the engine over PostgreSQL: one libpq connection, every wait bounded by a timeout of the server or of TCP.
 *
 * Within a transaction, statements without results are not waited for (db_pg_pipe.h): a unit of work takes as many round trips as it reads,
 * and one for its commit. The begin goes with the first statement that writes or locks; before it, reads run by themselves, which at
 * READ COMMITTED is the same. A statement is never sent twice: if the connection is lost while it runs it is unknown whether it
 * took effect, and the caller gets UNAVAILABLE. */

#include "common/base/clock.h"
#include "common/db/db_pg_connect.h"
#include "common/db/db_pg_pipe.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_US MILLISECONDS (200) // The delay before the next attempt after a failed connect

typedef struct {
    PGconn *connection; // NULL where it was lost
    char *url;
    db_cache_t *statements;
    pipe_t pipe;
    bool begun;          // The server knows of the transaction, or will with the queued statements
    int64_t retry_at_us; // Monotonic
} pg_t;

// ---- the connection

static void drop (void *owner, void *statement)
{
    (void) owner; // Statements are dropped with their connection, or all at once
    (void) statement;
}

static void disconnect (pg_t *self)
{
    PQfinish (self->connection);
    self->connection = NULL;
    self->begun = false;
    pipe_init (&self->pipe, NULL, self->statements);
    db_cache_clear (self->statements);
}

static fault_t connect_now (pg_t *self, turn_t *turn)
{
    fault_t fault = db_pg_connect (&self->connection, self->url, turn);
    if (!fault && !PQenterPipelineMode (self->connection)) {
        fault = db_pg_fail (self->connection, turn, NULL);
        disconnect (self);
    }
    if (fault)
        self->retry_at_us = clock_monotonic_us () + RETRY_US;
    pipe_init (&self->pipe, self->connection, self->statements);
    return fault;
}

// libpq notices that a server went away only when it reads: look before sending.
static bool has_ended (pg_t *self)
{
    if (!self->connection || PQstatus (self->connection) != CONNECTION_OK)
        return true;
    struct pollfd socket = {.fd = PQsocket (self->connection), .events = POLLIN | POLLRDHUP};
    if (poll (&socket, 1, 0) <= 0)
        return false;
    if (socket.revents & (POLLRDHUP | POLLHUP | POLLERR))
        return true;
    return PQconsumeInput (self->connection) != 1; // A notice
}

static bool is_alive (pg_t *self)
{
    return !has_ended (self) && PQtransactionStatus (self->connection) == PQTRANS_IDLE;
}

static fault_t ensure (pg_t *self, turn_t *turn)
{
    if (is_alive (self))
        return OK;
    disconnect (self);
    if (clock_monotonic_us () < self->retry_at_us)
        return turn_fail (turn, UNAVAILABLE, "the database cannot be reached");
    return connect_now (self, turn);
}

static void pg_close (void *state)
{
    pg_t *self = state;
    disconnect (self);
    db_cache_destroy (&self->statements);
    free (self->url);
    free (self);
}

static fault_t pg_open (void **state, const char *url, turn_t *turn)
{
    PQconninfoOption *options = PQconninfoParse (url, NULL);
    if (!options) // libpq's text could repeat the password
        return turn_fail (turn, BAD_INPUT, "the database URL is not a well-formed postgres:// URL");
    PQconninfoFree (options);
    pg_t *self = calloc (1, sizeof (pg_t));
    if (!self || !(self->url = strdup (url)))
        abort ();
    self->statements = db_cache_new (drop, self);
    fault_t fault = connect_now (self, turn);
    if (fault)
        pg_close (self);
    else
        *state = self;
    return fault;
}

// ---- statements

// The begin is queued before the statement that needs it.
static fault_t send (pg_t *self, turn_t *turn, const statement_t *statement, bool in_transaction)
{
    if (in_transaction && !self->connection)
        return turn_fail (turn, UNAVAILABLE, "the database ended the connection");
    if (in_transaction && !self->begun) {
        TRY (pipe_send (&self->pipe, turn, "begin", NULL, 0, NULL));
        self->begun = true;
    }
    return pipe_send (&self->pipe, turn, statement->sql, statement->rows, statement->count,
                      statement->params);
}

// It wrote and locked nothing: there is nothing to commit.
static bool only_reads (const char *sql, const rows_t *rows)
{
    return rows && strncmp (sql, "select ", 7) == 0 && !strstr (sql, "/*");
}

static fault_t pg_run (void *state, turn_t *turn, statement_t *run)
{
    pg_t *self = state;
    if (!run->in_transaction)
        TRY (ensure (self, turn));
    bool within = run->in_transaction && (self->begun || !only_reads (run->sql, run->rows));
    TRY (send (self, turn, run, within));
    run->changes = within && !only_reads (run->sql, run->rows);
    if (!run->wait)
        return OK;
    pipe_result_t result = {0};
    TRY (pipe_collect (&self->pipe, turn, &result));
    run->changes = result.changes;
    return OK;
}

static fault_t pg_flush (void *state, turn_t *turn)
{
    pg_t *self = state;
    pipe_result_t result = {0};
    return pipe_collect (&self->pipe, turn, &result);
}

// The pipeline cannot take several statements in one text.
static fault_t run_script (pg_t *self, turn_t *turn, const char *sql)
{
    if (!PQexitPipelineMode (self->connection))
        return db_pg_fail (self->connection, turn, NULL);
    PGresult *result = PQexec (self->connection, sql);
    ExecStatusType status = PQresultStatus (result);
    fault_t fault = OK;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        fault = db_pg_fail (self->connection, turn, result);
    PQclear (result);
    if (!PQenterPipelineMode (self->connection) && !fault)
        fault = db_pg_fail (self->connection, turn, NULL);
    return fault;
}

static fault_t pg_script (void *state, turn_t *turn, const char *sql, bool in_transaction)
{
    pg_t *self = state;
    if (!in_transaction)
        TRY (ensure (self, turn));
    if (in_transaction && !strchr (sql, ';'))
        return send (self, turn, &(statement_t){.sql = sql}, true);
    TRY (pg_flush (self, turn));
    return run_script (self, turn, sql);
}

// ---- transactions

static fault_t pg_begin (void *state, turn_t *turn)
{
    return ensure (state, turn);
}

static fault_t pg_begin_migration (void *state, turn_t *turn)
{
    pg_t *self = state;
    TRY (ensure (self, turn));
    self->begun = true;
    return run_script (self, turn,
                       "begin; set local statement_timeout = 0; set local lock_timeout = '60s';"
                       "set local idle_in_transaction_session_timeout = '60s';"
                       "select pg_advisory_xact_lock (8242017133)");
}

// An error that the server itself reports means a rollback, except for those that end the connection: the commit may be
// durable by then. If the server had hung up before anything was sent, nothing happened.
static fault_t pg_commit (void *state, turn_t *turn, bool *unknown)
{
    pg_t *self = state;
    *unknown = false;
    if (!self->begun) { // Reads that nobody waited for go to rows that are about to be gone
        (void) !pg_flush (self, turn);
        return OK;
    }
    if (has_ended (self))
        return turn_fail (turn, UNAVAILABLE, "the database ended the connection before the commit");
    TRY (pipe_send (&self->pipe, turn, "commit", NULL, 0, NULL));
    pipe_result_t result = {0};
    fault_t fault = pipe_collect (&self->pipe, turn, &result);
    if (fault) {
        bool hung_up = strncmp (result.state, "08", 2) == 0 || strncmp (result.state, "57P", 3) == 0;
        *unknown = !*result.state || (result.reached && hung_up);
        return fault;
    }
    self->begun = false;
    return result.tag_commit ? OK : turn_fail (turn, BROKEN, "the database rolled the transaction back");
}

// Queued statements are rolled back whether they fail or not. If even that fails the connection is closed, and the server rolls back.
static void pg_rollback (void *state)
{
    pg_t *self = state;
    if (!self->begun && self->pipe.count == 0)
        return;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "rollback", 0);
    pipe_result_t result = {0};
    bool good = !has_ended (self);
    if (good) {
        pipe_sync (&self->pipe);
        good = !self->begun || pipe_send (&self->pipe, &turn, "rollback", NULL, 0, NULL) == OK;
        (void) !pipe_collect (&self->pipe, &turn, &result);
    }
    self->begun = false;
    if (!good || !is_alive (self))
        disconnect (self);
    arena_destroy (&arena);
}

const db_engine_t db_pg = {
    .postgres = true,
    .notify = "select pg_notify ('" DB_PG_CHANNEL "' || $1, $2)",
    .open = pg_open,
    .close = pg_close,
    .run = pg_run,
    .flush = pg_flush,
    .script = pg_script,
    .begin = pg_begin,
    .begin_migration = pg_begin_migration,
    .commit = pg_commit,
    .rollback = pg_rollback,
};
