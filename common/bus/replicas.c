/* replicas.c - see replicas.h. */

#include "common/bus/replicas.h"

#include <stdlib.h>
#include <string.h>

struct replicas {
    bus_t *bus;
    replica_t *items[REPLICAS_SOCKETS];
    size_t count;
};

replicas_t *replicas_new (bus_t *bus)
{
    replicas_t *self = calloc (1, sizeof (replicas_t));
    if (!self)
        abort ();
    self->bus = bus;
    return self;
}

void replicas_destroy (replicas_t **self_p)
{
    replicas_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        replica_destroy (&self->items[i]);
    free (self);
    *self_p = NULL;
}

size_t replicas_count (const replicas_t *self)
{
    return self->count;
}

replica_t *replicas_at (replicas_t *self, size_t index)
{
    return self->items[index];
}

static replica_t *find_replica (replicas_t *self, const char *service, const char *endpoint)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->items[i]->service, service) == 0 &&
            strcmp (self->items[i]->endpoint, endpoint) == 0)
            return self->items[i];
    return NULL;
}

void replicas_leave (replicas_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i]->gone && self->items[i]->under_way == 0) {
            replica_destroy (&self->items[i]);
            self->items[i--] = self->items[--self->count];
        }
}

// Connects to new replicas and drops those that are gone, once nothing is under way there. Returns the version that it
// read: there may be a newer one by now.
static uint64_t refresh (replicas_t *self, const char *service)
{
    char endpoints[BUS_REPLICAS][BUS_ENDPOINT];
    uint64_t version;
    size_t count = bus_endpoints (self->bus, service, endpoints, &version);
    for (size_t i = 0; i < count; i++) {
        replica_t *replica = find_replica (self, service, endpoints[i]);
        if (!replica && self->count < REPLICAS_SOCKETS) {
            replica = replica_new (self->bus, service, endpoints[i]);
            if (replica)
                self->items[self->count++] = replica;
        }
        if (replica)
            replica->version = version;
    }
    for (size_t i = 0; i < self->count; i++) {
        replica_t *replica = self->items[i];
        if (strcmp (replica->service, service) == 0)
            replica->gone = replica->version != version;
    }
    replicas_leave (self);
    return version;
}

// All who ask agree on the same one, by its name, while it has not many more than another.
static bool comes_first (const replica_t *one, const replica_t *other)
{
    bool much_busier = one->under_way > other->under_way + REPLICAS_BUSIER ||
                       other->under_way > one->under_way + REPLICAS_BUSIER;
    return much_busier ? one->under_way < other->under_way : strcmp (one->endpoint, other->endpoint) < 0;
}

// Replicas that were silent recently or are not connected yet come last, and what must run only once, which would stay there, is not what
// shows whether a silent one answers again; else the one with the fewest requests is best. Where replicas take
// turns with the writer's lock, two that are asked alike commit twice as often as one for the same work, and are slower than it.
static bool is_better (const replicas_t *self, bool once, const replica_t *one, const replica_t *other,
                       int64_t now)
{
    const codec_t *codec = bus_codec (self->bus);
    if (one->up != other->up)
        return one->up;
    bool one_silent = replica_was_silent (one, now) || (once && one->mute),
         other_silent = replica_was_silent (other, now) || (once && other->mute);
    if (one_silent != other_silent)
        return other_silent;
    return codec->takes_turns && codec->takes_turns (one->service) ? comes_first (one, other)
                                                                   : one->under_way < other->under_way;
}

// What must run only once is not given to a replica that is not connected: it would lie in the queue of a replica that may be gone, and could
// not be given to another.
static bool may_take (const replica_t *replica, bool once)
{
    return !replica->down && (replica->up || !once);
}

replica_t *replicas_choose (replicas_t *self, const char *service, bool once, const replica_t *last)
{
    uint64_t version = bus_version (self->bus);
    int64_t now = clock_monotonic_us ();
    replica_t *best = NULL, *only = NULL;
    for (int pass = 0; pass < 2 && !best && !only; pass++) {
        if (pass == 1)
            version = refresh (self, service);
        for (size_t i = 0; i < self->count; i++) {
            replica_t *replica = self->items[i];
            if (replica->version != version || strcmp (replica->service, service) != 0)
                continue;
            bool may = may_take (replica, once);
            only = may ? replica : only;
            if (may && replica != last && (!best || is_better (self, once, replica, best, now)))
                best = replica;
        }
    }
    return best ? best : only;
}

bool replicas_have_another (const replicas_t *self, const replica_t *than)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i] != than && !self->items[i]->down && self->items[i]->version == than->version &&
            strcmp (self->items[i]->service, than->service) == 0)
            return true;
    return false;
}

bool replicas_may_connect (const replicas_t *self, const char *service)
{
    for (size_t i = 0; i < self->count; i++)
        if (!self->items[i]->up && !self->items[i]->gone && strcmp (self->items[i]->service, service) == 0)
            return true;
    return false;
}

size_t replicas_pollables (replicas_t *self, pollable_t *list[2 * REPLICAS_SOCKETS])
{
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++) {
        list[count++] = &self->items[i]->pollable;
        if (self->items[i]->monitor)
            list[count++] = &self->items[i]->watch;
    }
    return count;
}
