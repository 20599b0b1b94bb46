/* behind.c - see behind.h. */

#include "tests/service/gateway/behind.h"
#include "tests/unit/folder.h"

void behind_end (const behind_t *self)
{
    gateway_destroy (self->gateway);
    bus_client_destroy (self->client);
    actor_destroy (self->actor);
    identity_destroy (self->identity);
    db_close (self->db);
    bus_destroy (self->bus);
    arena_destroy (self->arena);
    test_folder_remove (self->folder);
}
