/* db_pg_connect.h - connections to PostgreSQL, for statements and for announcements. Private to db_pg*.c and notify_pg.c. */

#ifndef OPENCICD_DB_PG_CONNECT_H
#define OPENCICD_DB_PG_CONNECT_H

#include "common/base/turn.h"

#include <libpq-fe.h>

#define DB_PG_CHANNEL "opencicd_" // Prefix of announcement channels

MUST_USE fault_t db_pg_connect (PGconn **out, const char *url,
                                turn_t *turn); // Ready for use; NULL where it fails
// What went wrong: returns the fault, sets the turn's detail.
MUST_USE fault_t db_pg_fail (const PGconn *connection, turn_t *turn, const PGresult *result);

#endif
