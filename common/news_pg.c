/* news_pg.c - LISTEN on a connection of its own, whose descriptor changes whenever it is made again. */

#include "common/db_pg.h"
#include "common/news_engine.h"

#include <libpq-fe.h>

static void news_pg_close (void *state)
{
    PQfinish (state);
}

static fault_t news_pg_open (void **state, const char *url, const char *channel, turn_t *turn)
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

static int news_pg_fd (const void *state)
{
    return PQsocket (state);
}

static bool news_pg_take (void *state, news_hear_fn hear, void *context)
{
    PGconn *connection = state;
    if (PQconsumeInput (connection) != 1)
        return false;
    for (PGnotify *news; (news = PQnotifies (connection));) {
        hear (context, news->extra);
        PQfreemem (news);
    }
    return PQstatus (connection) == CONNECTION_OK;
}

const news_engine_t news_pg = {
    .open = news_pg_open, .close = news_pg_close, .fd = news_pg_fd, .take = news_pg_take};
