/* door.h - where a container's first process meets the agent: a folder that becomes the container's /__i, with the program and a socket.
 *
 * The agent listens and the container connects: so nothing of the agent's ever follows a path that a job could have changed. The first that
 * comes is the program itself, as nothing else of the container has started; then the socket is closed. */

#ifndef OPENCICD_AGENT_ENGINE_CONTAINER_DOOR_H
#define OPENCICD_AGENT_ENGINE_CONTAINER_DOOR_H

#include "common/base/turn.h"
#include "common/os/give.h"
#include "common/os/sandbox_link.h"

#define DOOR_PATH    "/__i" // In the container
#define DOOR_PROGRAM DOOR_PATH "/opencicd-inside"
#define DOOR_SOCKET  DOOR_PATH "/socket"

typedef struct {
    const char *folder; // On this machine
    int listener;       // -1: none
} door_t;

// `parent` is made where it is missing; `program` is opencicd-inside. The detail names what cannot be made.
MUST_USE fault_t door_open (door_t *self, turn_t *turn, const char *parent, const char *program,
                            unsigned number);
// Waits for the container, or until `stop` becomes readable. UNAVAILABLE. *user is who its first process is on this machine.
MUST_USE fault_t door_wait (const door_t *self, turn_t *turn, int stop, int ms, sandbox_link_t **out,
                            give_t *user);
void door_close (door_t *self); // The folder goes, too

#endif
