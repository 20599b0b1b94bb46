/* open.c - see open.h. */

#include "db/open.h"

#include "db/migrations.h"

const char *database_url (arena_t *arena, const settings_t *settings, const char *part)
{
    const char *url = settings->database_url;
    return *url ? url : arena_printf (arena, "sqlite:%s/%s.db", settings->data_dir, part);
}

fault_t database_migrate (db_t *db, turn_t *turn, const char *part)
{
    size_t count;
    const migration_t *list = migrations_of (part, &count);
    return db_migrate (db, turn, part, list, count);
}

fault_t database_open (db_t **out, turn_t *turn, const settings_t *settings, const char *part)
{
    fault_t fault = db_open (out, database_url (turn->arena, settings, part), turn);
    if (fault == OK)
        fault = database_migrate (*out, turn, part);
    if (fault != OK)
        db_close (out);
    return fault;
}
