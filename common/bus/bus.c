/* bus.c - what one process knows of services: the codec, the clock, and where their replicas are. */

#include "common/bus/bus.h"

#include "common/bus/bus_directory.h"
#include "common/bus/bus_frame.h"
#include "common/bus/mailbox.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SERVICES 32 // More than there are: names come from our own tables

typedef struct {
    char *service;
    char *endpoints[BUS_REPLICAS];
    size_t count;
    bool reported; // Even if there is none
} entry_t;

// A service of this process.
typedef struct {
    char *service;
    mailbox_t *mailbox;
} local_t;

struct bus {
    const codec_t *codec;
    wall_clock_t *clock;
    uint64_t origin; // Random: the prefix of the keys of all requests of this bus
    _Atomic uint64_t requests;
    bool protected, apart;
    uint64_t host;
    unsigned char curve_secret[BUS_SECRET], curve_public[BUS_SECRET];
    pthread_mutex_t lock; // Of what follows
    entry_t entries[MAX_SERVICES];
    size_t count;
    uint64_t version; // Grows with every change
    local_t locals[MAX_SERVICES];
    size_t local_count;
};

// Processes that read the same id share a monotonic clock. If it cannot be read, none is assumed to.
static uint64_t machine (void)
{
    char id[64] = "";
    uint64_t hash;
    FILE *file = fopen ("/proc/sys/kernel/random/boot_id", "re");
    size_t size = file ? fread (id, 1, sizeof id, file) : 0;
    if (file)
        fclose (file);
    unsigned char sum[crypto_generichash_BYTES_MIN];
    crypto_generichash (sum, sizeof sum, (const unsigned char *) id, size, NULL, 0);
    memcpy (&hash, sum, sizeof hash);
    if (size == 0)
        randombytes_buf (&hash, sizeof hash);
    return hash;
}

bus_t *bus_new (const codec_t *codec, wall_clock_t *clock)
{
    bus_t *self = calloc (1, sizeof (bus_t));
    if (!self)
        abort ();
    self->codec = codec;
    self->clock = clock;
    randombytes_buf (&self->origin, sizeof self->origin);
    self->host = clock_is_by_hand (clock) ? (uintptr_t) clock : machine ();
    self->version = 1;
    pthread_mutex_init (&self->lock, NULL);
    return self;
}

static void forget_endpoints (entry_t *entry)
{
    while (entry->count > 0)
        free (entry->endpoints[--entry->count]);
}

void bus_destroy (bus_t **self_p)
{
    bus_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++) {
        forget_endpoints (&self->entries[i]);
        free (self->entries[i].service);
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

static entry_t *find (bus_t *self, const char *service)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->entries[i].service, service) == 0)
            return &self->entries[i];
    return NULL;
}

static bool is_same (const entry_t *entry, const char *const *endpoints, size_t count)
{
    bool same = entry->reported && entry->count == count;
    for (size_t i = 0; i < count && same; i++)
        same = strcmp (entry->endpoints[i], endpoints[i]) == 0;
    return same;
}

void bus_set_endpoints (bus_t *self, const char *service, const char *const *endpoints, size_t count)
{
    pthread_mutex_lock (&self->lock);
    entry_t *entry = find (self, service);
    if (!entry && self->count < MAX_SERVICES) {
        entry = &self->entries[self->count++];
        entry->service = strdup (service);
    }
    if (entry && !is_same (entry, endpoints, count)) { // Readers only look again after a change
        forget_endpoints (entry);
        for (size_t i = 0; i < count && i < BUS_REPLICAS; i++)
            entry->endpoints[entry->count++] = strdup (endpoints[i]);
        entry->reported = true;
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
    const entry_t *entry = find (self, service);
    size_t count = entry ? entry->count : 0;
    for (size_t i = 0; i < count; i++)
        snprintf (endpoints[i], BUS_ENDPOINT, "%s", entry->endpoints[i]);
    pthread_mutex_unlock (&self->lock);
    return count;
}

static local_t *find_local (bus_t *self, const char *service)
{
    for (size_t i = 0; i < self->local_count; i++)
        if (strcmp (self->locals[i].service, service) == 0)
            return &self->locals[i];
    return NULL;
}

bool bus_join (bus_t *self, const char *service, mailbox_t *mailbox)
{
    pthread_mutex_lock (&self->lock);
    bool has_room = !find_local (self, service) && self->local_count < MAX_SERVICES;
    if (has_room)
        self->locals[self->local_count++] =
            (local_t){strdup (service), (mailbox_t *) receiver_hold (&mailbox->receiver)};
    pthread_mutex_unlock (&self->lock);
    return has_room;
}

void bus_leave (bus_t *self, const char *service)
{
    pthread_mutex_lock (&self->lock);
    local_t *local = find_local (self, service);
    if (local) {
        free (local->service);
        receiver_t *receiver = &local->mailbox->receiver;
        receiver_release (&receiver);
        *local = self->locals[--self->local_count];
    }
    pthread_mutex_unlock (&self->lock);
}

mailbox_t *bus_local (bus_t *self, const char *service)
{
    pthread_mutex_lock (&self->lock);
    const local_t *local = self->apart || find (self, service) ? NULL : find_local (self, service);
    mailbox_t *mailbox = local ? (mailbox_t *) receiver_hold (&local->mailbox->receiver) : NULL;
    pthread_mutex_unlock (&self->lock);
    return mailbox;
}

void bus_key (bus_t *self, char key[BUS_KEY])
{
    snprintf (key, BUS_KEY, "%" PRIx64 "-%" PRIx64, self->origin, atomic_fetch_add (&self->requests, 1));
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

uint64_t bus_host (const bus_t *self)
{
    return self->host;
}

bool bus_may_come (bus_t *self, const char *service)
{
    pthread_mutex_lock (&self->lock);
    bool may_come = self->apart || !find (self, service);
    pthread_mutex_unlock (&self->lock);
    return may_come;
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
