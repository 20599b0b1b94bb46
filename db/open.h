/* open.h - the database of one part, as the settings say, migrated. */

#ifndef OPENCICD_DB_OPEN_H
#define OPENCICD_DB_OPEN_H

#include "common/db.h"
#include "common/settings.h"

// Where the database of this part is.
const char *database_url (arena_t *arena, const settings_t *settings, const char *part);
// database_url, or a SQLite file of this part's own in the data folder. The detail says what is wrong.
MUST_USE fault_t database_open (db_t **out, turn_t *turn, const settings_t *settings, const char *part);

#endif
