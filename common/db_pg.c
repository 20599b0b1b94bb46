/* db_pg.c - the engine over PostgreSQL: one libpq connection, blocking, every wait bounded by a server-side timeout.
 *
 * Parameters are sent as text (as fast as binary here), bytes as they are; their types are said at the prepare, so that
 * nothing depends on what the server would guess. A statement is never sent twice: where the connection is lost while it
 * runs nobody knows whether it took effect, and the caller hears UNAVAILABLE. */

#include "common/db_pg.h"
#include "common/clock.h"
#include "common/db_engine.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_SECONDS "5"
#define RETRY_US        MILLISECONDS (200) // After a failed connect the next attempt waits so long

// lock_timeout: as long as SQLite's busy timeout.
#define SETTINGS                                       \
    "set synchronous_commit = on;"                     \
    "set idle_in_transaction_session_timeout = '30s';" \
    "set lock_timeout = '5s';"                         \
    "set statement_timeout = '60s';"                   \
    "set client_min_messages = warning"

enum { TYPE_BOOL = 16, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_TEXT = 25 };

typedef struct {
    PGconn *connection; // NULL where it was lost
    char *url;
    db_cache_t *statements; // Their numbers: "s1" is 1
    uintptr_t last_statement;
    int64_t retry_at_us; // Monotonic
} pg_t;

// The first row whose text the SQLSTATE begins with.
static const struct {
    const char *state;
    fault_t fault;
} faults[] = {
    {"22", BAD_INPUT},      // A value that its type cannot hold
    {"23", CONFLICT},       // A constraint
    {"53100", NO_SPACE},    // Disk full
    {"53", UNAVAILABLE},    // Too many connections, out of memory
    {"54", TOO_LARGE},      // A limit of the server
    {"57014", TIMEOUT},     // statement_timeout
    {"57", UNAVAILABLE},    // Shut down
    {"55P03", UNAVAILABLE}, // lock_timeout
    {"40", UNAVAILABLE},    // Serialization, deadlock: try again
    {"25P03", UNAVAILABLE}, // Idle within a transaction for too long
    {"08P01", BROKEN},      // Our mistake: the number of parameters
    {"08", UNAVAILABLE},    // Connection
    {"58", UNAVAILABLE},    // The server's I/O
};

fault_t db_pg_fail (const PGconn *connection, turn_t *turn, const PGresult *result)
{
    const char *state = result ? PQresultErrorField (result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (!text)
        text = PQerrorMessage (connection);
    fault_t fault = state ? BROKEN : UNAVAILABLE;
    for (size_t i = 0; state && i < sizeof (faults) / sizeof (faults[0]); i++) {
        if (strncmp (state, faults[i].state, strlen (faults[i].state)) == 0) {
            fault = faults[i].fault;
            break;
        }
    }
    return turn_fail (turn, fault, "the database says: %.*s", (int) strcspn (text, "\n"), text);
}

static void drop (void *owner, void *statement)
{
    pg_t *self = owner;
    if (!self->connection) // It went with the connection
        return;
    char sql[48];
    snprintf (sql, sizeof (sql), "deallocate s%zu", (size_t) statement);
    PQclear (PQexec (self->connection, sql));
}

static void be_quiet (void *unused, const char *message)
{
    (void) unused;
    (void) message;
}

static void disconnect (pg_t *self)
{
    PQfinish (self->connection);
    self->connection = NULL;
    db_cache_clear (self->statements);
}

fault_t db_pg_connect (PGconn **out, const char *url, turn_t *turn)
{
    static const char *const keys[] = {
        "connect_timeout",     "application_name", "client_encoding", "keepalives_idle",
        "keepalives_interval", "tcp_user_timeout", "dbname",          NULL};
    const char *values[] = {CONNECT_SECONDS, "opencicd", "UTF8", "15", "5", "30000", url, NULL};
    PGconn *connection = PQconnectdbParams (keys, values, 1);
    fault_t fault = OK;
    if (PQstatus (connection) != CONNECTION_OK) {
        fault = db_pg_fail (connection, turn, NULL);
    } else {
        PQsetNoticeProcessor (connection, be_quiet, NULL);
        PGresult *result = PQexec (connection, SETTINGS);
        if (PQresultStatus (result) != PGRES_COMMAND_OK)
            fault = db_pg_fail (connection, turn, result);
        PQclear (result);
    }
    if (fault) {
        PQfinish (connection);
        connection = NULL;
    }
    *out = connection;
    return fault;
}

static fault_t connect_now (pg_t *self, turn_t *turn)
{
    fault_t fault = db_pg_connect (&self->connection, self->url, turn);
    if (fault)
        self->retry_at_us = clock_monotonic_us () + RETRY_US;
    return fault;
}

// libpq notices that a server went away only when it reads: look before sending.
static bool is_alive (pg_t *self)
{
    if (!self->connection || PQstatus (self->connection) != CONNECTION_OK)
        return false;
    if (PQtransactionStatus (self->connection) != PQTRANS_IDLE)
        return false;
    struct pollfd socket = {.fd = PQsocket (self->connection), .events = POLLIN | POLLRDHUP};
    if (poll (&socket, 1, 0) <= 0)
        return true;
    if (socket.revents & (POLLRDHUP | POLLHUP | POLLERR))
        return false;
    return PQconsumeInput (self->connection) == 1; // A notice
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

static const Oid type_of[] = {
    [PARAM_NULL] = 0, [PARAM_I64] = TYPE_INT8, [PARAM_STR] = TYPE_TEXT, [PARAM_BYTES] = TYPE_BYTEA};

// The same text with other kinds of parameters is another statement.
static uint64_t kinds_of (size_t count, const param_t *params)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ (1 + (uint64_t) params[i].kind)) * 0x100000001b3;
    return hash;
}

