/* doctor_database.c - the databases: do they answer, are they of this version, and who serves from them? */

#include "cli/doctor/doctor.h"
#include "common/base/clock.h"
#include "common/bus/directory.h"
#include "common/bus/directory_store.h"
#include "common/db/db_facts.h"
#include "db/migrations.h"
#include "db/open.h"
#include "proto/messages.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SKEW_WARNED   SECONDS (2)
#define LOOK_EVERY_MS 100

// What of a URL may be shown: no password.
static const char *shown (const doctor_t *self, const char *url)
{
    const char *host = strrchr (url, '@'), *scheme = strstr (url, "://");
    return host && scheme ? arena_printf (self->turn->arena, "%.*s://...%s", (int) (scheme - url), url, host)
                          : url;
}

db_t *doctor_open (doctor_t *self, const char *part)
{
    db_t *db = NULL;
    const char *url = database_url (self->turn->arena, self->settings, part);
    if (strncmp (url, "sqlite:", 7) == 0 && access (url + 7, F_OK) != 0)
        return NULL; // It would be made
    self->turn->detail = NULL;
    if (db_open (&db, url, self->turn) == OK)
        return db;
    doctor_find (self, FINDING_ERROR, "check --database-url, that the server runs and lets this host in",
                 "%s: %s", shown (self, url),
                 self->turn->detail ? self->turn->detail : "it cannot be opened");
    return NULL;
}

static void check_version (doctor_t *self, db_t *db, const char *part, bool *behind)
{
    size_t version, known;
    (void) migrations_of (part, &known);
    if (db_facts_version (db, self->turn, part, &version) != OK) {
        doctor_find (self, FINDING_ERROR, "", "%s: %s", part,
                     self->turn->detail ? self->turn->detail : "no answer");
        return;
    }
    *behind |= version < known;
    if (version > known)
        doctor_find (
            self, FINDING_ERROR, "install that program's version, or restore the backup from before it",
            "the tables of %s are of a newer program: version %zu, this one knows %zu", part, version, known);
}

static void check_durability (doctor_t *self, db_t *db)
{
    const char *unsafe, *name;
    int64_t now_us, before = clock_now_us (clock_system ());
    if (db_facts_unsafe (db, self->turn, &unsafe) != OK || db_facts_name (db, self->turn, &name) != OK ||
        db_facts_clock (db, self->turn, &now_us) != OK) {
        doctor_find (self, FINDING_ERROR, "", "%s", self->turn->detail ? self->turn->detail : "no answer");
        return;
    }
    int64_t ahead = now_us ? clock_now_us (clock_system ()) - now_us : 0;
    doctor_find (self, FINDING_OK, "", "%s answers in %lld us", name,
                 (long long) (clock_now_us (clock_system ()) - before) / 3);
    if (*unsafe)
        doctor_find (self, FINDING_WARNING, "set it to on: a power cut loses what was acknowledged", "%s",
                     unsafe);
    if (ahead > SKEW_WARNED || ahead < -SKEW_WARNED)
        doctor_find (self, FINDING_WARNING, "let both hosts synchronise their clocks",
                     "this machine's clock is %lld s %s the database's",
                     (long long) (ahead > 0 ? ahead : -ahead) / SECONDS (1),
                     ahead > 0 ? "ahead of" : "behind");
}

void check_database (doctor_t *self)
{
    bool behind = false, durable = false;
    size_t there = 0, before = self->count;
    for (size_t i = 0; migrations_part (i); i++) {
        const char *part = migrations_part (i);
        db_t *db = strcmp (part, "requests") == 0
                       ? NULL
                       : doctor_open (self, part); // Those are beside others' tables
        if (db) {
            there++;
            check_version (self, db, part, &behind);
            if (!durable)
                check_durability (self, db);
            durable = true;
        }
        db_close (&db);
        if (!durable && self->count > before &&
            *self->settings->database_url) // It is the same server for all
            return;
    }
    if (there == 0)
        doctor_find (self, FINDING_PASSED, "", "none yet: the first start makes it");
    else if (behind)
        doctor_find (self, FINDING_WARNING, "back up, then restart the services: they migrate at their start",
                     "some tables are of an older program");
}

// ---- replicas ----

typedef struct {
    const rows_t *before, *now;
} replica_looks_t;

// Its row has changed meanwhile: whatever the hosts' clocks say.
static bool is_alive (const replica_looks_t *both, size_t row)
{
    for (size_t i = 0; i < rows_count (both->before); i++)
        if (strcmp (rows_str (both->before, i, 1), rows_str (both->now, row, 1)) == 0)
            return rows_i64 (both->before, i, 2) != rows_i64 (both->now, row, 2);
    return true;
}

static size_t alive (const replica_looks_t *both, const char *service)
{
    size_t count = 0;
    for (size_t i = 0; i < rows_count (both->now); i++)
        count += strcmp (rows_str (both->now, i, 0), service) == 0 && is_alive (both, i);
    return count;
}

static bool all_are_alive (const replica_looks_t *both)
{
    for (size_t i = 0; i < rows_count (both->now); i++)
        if (!is_alive (both, i))
            return false;
    return true;
}

// Whoever lives writes its row anew within DIRECTORY_HEARTBEAT_S.
static fault_t look_twice (doctor_t *self, db_t *db, replica_looks_t *out)
{
    int64_t since = clock_now_us (clock_system ()) - SECONDS (DIRECTORY_KEPT_S);
    int64_t until = clock_monotonic_us () + SECONDS (DIRECTORY_HEARTBEAT_S + 1);
    TRY (directory_store_list (db, self->turn, since, &out->before));
    out->now = out->before;
    while (!all_are_alive (out) && clock_monotonic_us () < until) {
        poll (NULL, 0, LOOK_EVERY_MS);
        TRY (directory_store_list (db, self->turn, since, &out->now));
    }
    return OK;
}

void check_replicas (doctor_t *self)
{
    replica_looks_t both;
    size_t version = 0, living = 0;
    const char *text = "", *missing = "";
    db_t *db = doctor_open (self, "directory");
    if (!db || db_facts_version (db, self->turn, "directory", &version) != OK || version == 0) {
        doctor_find (self, FINDING_PASSED, "", "no service runs as a program of its own");
        db_close (&db);
        return;
    }
    fault_t fault = look_twice (self, db, &both);
    for (size_t i = 0; fault == OK && all_services[i]; i++) {
        size_t count = alive (&both, all_services[i]);
        living += count;
        arena_t *arena = self->turn->arena;
        if (count)
            text = arena_printf (arena, "%s%s%zu %s", text, *text ? ", " : "", count, all_services[i]);
        else
            missing = arena_printf (arena, "%s%s%s", missing, *missing ? ", " : "", all_services[i]);
    }
    if (fault != OK)
        doctor_find (self, FINDING_ERROR, "", "%s",
                     self->turn->detail ? self->turn->detail : fault_text (fault));
    else if (living == 0)
        doctor_find (self, FINDING_PASSED, "", "no service runs as a program of its own");
    else if (*missing)
        doctor_find (self, FINDING_ERROR, "start them with the same database and key",
                     "%s; nobody serves: %s", text, missing);
    else
        doctor_find (self, FINDING_OK, "", "%s", text);
    db_close (&db);
}
