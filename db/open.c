/* open.c - see open.h. */

#include "db/open.h"

#include "db/migrations.h"

fault_t database_open (db_t **out, turn_t *turn, const settings_t *settings, const char *part)
{
    size_t count;
    const migration_t *list = migrations_of (part, &count);
    const char *url = settings->database_url;
    if (!*url)
        url = arena_printf (turn->arena, "sqlite:%s/%s.db", settings->data_dir, part);
    fault_t fault = db_open (out, url, turn);
    if (fault == OK)
        fault = db_migrate (*out, turn, part, list, count);
    if (fault != OK)
        db_close (out);
    return fault;
}
