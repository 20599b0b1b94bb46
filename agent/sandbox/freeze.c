/* freeze.c - see freeze.h. */

#include "agent/sandbox/freeze.h"

#include "common/os/process_gate.h"
#include "common/os/process_tree.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define AGAIN_MS 100 // While it is shut: a process may have told another to go on
#define SOON_MS  5   // While there are such as may not have stopped yet

static void pause_until_open (const process_gate_t *gate)
{
    process_tree_pause_t pause = {.begun = false};
    process_tree_note (getpid (), &pause);
    while (process_gate_looks_shut (gate)) {
        bool quiet = process_tree_pause (getpid (), &pause);
        poll (NULL, 0, quiet ? AGAIN_MS : SOON_MS);
    }
    process_tree_resume (getpid (), &pause);
}

static void *watch (void *gate)
{
    for (;;) {
        process_gate_wait (gate, false);
        if (process_gate_looks_shut (gate))
            pause_until_open (gate);
    }
    return NULL;
}

void freeze_at (int page)
{
    static process_gate_t *gate; // The thread's, until the process ends
    pthread_t thread;
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "", 0);
    if (!gate && page >= 0 && process_gate_map (&gate, &turn, page) == OK &&
        pthread_create (&thread, NULL, watch, gate) == 0)
        pthread_detach (thread);
    arena_destroy (&arena);
}
