/* notify_pg.c - LISTEN on a connection of its own, whose descriptor changes whenever it is made again. */

#include "common/db/db_pg_connect.h"
#include "common/db/notify_engine.h"

#include <libpq-fe.h>

static void notify_pg_close (void *state)
{
    PQfinish (state);
}

static fault_t notify_pg_open (void **state, const char *url, const char *channel, turn_t *turn)
{
    PGconn *connection;
    fault_t fault = db_pg_connect (&connection, url, turn);
    if (fault != OK)
        return fault;
    const char *sql = arena_printf (turn->arena, "listen \"" DB_PG_CHANNEL "%s\"", channel);
    PGresult *result = PQexec (connection, sql);
    if (PQresultStatus (result) != PGRES_COMMAND_OK)
        fault = db_pg_fail (connection, turn, result);
    PQclear (result);
    if (fault == OK)
        *state = connection;
    else
        PQfinish (connection);
    return fault;
}

static int notify_pg_fd (const void *state)
{
    return PQsocket (state);
}

static bool notify_pg_take (void *state, notify_fn notify, void *context)
{
    PGconn *connection = state;
    if (PQconsumeInput (connection) != 1)
        return false;
    for (PGnotify *notification; (notification = PQnotifies (connection));) {
        notify (context, notification->extra);
        PQfreemem (notification);
    }
    return PQstatus (connection) == CONNECTION_OK;
}

const notify_engine_t notify_pg = {
    .open = notify_pg_open, .close = notify_pg_close, .fd = notify_pg_fd, .take = notify_pg_take};
