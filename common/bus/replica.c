/* replica.c - see replica.h. */

#include "common/bus/replica.h"

#include "common/base/log.h"
#include "common/bus/bus_frame.h"
#include "common/bus/wire.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

// ZeroMQ's I/O thread, which serves every connection of the process, blocks for ever until a monitor's event is taken. So monitoring stops
// before its reader goes away.
void replica_destroy (replica_t **self_p)
{
    zmq_socket_monitor (zsock_resolve ((*self_p)->socket), NULL, 0);
    zsock_destroy (&(*self_p)->socket);
    zsock_destroy (&(*self_p)->monitor);
    free (*self_p);
    *self_p = NULL;
}

// The kernel closes the connections of a killed process, which shows long before its row in the directory expires.
static void monitor (replica_t *self)
{
    static atomic_uint count;
    char name[64];
    snprintf (name, sizeof name, "inproc://opencicd-monitor-%u", atomic_fetch_add (&count, 1));
    if (zmq_socket_monitor (zsock_resolve (self->socket), name,
                            ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED) != 0)
        return;
    self->monitor = zsock_new (ZMQ_PAIR);
    zsock_set_rcvhwm (self->monitor,
                      0); // Two events per connection, taken in every round: see replica_destroy
    if (zsock_connect (self->monitor, "%s", name) == 0)
        self->watch = pollable_of_socket (self->monitor);
    else {
        zmq_socket_monitor (zsock_resolve (self->socket), NULL, 0);
        zsock_destroy (&self->monitor);
    }
}

replica_t *replica_new (const bus_t *bus, const char *service, const char *endpoint)
{
    replica_t *self = calloc (1, sizeof (replica_t));
    if (!self)
        abort ();
    self->silent_us = INT64_MIN / 2; // Never
    snprintf (self->service, sizeof (self->service), "%s", service);
    snprintf (self->endpoint, sizeof (self->endpoint), "%s", endpoint);
    self->socket = zsock_new (ZMQ_DEALER);
    zsock_set_sndhwm (self->socket, BUS_QUEUE);
    zsock_set_rcvhwm (self->socket, 0); // Answers are bounded by the requests
    zsock_set_maxmsgsize (self->socket, FRAME_ON_WIRE);
    zsock_set_linger (self->socket, 0);
    zsock_set_sndtimeo (self->socket, 0);
    zsock_set_tcp_keepalive (self->socket, 1);
    zsock_set_tcp_keepalive_idle (self->socket, 30);
    bus_protect_client (bus, self->socket);
    monitor (self);
    self->up = !self->monitor; // Without a monitor nothing would say so
    if (zsock_connect (self->socket, "%s", endpoint) == 0) {
        self->pollable = pollable_of_socket (self->socket);
        return self;
    }
    log_warn ("a replica cannot be reached", "service", service, "endpoint", endpoint, NULL);
    replica_destroy (&self);
    return NULL;
}

bool replica_was_silent (const replica_t *self, int64_t now)
{
    return self->silent_us + MILLISECONDS (BUS_ALONE_MS) > now;
}

void replica_mark_silent (replica_t *self, int64_t now)
{
    if (!replica_was_silent (self, now)) // Count a silence once, not for each request
        log_info ("a replica is silent", "service", self->service, "endpoint", self->endpoint, NULL);
    self->silent_us = now;
    self->mute = true;
}

void replica_heard (replica_t *self, int64_t now)
{
    self->mute = false;
    self->heard_us = now;
    self->probed_us = 0;
}

static void probe (replica_t *self, int64_t now)
{
    char packed[WIRE_MAX];
    wire_t wire = {.number = WIRE_PROBE, .left_us = MILLISECONDS (BUS_DEADLINE_MS), .text = ""};
    zframe_t *header = zframe_new (packed, wire_pack (&wire, packed)), *body = zframe_new (NULL, 0);
    self->pollable.used = true;
    // A queue that is full is not emptied by anybody either
    if (zframe_send (&header, self->socket, ZFRAME_MORE | ZFRAME_DONTWAIT) == 0)
        (void) !zframe_send (&body, self->socket, ZFRAME_DONTWAIT);
    zframe_destroy (&header);
    zframe_destroy (&body);
    self->probed_us = now;
}

bool replica_fails_probe (replica_t *self, int64_t now, int64_t for_us)
{
    if (self->heard_us + for_us > now)
        return false;
    if (self->probed_us == 0)
        probe (self, now);
    return self->probed_us + for_us <= now;
}
