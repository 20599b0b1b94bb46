/* orphans.h - finds processes of a job whose agent was killed, by a variable in their environment.
 *
 * Every process of a job has RUNNER_TRACKING_ID in its environment, which names the agent's work folder. An agent that was killed
 * could not end them; the next one in that folder does, before it touches anything. A process that changed its own environment is
 * not found. */

#ifndef OPENCICD_AGENT_ENGINE_PROCESS_ORPHANS_H
#define OPENCICD_AGENT_ENGINE_PROCESS_ORPHANS_H

#include "common/base/arena.h"

#define HOOK_VARIABLE \
    "OPENCICD_HOOK_OF" // What the agent's own scripts around a job have beside it, with the same value

const char *tracking_id (arena_t *arena, const char *work_dir); // The value of RUNNER_TRACKING_ID
size_t
orphans_kill (const char *tracking); // SIGKILL to all of them except this process; returns their number
size_t orphans_kill_of_hooks (const char *tracking); // ... to those of scripts around a job

#endif
