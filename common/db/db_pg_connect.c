/* db_pg_connect.c - a connection to PostgreSQL ready for use, and what its errors mean. See db_pg_connect.h. */

#include "common/db/db_pg_connect.h"

#include <string.h>

// A connection whose other end is gone is noticed within about 10 s, whether we wait for an answer (keepalives: 4 + 3 x 2 s) or
// for the acknowledgement of what we sent (tcp_user_timeout).
#define CONNECT_SECONDS "5"
#define KEEP_IDLE       "4"
#define KEEP_INTERVAL   "2"
#define KEEP_COUNT      "3"
#define USER_TIMEOUT_MS "10000"

// A unit of work takes milliseconds and holds a lock that all writers need: one that is frozen (a stopped process, a host that
// swaps) is ended after 2.5 s, and finds its unit rolled back. Others wait for its locks longer than that, so that they get them: 5 s,
// like SQLite's busy timeout. No request waits longer than 10 s, so that no statement needs to run longer.
//
// Statements are planned once per connection, often while their tables are small: starting from the only project and scanning its few
// runs is the cheapest plan then, but reads them all when there are many. Each of our statements has an index to start from.
#define SETTINGS                                          \
    "set enable_seqscan = off;"                           \
    "set jit = off;"                                      \
    "set synchronous_commit = on;"                        \
    "set idle_in_transaction_session_timeout = '2500ms';" \
    "set lock_timeout = '5s';"                            \
    "set statement_timeout = '10s';"                      \
    "set client_min_messages = warning"

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
    {"08P01", BROKEN},      // Our bug: the number of parameters
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

static void ignore_notice (void *unused, const char *message)
{
    (void) unused;
    (void) message;
}

fault_t db_pg_connect (PGconn **out, const char *url, turn_t *turn)
{
    static const char *const keys[] = {"connect_timeout",
                                       "application_name",
                                       "client_encoding",
                                       "keepalives_idle",
                                       "keepalives_interval",
                                       "keepalives_count",
                                       "tcp_user_timeout",
                                       "dbname",
                                       NULL};
    const char *values[] = {CONNECT_SECONDS, "opencicd",      "UTF8", KEEP_IDLE, KEEP_INTERVAL,
                            KEEP_COUNT,      USER_TIMEOUT_MS, url,    NULL};
    PGconn *connection = PQconnectdbParams (keys, values, 1);
    fault_t fault = OK;
    if (PQstatus (connection) != CONNECTION_OK) {
        fault = db_pg_fail (connection, turn, NULL);
    } else {
        PQsetNoticeProcessor (connection, ignore_notice, NULL);
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