static fault_t prepare (pg_t *self, turn_t *turn, const char *sql, size_t count, const param_t *params,
                        uintptr_t *number)
{
    uint64_t kinds = kinds_of (count, params);
    *number = (uintptr_t) db_cache_find (self->statements, sql, kinds);
    if (*number)
        return OK;
    const char *text = db_dialect_statement (turn->arena, sql, true);
    if (!text)
        return turn_fail (turn, TOO_LARGE, "a statement of %zu bytes", strlen (sql));
    Oid types[DB_MAX_PARAMS];
    for (size_t i = 0; i < count; i++)
        types[i] = type_of[params[i].kind];
    char name[24];
    snprintf (name, sizeof (name), "s%zu", (size_t) ++self->last_statement);
    PGresult *result = PQprepare (self->connection, name, text, (int) count, types);
    fault_t fault =
        PQresultStatus (result) == PGRES_COMMAND_OK ? OK : db_pg_fail (self->connection, turn, result);
    PQclear (result);
    if (fault)
        return fault;
    *number = self->last_statement;
    db_cache_add (self->statements, sql, kinds, (void *) *number);
    return OK;
}

static PGresult *execute (pg_t *self, uintptr_t number, size_t count, const param_t *params)
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
    return PQexecPrepared (self->connection, name, (int) count, values, sizes, formats, 0);
}

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
    return fault;
}

// A select's tag counts as well, but what it read.
static int64_t count_changes (PGresult *result)
{
    const char *tag = PQcmdStatus (result);
    bool writes =
        strncmp (tag, "INSERT", 6) == 0 || strncmp (tag, "UPDATE", 6) == 0 || strncmp (tag, "DELETE", 6) == 0;
    return writes ? strtoll (PQcmdTuples (result), NULL, 10) : 0;
}

static fault_t pg_run (void *state, turn_t *turn, const char *sql, rows_t *rows, size_t count,
                       const param_t *params, bool in_transaction, int64_t *changes)
{
    pg_t *self = state;
    uintptr_t number = 0;
    fault_t fault = in_transaction ? OK : ensure (self, turn);
    if (!fault)
        fault = prepare (self, turn, sql, count, params, &number);
    if (fault)
        return fault;
    PGresult *result = execute (self, number, count, params);
    ExecStatusType status = PQresultStatus (result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fault = db_pg_fail (self->connection, turn, result);
    else if (rows)
        fault = copy_rows (rows, turn, result);
    if (!fault)
        *changes = count_changes (result);
    PQclear (result);
    return fault;
}

static fault_t pg_script (void *state, turn_t *turn, const char *sql, bool in_transaction)
{
    pg_t *self = state;
    fault_t fault = in_transaction ? OK : ensure (self, turn);
    if (fault)
        return fault;
    PGresult *result = PQexec (self->connection, sql);
    ExecStatusType status = PQresultStatus (result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        fault = db_pg_fail (self->connection, turn, result);
    PQclear (result);
    return fault;
}

static void pg_rollback (void *state)
{
    pg_t *self = state;
    if (self->connection && PQtransactionStatus (self->connection) != PQTRANS_IDLE)
        PQclear (PQexec (self->connection, "rollback"));
}

const db_engine_t db_pg = {
    .postgres = true,
    .begin = "begin",
    .notify = "select pg_notify ('" DB_PG_CHANNEL "' || $1, $2)",
    .migrate_begin = "begin; set local statement_timeout = 0; set local lock_timeout = '60s';"
                     "select pg_advisory_xact_lock (8242017133)",
    .open = pg_open,
    .close = pg_close,
    .run = pg_run,
    .script = pg_script,
    .rollback = pg_rollback,
};
