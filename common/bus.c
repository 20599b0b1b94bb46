/* bus.c - what one process knows of services: their codec, their clock, where they are. */

#include "common/bus.h"

#include "common/bus_directory.h"
#include "common/bus_frame.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SERVICES 32

typedef struct {
    char *service;
    char *endpoints[BUS_REPLICAS];
    size_t count;
    bool told; // Even if it was that there is none
} place_t;

struct bus {
    const codec_t *codec;
    wall_clock_t *clock;
    unsigned
        number; // Of all buses of this process: an inproc name is free again only some time after its socket closed
    bool protected, apart;
    unsigned char curve_secret[BUS_SECRET], curve_public[BUS_SECRET];
    pthread_mutex_t lock; // Of what follows
    place_t places[MAX_SERVICES];
    size_t count;
    uint64_t version; // Grows with every change
};

bus_t *bus_new (const codec_t *codec, wall_clock_t *clock)
{
    bus_t *self = calloc (1, sizeof (bus_t));
    if (!self)
        abort ();
    self->codec = codec;
    self->clock = clock;
    static atomic_uint count;
    self->number = atomic_fetch_add (&count, 1);
    self->version = 1;
    pthread_mutex_init (&self->lock, NULL);
    return self;
}

static void forget_endpoints (place_t *place)
{
    while (place->count > 0)
        free (place->endpoints[--place->count]);
}

void bus_destroy (bus_t **self_p)
{
    bus_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++) {
        forget_endpoints (&self->places[i]);
        free (self->places[i].service);
    }
    pthread_mutex_destroy (&self->lock);
    sodium_memzero (self->curve_secret, sizeof self->curve_secret);
    free (self);
    *self_p = NULL;
}

const codec_t *bus_codec (const bus_t *self)
{
    return self->codec;
}

wall_clock_t *bus_clock (const bus_t *self)
{
    return self->clock;
}

static place_t *find (bus_t *self, const char *service)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->places[i].service, service) == 0)
            return &self->places[i];
    return NULL;
}

static bool is_same (const place_t *place, const char *const *endpoints, size_t count)
{
    bool same = place->told && place->count == count;
    for (size_t i = 0; i < count && same; i++)
        same = strcmp (place->endpoints[i], endpoints[i]) == 0;
    return same;
}

void bus_set_endpoints (bus_t *self, const char *service, const char *const *endpoints, size_t count)
{
    pthread_mutex_lock (&self->lock);
    place_t *place = find (self, service);
    if (!place && self->count < MAX_SERVICES) {
        place = &self->places[self->count++];
        place->service = strdup (service);
    }
    if (place && !is_same (place, endpoints, count)) { // Peers look again only at what has changed
        forget_endpoints (place);
        for (size_t i = 0; i < count && i < BUS_REPLICAS; i++)
            place->endpoints[place->count++] = strdup (endpoints[i]);
        place->told = true;
        self->version++;
    }
    pthread_mutex_unlock (&self->lock);
}

uint64_t bus_version (bus_t *self)
{
    pthread_mutex_lock (&self->lock);
    uint64_t version = self->version;
    pthread_mutex_unlock (&self->lock);
    return version;
}

size_t bus_endpoints (bus_t *self, const char *service, char endpoints[BUS_REPLICAS][BUS_ENDPOINT],
                      uint64_t *version)
{
    pthread_mutex_lock (&self->lock);
    *version = self->version;
    const place_t *place = find (self, service);
    size_t count = place ? place->count : !self->apart;
    if (!place && !self->apart)
        bus_inproc (self, service, endpoints[0], BUS_ENDPOINT);
    for (size_t i = 0; place && i < count; i++)
        snprintf (endpoints[i], BUS_ENDPOINT, "%s", place->endpoints[i]);
    pthread_mutex_unlock (&self->lock);
    return count;
}

void bus_inproc (const bus_t *self, const char *service, char *endpoint, size_t size)
{
    snprintf (endpoint, size, "inproc://opencicd-%u-%s", self->number, service);
}

fault_t bus_pack (bus_t *self, uint16_t number, const void *message, zframe_t **out)
{
    buffer_t *packed = buffer_new (FRAME_MAX);
    fault_t fault = self->codec->pack (number, message, packed);
    *out = fault == OK ? zframe_new (buffer_text (packed), buffer_size (packed)) : NULL;
    buffer_destroy (&packed);
    return fault;
}

void bus_set_apart (bus_t *self)
{
    self->apart = true;
}

bool bus_is_apart (const bus_t *self)
{
    return self->apart;
}

void bus_protect (bus_t *self, const unsigned char secret[BUS_SECRET])
{
    static const unsigned char purpose[] = "open-cicd bus";
    crypto_generichash (self->curve_secret, BUS_SECRET, purpose, sizeof purpose, secret, BUS_SECRET);
    crypto_scalarmult_base (self->curve_public, self->curve_secret);
    self->protected = true;
}

static void set_pair (const bus_t *self, zsock_t *socket)
{
    zsock_set_curve_publickey_bin (socket, self->curve_public);
    zsock_set_curve_secretkey_bin (socket, self->curve_secret);
}

void bus_protect_client (const bus_t *self, zsock_t *socket)
{
    if (!self->protected)
        return;
    set_pair (self, socket);
    zsock_set_curve_serverkey_bin (socket, self->curve_public);
}

void bus_protect_server (const bus_t *self, zsock_t *socket)
{
    if (!self->protected)
        return;
    set_pair (self, socket);
    zsock_set_curve_server (socket, 1);
}
