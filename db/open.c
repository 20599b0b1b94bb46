/* open.c - see open.h. */

#include "db/open.h"

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/settings/program.h"
#include "db/migrations.h"

#include <string.h>

#define WAIT_US SECONDS (60) // Less than service managers give a program to start (systemd: 90 s)

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

static fault_t open_now (db_t **out, turn_t *turn, const settings_t *settings, const char *part)
{
    fault_t fault = db_open (out, database_url (turn->arena, settings, part), turn);
    if (fault == OK)
        fault = database_migrate (*out, turn, part);
    if (fault != OK)
        db_close (out);
    return fault;
}

// A server beyond the network, which may come, or come back. Of a file the reason is on this machine, and nobody sees to it by waiting.
static bool may_come (const settings_t *settings)
{
    return *settings->database_url && strncmp (settings->database_url, "sqlite:", 7) != 0;
}

// After a reboot, or in an outage, a service may start before its database does. To end and be started again would not be quicker: service
// managers wait longer each time, or give up.
fault_t database_open (db_t **out, turn_t *turn, const settings_t *settings, const char *part)
{
    backoff_t backoff = {.least_us = MILLISECONDS (100), .most_us = SECONDS (2)};
    int64_t until_us = clock_monotonic_us () + WAIT_US;
    fault_t fault = open_now (out, turn, settings, part);
    if (fault != UNAVAILABLE || !may_come (settings))
        return fault;
    log_warn ("waiting for the database", "why", turn->detail, NULL);
    while (fault == UNAVAILABLE && clock_monotonic_us () < until_us &&
           !program_must_end (backoff_next_us (&backoff)))
        fault = open_now (out, turn, settings, part);
    return fault;
}
