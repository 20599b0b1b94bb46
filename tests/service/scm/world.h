/* world.h - a scm service with a repository `repository` in a folder of its own, and servers that repositories are fetched from. */

#ifndef OPENCICD_TEST_SCM_WORLD_H
#define OPENCICD_TEST_SCM_WORLD_H

#include "common/os/process.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/scm/scm.h"
#include "tests/unit/test.h"

typedef struct {
    char folder[256]; // Has `repository` and `mirrors`
    bus_t *bus;
    scm_t *scm;
    actor_t *actor;
    bus_client_t *client;
    arena_t *arena;
    turn_t turn;
    scm_tree_t tree; // Of the last fetch()
    process_t *daemon;
    uint16_t daemon_port;
} world_t;

world_t *world_new (
    const scm_options_t *
        options); // Without folders; NULL for none. In sources FOLDER is its folder, SERVED what served() says
void world_destroy (world_t **self_p);

const char *shell (world_t *world, const char *script); // Its first line; a script that fails fails the test
fault_t fetch (world_t *world, const scm_fetch_t *ask);
// With words that must be part of the fault's detail.
void fetch_fails (world_t *world, const scm_fetch_t *ask, fault_t fault, const char *part);
const char *address (world_t *world, const char *scheme); // Of the repository, as a folder
// The same over git's own protocol, from a server that is started with the first one. As `localhost`.
const char *served (world_t *world, const char *name);
bool file_exists (world_t *world, const char *name);
int listen_anywhere (uint16_t *port); // Never answers

// A fetch in a thread of its own.
typedef struct {
    world_t *world;
    const char *url;
    int64_t for_us;
    fault_t fault;
    char detail[256];
    unsigned long thread;
} asking_t;
void ask_in_a_thread (asking_t *self);
void asked (asking_t *self); // Waits for its end

#endif
