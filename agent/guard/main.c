/* main.c - opencicd-guard AGENT TRACKING: runs beside an agent, and makes sure that no job acts once its lease is over.
 *
 * A process of its own, because an agent that is frozen or killed can do nothing itself. It has the terms on its standard input, and the
 * gate that it shares with the agent on its standard output; the end of the first is the end of the agent, and then whatever is left of its job is killed. It leaves the agent's process group and is not its child,
 * so that it outlives it. It carries the agent's tracking id as the job's processes do: an agent that starts again in that folder ends
 * a guard that is still there, as it ends the rest. */

#include "agent/engine/process/orphans.h"
#include "agent/guard/terms.h"
#include "common/base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static fault_t map_gate (process_gate_t **out)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    fault_t fault = process_gate_map (out, &turn, STDOUT_FILENO);
    arena_destroy (&arena);
    return fault;
}

int main (int argc, char **argv)
{
    process_gate_t *gate = NULL;
    if (argc != 3 || fcntl (STDIN_FILENO, F_SETFL, O_NONBLOCK) != 0 || map_gate (&gate) != OK ||
        daemon (0, 1) != 0)
        return 2;
    log_setup (LEVEL_INFO, false);
    log_name_thread ("guard");
    if (guard_watch (STDIN_FILENO, (pid_t) strtol (argv[1], NULL, 10), gate)) {
        size_t killed = orphans_kill (argv[2]);
        log_warn (killed ? "the agent is gone: its job's processes were killed" : "the agent is gone", NULL);
    }
    return 0;
}
