/* local_agents.h - the agents that `opencicd up` starts: child processes, restarted when they end.
 *
 * An agent holds a lock in its work folder. One that outlived a server that was killed still has its lock and its job: it is left
 * alone, and replaced only when it ends. */

#ifndef OPENCICD_CLI_UP_LOCAL_AGENTS_H
#define OPENCICD_CLI_UP_LOCAL_AGENTS_H

#include "common/base/turn.h"
#include "common/settings/settings.h"

typedef struct local_agents local_agents_t;

#define LOCAL_AGENTS_LABELS "self-hosted,ubuntu-latest" // In addition to its system and processor
#define LOCAL_AGENTS_ARGS   24

typedef struct {
    const char *labels;
    const char *const
        *args; // More of its command line, at most LOCAL_AGENTS_ARGS, ends with NULL; NULL: none
    const char *const *environment; // Ends with NULL; NULL: ours
} local_agents_spec_t;

unsigned local_agents_isolation (const char *name); // The setting of that name; NULL: off

// Starts settings->agents of them, below data_dir/agents. NOT_FOUND where there is no agent program beside this one. Borrows the spec's
// texts.
MUST_USE fault_t local_agents_new (local_agents_t **out, turn_t *turn, const settings_t *settings,
                                   const char *url, const local_agents_spec_t *spec);
// Asks them to stop (SIGTERM), also those of an earlier server; kills its children after settings->shutdown_seconds.
void local_agents_destroy (local_agents_t **self_p);
// Lets them ask the server now what they are to do, also those that it cannot call.
void local_agents_nudge (local_agents_t *self);

#endif
