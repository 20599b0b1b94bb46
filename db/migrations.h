/* migrations.h - the SQL files of db/, which the build embeds. See db/README.md. */

#ifndef OPENCICD_MIGRATIONS_H
#define OPENCICD_MIGRATIONS_H

#include "common/db/db.h"

// The migrations of a part (a folder of db/), in order, for db_migrate(); NULL and 0 where it has none.
const migration_t *migrations_of (const char *part, size_t *count);
const char *migrations_part (size_t index); // The parts' names from 0; NULL behind the last

#endif
