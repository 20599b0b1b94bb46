/* open.h - the database of one part, as the settings say, migrated. */

#ifndef OPENCICD_DB_OPEN_H
#define OPENCICD_DB_OPEN_H

#include "common/db/db.h"
#include "common/settings/settings.h"

// Where the database of this part is.
const char *database_url (arena_t *arena, const settings_t *settings, const char *part);
// database_url, or a SQLite file of this part's own in the data folder. A server that cannot be reached is waited for, for a minute or until the
// program must end (common/settings/program.h). The detail says what is wrong.
MUST_USE fault_t database_open (db_t **out, turn_t *turn, const settings_t *settings, const char *part);

// Tables of another part in the same database.
MUST_USE fault_t database_migrate (db_t *db, turn_t *turn, const char *part);

#endif
