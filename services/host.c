/* host.c - see host.h. A service that cannot be started leaves nothing behind. */

#include "services/host.h"

#include "common/db/notify.h"
#include "common/os/folder.h"
#include "common/os/private.h"
#include "common/s3/store.h"
#include "db/open.h"
#include "services/health.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const service_t *service;
    db_t *db;
    void *self;
    actor_t *actor;
    health_t *health;
    notify_t *notify; // Only if there may be other replicas
} hosted_t;

struct host {
    const settings_t *settings;
    bus_t *bus;
    blob_t *blob;
    secret_key_t key;
    hosted_t hosted[HOST_SERVICES];
    size_t count;
};

fault_t host_new (host_t **out, turn_t *turn, const settings_t *settings, bus_t *bus)
{
    host_t *self = calloc (1, sizeof (host_t));
    if (!self)
        abort ();
    self->settings = settings;
    self->bus = bus;
    fault_t fault = folder_make (turn, settings->data_dir);
    if (fault == OK)
        fault = private_folder (turn, settings->data_dir);
    if (fault == OK)
        fault = secret_key_load (&self->key, turn, settings->secret_key_file);
    if (fault != OK)
        host_destroy (&self);
    *out = self;
    return fault;
}

static void end (hosted_t *hosted)
{
    notify_destroy (&hosted->notify);
    actor_destroy (&hosted->actor);
    health_destroy (&hosted->health);
    if (hosted->self)
        hosted->service->destroy (&hosted->self);
    db_close (&hosted->db);
}

void host_destroy (host_t **self_p)
{
    host_t *self = *self_p;
    if (!self)
        return;
    if (self->blob)
        blob_leave (
            self->blob); // Actors wait for their helper threads, which must not wait for a store that fails
    while (self->count > 0)
        end (&self->hosted[--self->count]);
    blob_close (&self->blob);
    explicit_bzero (&self->key, sizeof self->key);
    free (self);
    *self_p = NULL;
}

const secret_key_t *host_key (const host_t *self)
{
    return &self->key;
}

static fault_t make (host_t *self, turn_t *turn, hosted_t *hosted, const char *url, const char *endpoint)
{
    const service_t *service = hosted->service;
    service_world_t world = {.settings = self->settings,
                             .db = hosted->db,
                             .blob = service->has_blobs ? self->blob : NULL,
                             .key = &self->key,
                             .url = url};
    fault_t fault = service->make (&hosted->self, turn, &world);
    if (fault != OK)
        return fault;
    hosted->actor = actor_new (service->class, hosted->self, self->bus, endpoint);
    if (!hosted->actor)
        return turn_fail (turn, CONFLICT, "the %s service cannot listen at %s", service->class->name,
                          endpoint ? endpoint : "its inbox");
    hosted->health = health_new (hosted->actor, hosted->db);
    if (!endpoint || !service->class->announce)
        return OK;
    const char *name = service->class->name;
    return notify_new (&hosted->notify, turn, database_url (turn->arena, self->settings, name), name,
                       actor_notified, hosted->actor);
}

// SQLite gives its files beside a database the mode of the database.
static fault_t open_database (host_t *self, turn_t *turn, hosted_t *hosted)
{
    const char *name = hosted->service->class->name;
    const char *file = arena_printf (turn->arena, "%s/%s.db", self->settings->data_dir, name);
    fault_t fault = private_file (turn, file);
    return fault ? fault : database_open (&hosted->db, turn, self->settings, name);
}

fault_t host_start (host_t *self, turn_t *turn, const service_t *service, const char *url,
                    const char *endpoint)
{
    if (self->count == HOST_SERVICES)
        return turn_fail (turn, BROKEN, "more than %d services", HOST_SERVICES);
    hosted_t hosted = {.service = service};
    fault_t fault = service->has_blobs && !self->blob ? store_open (&self->blob, turn, self->settings) : OK;
    if (fault == OK && service->has_database)
        fault = open_database (self, turn, &hosted);
    if (fault == OK && service->class->requests)
        fault = database_migrate (hosted.db, turn, "requests");
    if (fault == OK && service->class->audit)
        fault = database_migrate (hosted.db, turn, "audit");
    if (fault == OK)
        fault = make (self, turn, &hosted, url, endpoint);
    if (fault == OK)
        self->hosted[self->count++] = hosted;
    else
        end (&hosted);
    return fault;
}

const char *host_endpoint (const host_t *self, const char *service)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->hosted[i].service->class->name, service) == 0)
            return actor_endpoint (self->hosted[i].actor);
    return NULL;
}

fault_t host_ready (host_t *self, turn_t *turn)
{
    fault_t fault = OK;
    for (size_t i = 0; i < self->count && fault == OK; i++) {
        const hosted_t *hosted = &self->hosted[i];
        fault = health_check (hosted->health, turn, HOST_TIMEOUT_MS);
        if (fault != OK)
            return turn_fail (turn, UNAVAILABLE, "%s: %s", hosted->service->class->name, turn->detail);
    }
    return self->blob ? blob_ready (self->blob, turn) : OK;
}

fault_t host_directory (host_t *self, turn_t *turn, directory_t **out)
{
    db_t *db = NULL;
    fault_t fault = database_open (&db, turn, self->settings, "directory");
    if (fault == OK)
        fault = directory_new (out, turn, &db, self->bus);
    db_close (&db);
    return fault;
}
