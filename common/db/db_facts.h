/* db_facts.h - what a database says of itself, for whoever looks after it: nothing is changed, no table is made. */

#ifndef OPENCICD_DB_FACTS_H
#define OPENCICD_DB_FACTS_H

#include "common/db/db.h"

// How many migrations of this part it has; 0 where it has none of its tables.
MUST_USE fault_t db_facts_version (db_t *db, turn_t *turn, const char *part, size_t *out);
// Its clock, UTC microseconds; 0 for SQLite, which has none of its own.
MUST_USE fault_t db_facts_clock (db_t *db, turn_t *turn, int64_t *now_us);
// Settings with which what was committed may be lost in a power cut, "fsync = off"; "" for none.
MUST_USE fault_t db_facts_unsafe (db_t *db, turn_t *turn, const char **out);
// "PostgreSQL 15.8", "SQLite 3.40.1".
MUST_USE fault_t db_facts_name (db_t *db, turn_t *turn, const char **out);

#endif
