/* client_world.h - an HTTP client, and a peer that answers it by the path. */

#ifndef OPENCICD_TEST_CLIENT_WORLD_H
#define OPENCICD_TEST_CLIENT_WORLD_H

#include "common/http/http_client.h"
#include "tests/http/peer.h"

#include <stdatomic.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    peer_t *peer;
    http_client_t *client;
    const char *other;  // Where /go leads
    atomic_uint served; // Requests
    atomic_uint held;   // That are
    atomic_bool dies;   // The next request is not answered, and its connection ends
    atomic_bool told;   // The last request had an Authorization
} client_world_t;

// Paths: /echo, /hold (never), /byte (the first of 100), /go (to `other`), /large (100,000 bytes), /large-refusal.
client_world_t *client_world_new (void);
client_world_t *client_world_with (const http_client_options_t *options, const peer_options_t *how);
void client_world_destroy (client_world_t **self_p);
const char *client_world_url (client_world_t *self, const char *path);
http_answer_t client_world_send (client_world_t *self, const http_request_t *request);
http_answer_t client_world_get (client_world_t *self, const char *path);
// Fails with this fault and these words in its detail.
void client_world_fails (client_world_t *self, const http_request_t *request, fault_t fault,
                         const char *part);
void client_world_wait_held (client_world_t *self, unsigned count); // Until the peer holds so many

#endif
